// Reading deliveries: those of a dispatch, and those that an administrator looks for.
#include "read_deliveries.hpp"

#include "parts.hpp"

namespace truc::store {

namespace {

const std::string columns =
    "v.seq, v.id, v.recipient, v.state, v.deadline, v.consigned_at, v.ended_at, v.reason, v.passed_to, v.hops,"
    " v.attempts, v.last_attempt, v.next_at, first.id, v.held, v.held_by, v.held_reason, v.held_at, before.id";
const std::string joined = " LEFT JOIN delivery first ON first.seq = v.copy_of"
                           " LEFT JOIN delivery before ON before.seq = v.resent_from ";

} // namespace

const std::string delivery_columns = "SELECT " + columns + " FROM delivery v" + joined;

delivery_row read_delivery(const statement& q, int first_column) {
    const auto at = [first_column](int column) { return first_column + column; };
    delivery_row v;
    v.seq = q.integer(at(0));
    v.id = q.id(at(1));
    v.recipient = q.text(at(2));
    v.state = q.enumeration<delivery_state>(at(3));
    v.deadline = from_millis(q.integer(at(4)));
    v.consigned_at = q.moment(at(5));
    v.ended_at = q.moment(at(6));
    v.reason = q.text(at(7));
    v.passed_to = q.text(at(8));
    v.hops = split_words(q.text(at(9)));
    v.attempts = static_cast<std::uint32_t>(q.integer(at(10)));
    v.last_attempt = q.text(at(11));
    v.next_at = q.moment(at(12));
    if (!q.is_null(at(13))) v.copy_of = q.id(at(13));
    v.held = held_in(q, at(14));
    if (!q.is_null(at(18))) v.resent_from = q.id(at(18));
    return v;
}

void read_deliveries(connection& db, dispatch_row& d) {
    auto q = db.prepare(delivery_columns + "WHERE v.dispatch = ? ORDER BY v.seq");
    q.bind(d.seq);
    while (q.step()) d.deliveries.push_back(read_delivery(q));
    if (d.business == business_type::new_document) return;
    auto acts = db.prepare("SELECT document_id FROM action WHERE dispatch = ? ORDER BY document_id");
    acts.bind(d.seq);
    while (acts.step()) d.acts_on.emplace_back(acts.text(0));
}

std::int64_t cursor_since(connection& db, timestamp since) {
    auto q = db.prepare("SELECT seq FROM dispatch WHERE accepted_at >= ? ORDER BY accepted_at, seq LIMIT 1");
    q.bind(to_millis(since));
    return q.step() ? q.integer(0) - 1 : INT64_MAX;
}

namespace {

/// Of one recipient or sender along its index, else by rows; `among` says more.
std::string deliveries_among(const delivery_filter& f, const std::string& index, const std::string& among) {
    std::string sql = "SELECT " + columns +
                      ", d.id, d.kind, d.document_id, d.code, d.sender, d.accepted_at FROM delivery v" + index +
                      (index.empty() ? " JOIN" : " CROSS JOIN") + " dispatch d ON d.seq = v.dispatch" + joined +
                      "WHERE v.seq > ?1" + among;
    if (!f.recipient.empty()) sql += " AND v.recipient = ?2";
    if (!f.sender.empty()) sql += " AND d.sender = ?3";
    if (f.state) sql += " AND v.state = ?4";
    if (f.held_only) sql += " AND v.held > 0 AND v.state < 3";
    if (f.since) sql += " AND v.dispatch > ?6";
    if (f.until) sql += " AND v.dispatch <= ?7";
    return sql + " ORDER BY v.seq LIMIT ?8";
}

/// What waits in a lane stands in the order of rows by class; what is held stands apart from it.
std::string lane_page(const delivery_filter& f) {
    const std::string of_lane = " AND v.lane = ?5 AND v.state = 0";
    auto sql = "SELECT * FROM (" +
               deliveries_among(f, " INDEXED BY delivery_held", of_lane + " AND v.held > 0 AND v.state < 3") + ")";
    for (std::size_t c = 0; c < lane_classes && !f.held_only; ++c)
        sql += " UNION ALL SELECT * FROM (" +
               deliveries_among(f, " INDEXED BY delivery_lane",
                                of_lane + " AND v.held = 0 AND v.lane_class = " + std::to_string(c)) +
               ")";
    return sql + " ORDER BY 1 LIMIT ?8";
}

std::string deliveries_page(const delivery_filter& f) {
    return f.lane.empty() ? deliveries_among(f, {}, {}) : lane_page(f);
}

} // namespace

std::vector<found_delivery> store::list_deliveries(const delivery_filter& f) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    auto q = db->prepare(deliveries_page(f));
    q.bind_at(1, f.after).bind_at(2, f.recipient).bind_at(3, f.sender);
    q.bind_at(4, f.state ? static_cast<std::int64_t>(*f.state) : 0).bind_at(5, f.lane);
    q.bind_at(6, f.since ? cursor_since(*db, *f.since) : 0).bind_at(7, f.until ? cursor_since(*db, *f.until) : 0);
    q.bind_at(8, static_cast<std::int64_t>(f.max));
    std::vector<found_delivery> rows;
    while (q.step()) {
        constexpr int rest = delivery_column_count;
        found_delivery found;
        found.delivery = read_delivery(q);
        found.dispatch_id = q.id(rest);
        found.kind = q.enumeration<dispatch_kind>(rest + 1);
        found.document_id = q.text(rest + 2);
        found.code = q.text(rest + 3);
        found.sender = q.text(rest + 4);
        found.accepted_at = from_millis(q.integer(rest + 5));
        rows.push_back(std::move(found));
    }
    return rows;
}

} // namespace truc::store
