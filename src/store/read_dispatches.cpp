// Reading dispatches and deliveries.
#include "parts.hpp"
#include "read_deliveries.hpp"

#include <fmt/ranges.h>

namespace truc::store {

namespace {

const std::string dispatch_columns =
    "SELECT d.seq, d.id, d.kind, d.sender, d.document_id, d.code, d.promulgated, d.subject, d.status_code, d.priority,"
    " c.sha256, c.size, d.signature, d.client, d.entrance, coalesce(d.origin_at, d.accepted_at), d.warnings, o.node,"
    " d.business, d.traceparent, d.legal_hold, c.purged_at FROM dispatch d JOIN content c ON c.id = d.content LEFT "
    "JOIN evidence o ON o.id = d.receipt ";

const std::string dispatch_by_id = dispatch_columns + "WHERE d.id = ?";
const std::string dispatch_by_delivery =
    dispatch_columns + "WHERE d.seq = (SELECT dispatch FROM delivery WHERE id = ?)";
/// What one agency sent or received, read along two indexes as far as a page needs.
const std::string dispatches_of_agency =
    dispatch_columns +
    "WHERE d.seq IN (SELECT seq FROM (SELECT seq FROM dispatch WHERE sender = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3)"
    " UNION SELECT dispatch FROM (SELECT dispatch FROM delivery WHERE recipient = ?1 AND dispatch > ?2"
    "                             ORDER BY dispatch LIMIT ?3)) ORDER BY d.seq LIMIT ?3";
dispatch_row read_row(const statement& q, const std::string& node) {
    dispatch_row d;
    d.origin = q.is_null(17) ? node : std::string(q.text(17));
    d.seq = q.integer(0);
    d.id = q.id(1);
    d.kind = q.enumeration<dispatch_kind>(2);
    d.sender = q.text(3);
    d.document_id = q.text(4);
    d.code = q.text(5);
    d.promulgated = q.text(6);
    d.subject = q.text(7);
    d.status_code = q.text(8);
    d.priority = q.enumeration<priority>(9);
    d.sha256 = q.digest(10);
    d.size = static_cast<std::uint64_t>(q.integer(11));
    d.signature = q.enumeration<signature_outcome>(12);
    d.client = q.text(13);
    d.entrance = q.enumeration<entrance>(14);
    d.accepted_at = from_millis(q.integer(15));
    d.warnings = split_words(q.text(16));
    d.business = q.enumeration<business_type>(18);
    d.traceparent = q.text(19);
    d.legal_hold = q.text(20);
    d.purged_at = q.moment(21);
    return d;
}

std::optional<dispatch_row> find(connection& db, std::string_view sql, const uuid& id, const std::string& node) {
    const snapshot one(db);
    auto q = db.prepare(sql);
    q.bind(id);
    if (!q.step()) return std::nullopt;
    auto d = read_row(q, node);
    read_deliveries(db, d);
    return d;
}

} // namespace

std::optional<dispatch_row> store::find_dispatch(const uuid& id) const {
    auto db = parts_->pool.take();
    return find(*db, dispatch_by_id, id, log().node);
}

std::optional<dispatch_row> store::find_dispatch_of_delivery(const uuid& delivery) const {
    auto db = parts_->pool.take();
    return find(*db, dispatch_by_delivery, delivery, log().node);
}

namespace {

/// Codes hold letters, digits, '.' and '_' only, so they need no escaping.
std::string json_list(const std::vector<std::string>& codes) {
    if (codes.empty()) return "[]";
    return fmt::format("[\"{}\"]", fmt::join(codes, "\",\""));
}

/// By named document, number or sender: each has its index; who may see it is asked of the few that match.
std::vector<dispatch_row> list_named(connection& db, const store::dispatch_filter& f, std::int64_t after,
                                     const std::string& node) {
    std::string sql = dispatch_columns + "WHERE d.seq > ?1";
    if (!f.recipient.empty()) sql += " AND d.seq IN (SELECT dispatch FROM delivery WHERE recipient = ?7)";
    if (f.until) sql += " AND d.seq <= ?8";
    if (!f.document_id.empty()) sql += " AND d.document_id = ?2";
    if (!f.code.empty()) sql += " AND d.code = ?3 AND d.code <> ''";
    if (!f.from.empty()) sql += " AND d.sender = ?4";
    if (f.visible_to)
        sql += " AND (d.sender IN (SELECT value FROM json_each(?5)) OR EXISTS (SELECT 1 FROM delivery v WHERE "
               "v.dispatch = d.seq"
               " AND v.recipient IN (SELECT value FROM json_each(?5))))";
    sql += " ORDER BY d.seq LIMIT ?6";
    const auto visible = json_list(f.visible_to.value_or(std::vector<std::string>()));
    auto q = db.prepare(sql);
    q.bind_at(1, after).bind_at(2, f.document_id).bind_at(3, f.code).bind_at(4, f.from).bind_at(5, visible);
    q.bind_at(6, static_cast<std::int64_t>(f.max)).bind_at(7, f.recipient);
    q.bind_at(8, f.until ? cursor_since(db, *f.until) : 0);
    std::vector<dispatch_row> rows;
    while (q.step()) rows.push_back(read_row(q, node));
    return rows;
}

std::vector<dispatch_row> list_visible(connection& db, const store::dispatch_filter& f, std::int64_t after,
                                       const std::string& node) {
    std::map<std::int64_t, dispatch_row> rows; // an agency may write to another one of the same client
    for (const auto& agency : *f.visible_to) {
        auto q = db.prepare(dispatches_of_agency);
        q.bind(std::string_view(agency)).bind(after).bind(static_cast<std::int64_t>(f.max));
        while (q.step()) rows.try_emplace(q.integer(0), read_row(q, node));
    }
    std::vector<dispatch_row> page;
    for (auto& [seq, row] : rows)
        if (page.size() < f.max) page.push_back(std::move(row));
    return page;
}

} // namespace

std::vector<dispatch_row> store::list_dispatches(const dispatch_filter& f) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    const auto after = f.since ? std::max(f.after, cursor_since(*db, *f.since)) : f.after;
    const bool named = !f.document_id.empty() || !f.code.empty() || !f.from.empty() || !f.recipient.empty() || f.until;
    auto rows =
        named || !f.visible_to ? list_named(*db, f, after, log().node) : list_visible(*db, f, after, log().node);
    for (auto& row : rows) read_deliveries(*db, row);
    return rows;
}

std::optional<acceptance> store::find_acceptance(const std::vector<std::string>& sender,
                                                 const sha256_digest& digest) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    const auto same = find_same(*db, digest, sender);
    if (!same) return std::nullopt;
    return load_acceptance(*db, same->seq);
}

result<forecast> store::foresee(const new_dispatch& d) const {
    if (auto known = find_acceptance(d.sender_codes(), d.content.digest())) return forecast{std::move(known), {}};
    auto db = parts_->pool.take();
    const snapshot one(*db);
    auto warnings = judge_against(*db, &parts_->o.stands_for, d);
    if (!warnings) return fail(warnings.error());
    return forecast{std::nullopt, std::move(*warnings)};
}

namespace {

const std::string sent_from =
    "FROM dispatch d JOIN delivery v ON v.dispatch = d.seq WHERE d.receipt IS NULL AND d.seq > ?2 AND d.seq <= ?3"
    " AND (?4 < 0 OR d.kind = ?4) AND d.sender ";
const std::string any_sender = "IN (SELECT value FROM json_each(?1))";
/// Skipping reads indexes and one row a dispatch only; what is shown is joined to what is left.
const std::string sent_page = "WITH p AS MATERIALIZED (SELECT d.seq AS dispatch, v.seq AS delivery " + sent_from;
const std::string sent_order = " ORDER BY d.seq DESC, v.recipient";
/// That a delivery lies in an inbox elsewhere stands in evidence only.
const std::string sent_rows =
    sent_order +
    " LIMIT ?5 OFFSET ?6), arrived AS MATERIALIZED (SELECT delivery, max(time) AS at FROM evidence"
    " WHERE dispatch IN (SELECT dispatch FROM p) AND name = ?7 GROUP BY delivery)"
    " SELECT d.id, v.id, d.kind, d.sender, v.recipient, d.code, d.subject, v.state, d.accepted_at,"
    " coalesce(v.consigned_at, a.at), v.ended_at, v.reason FROM p CROSS JOIN dispatch d ON d.seq = p.dispatch"
    " CROSS JOIN delivery v ON v.seq = p.delivery LEFT JOIN arrived a ON a.delivery = p.delivery" +
    sent_order;
/// Of one agency along its index, newest first; of several, what they sent is sorted.
const std::string sent_by_one = sent_page + "= ?1" + sent_rows;
const std::string sent_by_any = sent_page + any_sender + sent_rows;
const std::string sent_count = "SELECT count(*) " + sent_from + any_sender;

/// Which dispatches a list of what was sent is read from: those behind `after`, up to `last`.
struct sent_range {
    std::string senders; ///< one code, or a JSON list
    std::int64_t after = 0;
    std::int64_t last = 0;
    std::int64_t kind = -1; ///< any
};

void bind_range(statement& q, const sent_range& r) {
    q.bind_at(1, r.senders).bind_at(2, r.after).bind_at(3, r.last).bind_at(4, r.kind);
}

/// So that of several agencies no more is sorted than a page needs: as few of the newest dispatches as hold that many
/// deliveries of theirs.
void narrow(connection& db, sent_range& r, std::int64_t deliveries) {
    auto newest = db.prepare("SELECT coalesce(max(seq), 0) FROM dispatch");
    newest.step();
    r.last = std::min(r.last, newest.integer(0));
    const auto oldest = r.after;
    for (std::int64_t width = 512; r.last - oldest > width; width *= 2) {
        r.after = r.last - width;
        auto q = db.prepare(sent_count);
        bind_range(q, r);
        q.step();
        if (q.integer(0) >= deliveries) return;
    }
    r.after = oldest;
}

sent_row read_sent(const statement& q) {
    sent_row r;
    r.id = q.id(0);
    r.delivery_id = q.id(1);
    r.kind = q.enumeration<dispatch_kind>(2);
    r.from = q.text(3);
    r.to = q.text(4);
    r.code = q.text(5);
    r.subject = q.text(6);
    r.state = q.enumeration<delivery_state>(7);
    r.accepted_at = from_millis(q.integer(8));
    r.consigned_at = q.moment(9);
    r.ended_at = q.moment(10);
    r.reason = q.text(11);
    return r;
}

} // namespace

std::vector<sent_row> store::list_sent(const sent_filter& f) const {
    if (f.senders.empty()) return {};
    auto db = parts_->pool.take();
    const snapshot one(*db);
    const bool alone = f.senders.size() == 1;
    sent_range range{alone ? f.senders.front() : json_list(f.senders), f.since ? cursor_since(*db, *f.since) : 0,
                     f.until ? cursor_since(*db, *f.until) : INT64_MAX,
                     f.kind ? static_cast<std::int64_t>(*f.kind) : -1};
    if (!alone) narrow(*db, range, static_cast<std::int64_t>(f.skip + f.max));
    auto q = db->prepare(alone ? sent_by_one : sent_by_any);
    bind_range(q, range);
    q.bind_at(5, static_cast<std::int64_t>(f.max)).bind_at(6, static_cast<std::int64_t>(f.skip));
    q.bind_at(7, static_cast<std::int64_t>(event_name::content_consignment));
    std::vector<sent_row> rows;
    while (q.step()) rows.push_back(read_sent(q));
    return rows;
}

} // namespace truc::store
