// Reading the ledger: heads, proofs, the check of the whole.
#include "parts.hpp"

#include <fmt/format.h>

namespace truc::store {

namespace {

/// Of all logs together.
std::uint64_t signed_rows(connection& db) {
    auto q = db.prepare("SELECT max(size) FROM head");
    q.step();
    return static_cast<std::uint64_t>(q.integer(0));
}

std::uint64_t log_size(connection& db) { return signed_rows(db) - current_log(db).first; }

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
    return ledger::inclusion_path(leaf, size, stored_subtrees(*db, current_log(*db).first));
}

std::optional<std::vector<sha256_digest>> store::consistency(std::uint64_t from, std::uint64_t to) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    if (from == 0 || from > to || to > log_size(*db)) return std::nullopt;
    return ledger::consistency_path(from, to, stored_subtrees(*db, current_log(*db).first));
}

namespace {

/// Goes through the events of all logs in their order, and computes each log anew.
class ledger_check {
  public:
    ledger_check(connection& db, const trust::certificate_store& exchange)
        : db_(db),
          exchange_(exchange),
          heads_(db.prepare("SELECT size, xml FROM head ORDER BY size")),
          more_heads_(heads_.step()) {}

    result<std::uint64_t> run() {
        auto q = db_.prepare("SELECT leaf, xml FROM event ORDER BY leaf");
        for (; q.step(); ++row_) {
            if (auto good = take(static_cast<std::uint64_t>(q.integer(0)), q.text(1)); !good) return fail(good.error());
        }
        if (more_heads_ || row_ != signed_rows(db_))
            return fail(errc::corrupt, log_.id.str() + ": events are missing at the end");
        return computed_.size();
    }

  private:
    result<void> take(std::uint64_t row, std::string_view xml) {
        if (row_ == next_log_) begin_log();
        bool fits = row == row_;
        computed_.append(ledger::leaf_hash(xml), [&](unsigned level, std::uint64_t index, const sha256_digest& hash) {
            fits = fits && stored_(level, index) == hash;
        });
        if (!fits) return fail(errc::corrupt, log_.event_id(row_));
        if (!more_heads_ || row_ + 1 < static_cast<std::uint64_t>(heads_.integer(0))) return {};
        return check_head();
    }

    void begin_log() {
        log_ = log_of(db_, row_);
        stored_ = stored_subtrees(db_, log_.first);
        computed_ = {};
        auto next = db_.prepare("SELECT min(size) FROM former_log WHERE size > ?");
        next.bind(static_cast<std::int64_t>(row_)).step();
        next_log_ = next.is_null(0) ? UINT64_MAX : static_cast<std::uint64_t>(next.integer(0));
    }

    /// The next signed head must say what was computed from the events.
    result<void> check_head() {
        const auto head = ledger::verify_head(heads_.text(1), exchange_);
        const bool same =
            head && head->log == log_.id && head->size == computed_.size() && head->root == computed_.root();
        if (!same)
            return fail(errc::corrupt, fmt::format("the head of {} at size {}", log_.id.str(), computed_.size()));
        more_heads_ = heads_.step();
        return {};
    }

    connection& db_;
    const trust::certificate_store& exchange_;
    statement heads_;
    bool more_heads_;
    own_log log_ = log_of(db_, 0);
    std::uint64_t next_log_ = 0; ///< its first row
    ledger::subtree_reader stored_;
    ledger::frontier computed_;
    std::uint64_t row_ = 0;
};

} // namespace

result<std::uint64_t> store::check_ledger(const trust::certificate_store& exchange) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    return ledger_check(*db, exchange).run();
}

} // namespace truc::store
