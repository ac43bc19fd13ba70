// Reading dispatches, deliveries and inboxes.
#include "parts.hpp"

namespace truc::store {

namespace {

constexpr const char* dispatch_columns =
    "SELECT d.seq, d.id, d.kind, d.sender, d.document_id, d.code, d.promulgated, d.subject, d.status_code, d.priority,"
    " c.sha256, c.size, d.signature, d.client, d.entrance, d.accepted_at, d.warnings FROM dispatch d JOIN content c ON "
    "c.id = d.content ";

/// Statements are kept by the address of their text, so the texts must be built once.
#define TRUC_DISPATCH_QUERY(name, where)                                                                               \
    const char* name() {                                                                                               \
        static const std::string text = std::string(dispatch_columns) + (where);                                       \
        return text.c_str();                                                                                           \
    }
TRUC_DISPATCH_QUERY(dispatch_by_id, "WHERE d.id = ?")
TRUC_DISPATCH_QUERY(dispatch_by_delivery, "WHERE d.seq = (SELECT dispatch FROM delivery WHERE id = ?)")
#undef TRUC_DISPATCH_QUERY

std::optional<timestamp> moment(const statement& q, int column) {
    if (q.is_null(column)) return std::nullopt;
    return from_millis(q.integer(column));
}

dispatch_row read_row(const statement& q) {
    dispatch_row d;
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
    return d;
}

void read_deliveries(connection& db, dispatch_row& d) {
    auto q = db.prepare("SELECT id, recipient, state, deadline, consigned_at, ended_at, reason FROM delivery WHERE "
                        "dispatch = ? ORDER BY seq");
    q.bind(d.seq);
    while (q.step())
        d.deliveries.push_back({q.id(0), std::string(q.text(1)), q.enumeration<delivery_state>(2),
                                from_millis(q.integer(3)), moment(q, 4), moment(q, 5), std::string(q.text(6))});
}

std::optional<dispatch_row> find(connection& db, const char* sql, const uuid& id) {
    const snapshot one(db);
    auto q = db.prepare(sql);
    q.bind(id);
    if (!q.step()) return std::nullopt;
    auto d = read_row(q);
    read_deliveries(db, d);
    return d;
}

constexpr const char* inbox_columns =
    "SELECT v.seq, v.id, d.id, d.document_id, d.kind, d.sender, v.recipient, v.priority, c.sha256, c.size, "
    "v.consigned_at"
    " FROM delivery v JOIN dispatch d ON d.seq = v.dispatch JOIN content c ON c.id = d.content ";

inbox_item read_item(const statement& q) {
    return {q.integer(0),
            q.id(1),
            q.id(2),
            std::string(q.text(3)),
            q.enumeration<dispatch_kind>(4),
            std::string(q.text(5)),
            std::string(q.text(6)),
            q.enumeration<priority>(7),
            q.digest(8),
            static_cast<std::uint64_t>(q.integer(9)),
            from_millis(q.integer(10))};
}

bool before(const inbox_item& a, const inbox_item& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.seq < b.seq;
}

} // namespace

std::optional<dispatch_row> store::find_dispatch(const uuid& id) const {
    auto db = parts_->pool.take();
    return find(*db, dispatch_by_id(), id);
}

std::optional<dispatch_row> store::find_dispatch_of_delivery(const uuid& delivery) const {
    auto db = parts_->pool.take();
    return find(*db, dispatch_by_delivery(), delivery);
}

std::vector<dispatch_row> store::list_dispatches(const dispatch_filter& f) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    static const std::string sql =
        std::string(dispatch_columns) +
        "WHERE d.seq > ?1 AND (?2 = '' OR d.document_id = ?2) AND (?3 = '' OR d.code = ?3) AND (?4 = '' OR d.sender = "
        "?4)"
        " AND d.accepted_at >= ?5 AND (?6 = '' OR d.sender IN (SELECT value FROM json_each(?6))"
        "   OR EXISTS (SELECT 1 FROM delivery v WHERE v.dispatch = d.seq AND v.recipient IN (SELECT value FROM "
        "json_each(?6))))"
        " ORDER BY d.seq LIMIT ?7";
    std::string visible;
    // Codes hold letters, digits, '.' and '_' only, so they need no escaping in JSON.
    for (const auto& code : f.visible_to) visible += (visible.empty() ? "[\"" : ",\"") + code + "\"";
    if (!visible.empty()) visible += "]";
    auto q = db->prepare(sql.c_str());
    q.bind(f.after).bind(std::string_view(f.document_id)).bind(std::string_view(f.code)).bind(std::string_view(f.from));
    q.bind(f.since ? to_millis(*f.since) : 0).bind(std::string_view(visible)).bind(static_cast<std::int64_t>(f.max));
    std::vector<dispatch_row> rows;
    while (q.step()) rows.push_back(read_row(q));
    for (auto& row : rows) read_deliveries(*db, row);
    return rows;
}

std::optional<acceptance> store::find_acceptance(const std::string& sender, const sha256_digest& digest) const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    auto q = db->prepare(
        "SELECT d.seq FROM dispatch d JOIN content c ON c.id = d.content WHERE c.sha256 = ? AND d.sender = ?");
    q.bind(digest).bind(std::string_view(sender));
    if (!q.step()) return std::nullopt;
    return load_acceptance(*db, q.integer(0));
}

std::vector<inbox_item> store::read_inbox(const std::vector<std::string>& recipients, std::optional<dispatch_kind> kind,
                                          const inbox_cursor& after, std::size_t max) const {
    static const std::string sql =
        std::string(inbox_columns) +
        "WHERE v.recipient = ?1 AND v.state = 2 AND (v.priority, -v.seq) < (?2, -?3) AND (?4 < 0 OR d.kind = ?4)"
        " ORDER BY v.priority DESC, v.seq LIMIT ?5";
    auto db = parts_->pool.take();
    const snapshot one(*db);
    std::vector<inbox_item> items;
    for (const auto& recipient : recipients) {
        auto q = db->prepare(sql.c_str());
        q.bind(std::string_view(recipient)).bind(after.priority).bind(after.seq);
        q.bind(kind ? static_cast<std::int64_t>(*kind) : -1).bind(static_cast<std::int64_t>(max));
        while (q.step()) items.push_back(read_item(q));
    }
    std::sort(items.begin(), items.end(), before);
    if (items.size() > max) items.resize(max);
    return items;
}

std::optional<inbox_item> store::find_inbox_item(const uuid& delivery) const {
    static const std::string sql = std::string(inbox_columns) + "WHERE v.id = ?";
    auto db = parts_->pool.take();
    auto q = db->prepare(sql.c_str());
    q.bind(delivery);
    if (!q.step()) return std::nullopt;
    return read_item(q);
}

std::vector<queue_row> store::queue() const {
    auto db = parts_->pool.take();
    auto q = db->prepare("SELECT v.recipient, v.state, count(*), min(d.accepted_at) FROM delivery v JOIN dispatch d ON "
                         "d.seq = v.dispatch"
                         " WHERE v.state < 3 GROUP BY v.recipient, v.state ORDER BY 4");
    std::vector<queue_row> rows;
    while (q.step())
        rows.push_back({std::string(q.text(0)), q.enumeration<delivery_state>(1),
                        static_cast<std::uint64_t>(q.integer(2)), from_millis(q.integer(3))});
    return rows;
}

} // namespace truc::store
