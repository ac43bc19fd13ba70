// The books: what was counted while it happened beside what the rows say.
#include "parts.hpp"

namespace truc::store {

namespace {

std::uint64_t number(const statement& q, int column) { return static_cast<std::uint64_t>(q.integer(column)); }

std::uint64_t counted(connection& db, tally t) {
    auto q = db.prepare("SELECT value FROM tally WHERE name = ?");
    q.bind(std::string_view(tally_names[static_cast<std::size_t>(t)]));
    return q.step() ? number(q, 0) : 0;
}

/// The count that deliveries in this state belong to. `open` is for those that have no end.
template <class Books>
std::uint64_t& place_of(Books& b, delivery_state state, std::uint64_t& open) {
    switch (state) {
    case delivery_state::handed_over:
        return b.handed_over;
    case delivery_state::rejected:
        return b.rejected;
    case delivery_state::recalled:
        return b.recalled;
    case delivery_state::expired:
        return b.expired;
    case delivery_state::undeliverable:
        return b.undeliverable;
    case delivery_state::queued:
    case delivery_state::relayed:
    case delivery_state::consigned:
        break;
    }
    return open;
}

} // namespace

books store::read_books() const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    books b;
    b.from_agencies = counted(*db, tally::taken_in);
    b.from_neighbours = counted(*db, tally::from_neighbours);
    b.resent = counted(*db, tally::resent);
    b.counted_handed_over = counted(*db, tally::handed_over);
    b.counted_rejected = counted(*db, tally::rejected);
    b.refused_at_door = counted(*db, tally::refused);
    auto rows = db->prepare("SELECT passed_to <> '', state, count(*) FROM delivery GROUP BY 1, 2");
    while (rows.step()) {
        const bool passed_on = rows.integer(0) != 0;
        (passed_on ? b.passed_on : place_of(b, rows.enumeration<delivery_state>(1), b.in_custody)) += number(rows, 2);
    }
    return b;
}

origin_books store::read_origin_books() const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    origin_books b;
    b.accepted = counted(*db, tally::taken_in) + counted(*db, tally::resent);
    auto rows = db->prepare("SELECT v.state, count(*) FROM delivery v JOIN dispatch d ON d.seq = v.dispatch"
                            " WHERE d.receipt IS NULL GROUP BY v.state");
    while (rows.step()) place_of(b, rows.enumeration<delivery_state>(0), b.open) += number(rows, 1);
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
