// Reading the ledger: traces, receipts, feeds, proofs; and the books.
#include "parts.hpp"

#include <fmt/format.h>

namespace truc::store {

namespace {

receipt_row make_receipt(connection& db, const ledger::log_id& log, std::uint64_t leaf, event_name name,
                         std::string_view event_xml) {
    auto xml = stored_receipt(db, leaf, event_xml);
    if (!xml) throw sqlite_error(SQLITE_CORRUPT, "an event has no tree head");
    return {leaf, log.str() + "." + std::to_string(leaf), name, std::move(*xml), std::nullopt};
}

std::uint64_t log_size(connection& db) {
    auto q = db.prepare("SELECT max(size) FROM head");
    q.step();
    return static_cast<std::uint64_t>(q.integer(0));
}

} // namespace

std::vector<trace_row> store::trace(const uuid& dispatch) const {
    auto db = parts_->pool.take();
    auto q = db->prepare(
        "SELECT leaf, xml FROM event WHERE dispatch = (SELECT seq FROM dispatch WHERE id = ?) ORDER BY leaf");
    q.bind(dispatch);
    std::vector<trace_row> rows;
    while (q.step()) rows.push_back({static_cast<std::uint64_t>(q.integer(0)), std::string(q.text(1))});
    return rows;
}

std::vector<receipt_row> store::receipts_of(const uuid& dispatch) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    auto q = db->prepare("SELECT e.leaf, e.name, e.xml, v.id FROM event e LEFT JOIN delivery v ON v.seq = e.delivery"
                         " WHERE e.dispatch = (SELECT seq FROM dispatch WHERE id = ?) ORDER BY e.leaf");
    q.bind(dispatch);
    std::vector<receipt_row> rows;
    while (q.step()) {
        rows.push_back(make_receipt(*db, log(), static_cast<std::uint64_t>(q.integer(0)), q.enumeration<event_name>(1),
                                    q.text(2)));
        if (!q.is_null(3)) rows.back().delivery_id = q.id(3);
    }
    return rows;
}

std::vector<receipt_row> store::read_feed(const std::vector<std::string>& reader, std::uint64_t after,
                                          std::size_t max) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    std::map<std::uint64_t, receipt_row> rows;
    for (const auto& code : reader) {
        // Cursors are the next leaf to look at, so that 0 is "from the beginning" and leaf 0 is not left out.
        auto q = db->prepare(
            "SELECT leaf, name, xml FROM event WHERE reader = ? AND reader <> '' AND leaf >= ? ORDER BY leaf LIMIT ?");
        q.bind(std::string_view(code)).bind(static_cast<std::int64_t>(after)).bind(static_cast<std::int64_t>(max));
        while (q.step()) {
            const auto leaf = static_cast<std::uint64_t>(q.integer(0));
            rows.emplace(leaf, make_receipt(*db, log(), leaf, q.enumeration<event_name>(1), q.text(2)));
        }
    }
    std::vector<receipt_row> page;
    for (auto& [leaf, row] : rows)
        if (page.size() < max) page.push_back(std::move(row));
    return page;
}

std::optional<store::owned_receipt> store::find_receipt(std::uint64_t leaf) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    auto q = db->prepare("SELECT e.name, e.xml, e.reader, e.dispatch, e.delivery FROM event e WHERE e.leaf = ?");
    q.bind(static_cast<std::int64_t>(leaf));
    if (!q.step()) return std::nullopt;
    owned_receipt found{
        make_receipt(*db, log(), leaf, q.enumeration<event_name>(0), q.text(1)), std::string(q.text(2)), {}};
    if (!found.reader.empty()) found.parties.push_back(found.reader);
    // A recipient may see the acceptance of what it received and the events of its own delivery.
    auto who = db->prepare("SELECT recipient FROM delivery WHERE dispatch = ?1 AND (?2 IS NULL OR seq = ?2)");
    if (q.is_null(3)) return found;
    who.bind(q.integer(3));
    q.is_null(4) ? who.bind_null() : who.bind(q.integer(4));
    while (who.step()) found.parties.emplace_back(who.text(0));
    return found;
}

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

books store::read_books() const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    books b;
    auto counted = db->prepare("SELECT name, value FROM tally");
    while (counted.step()) {
        const auto value = static_cast<std::uint64_t>(counted.integer(1));
        const auto is = [&](tally t) { return counted.text(0) == tally_names[static_cast<std::size_t>(t)]; };
        if (is(tally::taken_in)) b.from_agencies = value;
        if (is(tally::handed_over)) b.counted_handed_over = value;
        if (is(tally::rejected)) b.counted_rejected = value;
        if (is(tally::refused)) b.refused_at_door = value;
    }
    auto states = db->prepare("SELECT state, count(*) FROM delivery GROUP BY state");
    while (states.step()) {
        const auto n = static_cast<std::uint64_t>(states.integer(1));
        switch (states.enumeration<delivery_state>(0)) {
        case delivery_state::queued:
        case delivery_state::consigned:
            b.in_custody += n;
            break;
        case delivery_state::relayed:
            b.passed_on += n;
            break;
        case delivery_state::handed_over:
            b.handed_over += n;
            break;
        case delivery_state::rejected:
            b.rejected += n;
            break;
        case delivery_state::recalled:
            b.recalled += n;
            break;
        case delivery_state::expired:
            b.expired += n;
            break;
        case delivery_state::undeliverable:
            b.undeliverable += n;
            break;
        }
    }
    return b;
}

std::vector<store::books_line> store::books_by_agency(std::optional<timestamp> day) const {
    const auto first = day ? to_millis(*day) : INT64_MIN;
    const auto last = day ? to_millis(*day + std::chrono::hours(24)) : INT64_MAX;
    auto db = parts_->pool.take();
    const snapshot one(*db);
    auto q = db->prepare(
        "WITH d AS (SELECT seq, sender FROM dispatch WHERE accepted_at >= ?1 AND accepted_at < ?2),"
        " sides AS (SELECT d.sender AS agency, 1 AS sent, v.state FROM d JOIN delivery v ON v.dispatch = d.seq"
        "           UNION ALL SELECT v.recipient, 0, v.state FROM d JOIN delivery v ON v.dispatch = d.seq)"
        " SELECT agency, sum(sent), sum(1 - sent), sum(sent = 0 AND state = 3), sum(sent = 0 AND state = 4), sum(sent "
        "= 0 AND state < 3)"
        " FROM sides GROUP BY agency ORDER BY agency");
    q.bind(first).bind(last);
    std::vector<books_line> lines;
    const auto number = [&q](int column) { return static_cast<std::uint64_t>(q.integer(column)); };
    while (q.step()) lines.push_back({std::string(q.text(0)), number(1), number(2), number(3), number(4), number(5)});
    return lines;
}

} // namespace truc::store
