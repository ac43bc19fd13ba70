// Reading the ledger: heads, proofs, the check of the whole.
#include "parts.hpp"

#include <fmt/format.h>

namespace truc::store {

namespace {

std::uint64_t log_size(connection& db) {
    auto q = db.prepare("SELECT max(size) FROM head");
    q.step();
    return static_cast<std::uint64_t>(q.integer(0));
}

} // namespace

std::string store::head_xml() const {
    auto db = parts_->pool.take();
    auto q = db->prepare("SELECT xml FROM head ORDER BY size DESC LIMIT 1");
    return q.step() ? std::string(q.text(0)) : std::string();
}

std::uint64_t store::ledger_size() const {
    auto db = parts_->pool.take();
    return log_size(*db);
}

std::optional<std::vector<sha256_digest>> store::inclusion(std::uint64_t leaf, std::uint64_t size) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    if (leaf >= size || size > log_size(*db)) return std::nullopt;
    return ledger::inclusion_path(leaf, size, stored_subtrees(*db));
}

std::optional<std::vector<sha256_digest>> store::consistency(std::uint64_t from, std::uint64_t to) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    if (from == 0 || from > to || to > log_size(*db)) return std::nullopt;
    return ledger::consistency_path(from, to, stored_subtrees(*db));
}

namespace {

/// The next signed head, which must say what was computed from the events.
result<void> check_head(const ledger::log_id& log, std::string_view xml, const ledger::frontier& computed,
                        const trust::certificate_store& exchange) {
    const auto head = ledger::verify_head(xml, exchange);
    const bool same = head && head->log == log && head->size == computed.size() && head->root == computed.root();
    if (!same) return fail(errc::corrupt, fmt::format("the head of {} at size {}", log.str(), computed.size()));
    return {};
}

} // namespace

result<std::uint64_t> store::check_ledger(const trust::certificate_store& exchange) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    const auto stored = stored_subtrees(*db);
    ledger::frontier computed;
    auto heads = db->prepare("SELECT size, xml FROM head ORDER BY size");
    bool more_heads = heads.step();
    auto q = db->prepare("SELECT leaf, xml FROM event ORDER BY leaf");
    while (q.step()) {
        const auto leaf = static_cast<std::uint64_t>(q.integer(0));
        bool fits = leaf == computed.size();
        computed.append(ledger::leaf_hash(q.text(1)),
                        [&](unsigned level, std::uint64_t index, const sha256_digest& hash) {
                            fits = fits && stored(level, index) == hash;
                        });
        if (!fits) return fail(errc::corrupt, log().str() + "." + std::to_string(computed.size() - 1));
        if (!more_heads || computed.size() < static_cast<std::uint64_t>(heads.integer(0))) continue;
        if (auto good = check_head(log(), heads.text(1), computed, exchange); !good) return fail(good.error());
        more_heads = heads.step();
    }
    if (more_heads || computed.size() != log_size(*db))
        return fail(errc::corrupt, log().str() + ": events are missing at the end");
    return computed.size();
}

} // namespace truc::store
