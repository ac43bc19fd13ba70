// Reading what waits, what is late, what goes to a neighbour, and what is known of neighbours.
#include "foreign_receipts.hpp"
#include "parts.hpp"

namespace truc::store {

namespace {

constexpr std::string_view leg_of_dispatch =
    "SELECT d.id, d.kind, d.sender, d.document_id, d.priority, d.extra, c.sha256, c.size, d.receipt, d.accepted_leaf,"
    " e.xml, d.traceparent FROM dispatch d JOIN content c ON c.id = d.content"
    " LEFT JOIN event e ON e.leaf = d.accepted_leaf WHERE d.seq = ?";

/// Of a delivery that was sent again: its origin's Resend, which is another node's or this one's.
std::string resend_of(connection& db, std::int64_t dispatch, std::int64_t delivery, std::int64_t vouched_by) {
    if (vouched_by != 0) return load_receipt(db, vouched_by);
    auto q = db.prepare("SELECT leaf, xml FROM event WHERE dispatch = ? AND delivery = ? AND name = ?");
    q.bind(dispatch).bind(delivery).bind(event_name::resend);
    if (!q.step()) throw sqlite_error(SQLITE_CORRUPT, "a delivery that was sent again has no event");
    auto own = stored_receipt(db, static_cast<std::uint64_t>(q.integer(0)), q.text(1));
    if (!own) throw sqlite_error(SQLITE_CORRUPT, "an event has no tree head");
    return std::move(*own);
}

std::string own_receipt(connection& db, std::int64_t leaf) {
    auto q = db.prepare("SELECT xml FROM event WHERE leaf = ?");
    if (!q.bind(leaf).step()) throw sqlite_error(SQLITE_CORRUPT, "an event is missing");
    auto own = stored_receipt(db, static_cast<std::uint64_t>(leaf), q.text(0));
    if (!own) throw sqlite_error(SQLITE_CORRUPT, "an event has no tree head");
    return std::move(*own);
}

/// What vouches for a delivery where the acceptance of its dispatch does not.
struct voucher {
    bool resent = false; ///< a Resend, which vouches for no other delivery
    std::int64_t evidence = 0, leaf = 0;

    bool fits(const voucher& other) const {
        return !resent && !other.resent && evidence == other.evidence && leaf == other.leaf;
    }
    /// Empty: the acceptance of the dispatch it is.
    std::string load(connection& db, std::int64_t dispatch, std::int64_t delivery) const {
        if (resent) return resend_of(db, dispatch, delivery, evidence);
        if (evidence != 0) return load_receipt(db, evidence);
        return leaf != 0 ? own_receipt(db, leaf) : std::string();
    }
};
voucher voucher_in(const statement& q, int first_column) {
    const auto number = [&](int column) { return q.is_null(column) ? 0 : q.integer(column); };
    return {q.integer(first_column) > 0, number(first_column + 1), number(first_column + 2)};
}

/// The origin's acceptance: another node's receipt, or this one's.
std::string acceptance_of(connection& db, const statement& dispatch) {
    if (!dispatch.is_null(8)) return load_receipt(db, dispatch.integer(8));
    auto own = stored_receipt(db, static_cast<std::uint64_t>(dispatch.integer(9)), dispatch.text(10));
    if (!own) throw sqlite_error(SQLITE_CORRUPT, "an event has no tree head");
    return std::move(*own);
}

void read_header(connection& db, std::int64_t dispatch, outgoing_leg& leg) {
    auto q = db.prepare(leg_of_dispatch);
    q.bind(dispatch);
    if (!q.step()) throw sqlite_error(SQLITE_CORRUPT, "a delivery lost its dispatch");
    leg.header.dispatch_id = q.id(0);
    leg.kind = q.enumeration<dispatch_kind>(1);
    leg.sender = q.text(2);
    leg.document_id = q.text(3);
    leg.header.priority = q.enumeration<priority>(4);
    leg.header.extra = q.text(5);
    leg.header.traceparent = q.text(11);
    leg.sha256 = q.digest(6);
    leg.size = static_cast<std::uint64_t>(q.integer(7));
    leg.receipt = acceptance_of(db, q);
}

} // namespace

std::optional<outgoing_leg> store::load_leg(const std::vector<std::int64_t>& rows, delivery_state state) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    std::optional<outgoing_leg> leg;
    std::int64_t dispatch = 0;
    std::string hops;
    voucher vouched;
    std::string receipt;
    for (const auto seq : rows) {
        auto q = db->prepare("SELECT dispatch, hops, id, recipient, deadline, resend, vouched_by,"
                             " accepted_leaf FROM delivery WHERE seq = ? AND state = ? AND held IN (0, 3)");
        q.bind(seq).bind(state);
        if (!q.step()) continue;
        if (!leg) {
            leg.emplace();
            dispatch = q.integer(0);
            hops = q.text(1);
            vouched = voucher_in(q, 5);
            receipt = vouched.load(*db, dispatch, seq);
        } else if (q.integer(0) != dispatch || q.text(1) != hops || !vouched.fits(voucher_in(q, 5))) {
            continue;
        }
        leg->rows.push_back(seq);
        leg->header.deliveries.push_back({q.id(2), std::string(q.text(3)), from_millis(q.integer(4))});
    }
    if (!leg) return std::nullopt;
    leg->header.hops = split_words(hops);
    read_header(*db, dispatch, *leg);
    if (!receipt.empty()) leg->receipt = std::move(receipt);
    return leg;
}

std::vector<dated_delivery> store::read_overdue(delivery_state state, timestamp now, std::size_t max,
                                                std::int64_t after_seq) const {
    auto db = parts_->pool.take();
    auto q = db->prepare("SELECT seq, dispatch, id, recipient, state, deadline, passed_to, lane, offered_to, held"
                         " FROM delivery"
                         " WHERE state = ?1 AND state < 3 AND deadline <= ?2"
                         " AND (deadline, seq) > (coalesce((SELECT deadline FROM delivery WHERE seq = ?3), ?5), ?3)"
                         " ORDER BY deadline, seq LIMIT ?4");
    q.bind(state).bind(to_millis(now)).bind(after_seq).bind(static_cast<std::int64_t>(max)).bind(INT64_MIN);
    std::vector<dated_delivery> rows;
    while (q.step())
        rows.push_back({q.integer(0), q.integer(1), q.id(2), std::string(q.text(3)), q.enumeration<delivery_state>(4),
                        from_millis(q.integer(5)), std::string(q.text(6)), std::string(q.text(7)),
                        std::string(q.text(8)), q.enumeration<held_kind>(9)});
    return rows;
}

std::vector<std::string> store::recipients_in(delivery_state state) const {
    auto db = parts_->pool.take();
    // Along the index of what is open, which is short beside all there ever was.
    auto q = db->prepare("SELECT DISTINCT +recipient FROM delivery WHERE state = ? AND state < 3 ORDER BY 1");
    q.bind(state);
    std::vector<std::string> recipients;
    while (q.step()) recipients.emplace_back(q.text(0));
    return recipients;
}

std::optional<passed_delivery> store::find_passed(const uuid& delivery) const {
    auto db = parts_->pool.take();
    auto q =
        db->prepare("SELECT d.id, v.recipient, c.sha256, v.passed_to, v.state, v.offered_to, v.hops FROM delivery v"
                    " JOIN dispatch d ON d.seq = v.dispatch JOIN content c ON c.id = d.content WHERE v.id = ?");
    q.bind(delivery);
    if (!q.step()) return std::nullopt;
    return passed_delivery{q.id(0),
                           std::string(q.text(1)),
                           q.digest(2),
                           std::string(q.text(3)),
                           q.enumeration<delivery_state>(4),
                           std::string(q.text(5)),
                           split_words(q.text(6))};
}

std::uint64_t store::cursor_of(std::string_view neighbour, std::string_view log) const {
    auto db = parts_->pool.take();
    auto q = db->prepare("SELECT next FROM neighbour_cursor WHERE neighbour = ? AND log = ?");
    q.bind(neighbour).bind(log);
    return q.step() ? static_cast<std::uint64_t>(q.integer(0)) : 0;
}

std::vector<section_version> store::section_versions() const {
    auto db = parts_->pool.take();
    auto q = db->prepare("SELECT node, version, counts FROM section ORDER BY seq");
    std::vector<section_version> all;
    while (q.step())
        all.push_back({std::string(q.text(0)), static_cast<std::uint64_t>(q.integer(1)), q.integer(2) != 0});
    return all;
}

std::optional<std::string> store::read_section(std::string_view node, std::uint64_t version) const {
    auto db = parts_->pool.take();
    auto q = db->prepare("SELECT text FROM section WHERE node = ? AND version = ?");
    q.bind(node).bind(static_cast<std::int64_t>(version));
    if (!q.step()) return std::nullopt;
    return std::string(q.text(0));
}

} // namespace truc::store
