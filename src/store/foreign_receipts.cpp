#include "foreign_receipts.hpp"

namespace truc::store {

namespace {

/// From the beginning of the first `open` to the end of the last `close`; empty when there is none.
std::string_view stretch(std::string_view text, std::string_view open, std::string_view close) {
    const auto from = text.find(open);
    const auto to = text.rfind(close);
    if (from == std::string_view::npos || to == std::string_view::npos || to < from) return {};
    return text.substr(from, to + close.size() - from);
}

std::int64_t keep_head(connection& db, std::string_view xml) {
    const auto digest = sha256(xml);
    auto known = db.prepare("SELECT id FROM foreign_head WHERE sha256 = ?");
    known.bind(digest);
    if (known.step()) return known.integer(0);
    auto row = db.prepare("INSERT INTO foreign_head (sha256, xml) VALUES (?, ?)");
    row.bind(digest).bind(xml).run();
    return db.last_id();
}

} // namespace

std::optional<std::int64_t> keep_receipt(connection& db, const evidence& e, std::optional<std::int64_t> dispatch,
                                         std::optional<std::int64_t> delivery) {
    const std::string_view text = e.xml;
    // Whatever this finds: head and rest, put together again at the same place, are the text.
    const auto head = stretch(text, "<SignedTreeHead", "</SignedTreeHead>");
    const auto head_at = head.empty() ? 0 : static_cast<std::size_t>(head.data() - text.data());
    std::string rest(text.substr(0, head_at));
    rest.append(text.substr(head_at + head.size()));

    const auto head_row = keep_head(db, head);
    auto row = db.prepare("INSERT INTO evidence (event_id, name, time, node, dispatch, delivery, xml, head, head_at)"
                          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING");
    row.bind(std::string_view(e.event_id)).bind(e.event).bind(to_millis(e.time)).bind(std::string_view(e.node));
    dispatch ? row.bind(*dispatch) : row.bind_null();
    delivery ? row.bind(*delivery) : row.bind_null();
    row.bind(std::string_view(rest)).bind(head_row).bind(static_cast<std::int64_t>(head_at)).run();
    if (db.changes() == 0) return std::nullopt;
    return db.last_id();
}

std::int64_t keep_or_find_receipt(connection& db, const evidence& e, std::optional<std::int64_t> dispatch,
                                  std::optional<std::int64_t> delivery) {
    if (const auto kept = keep_receipt(db, e, dispatch, delivery)) return *kept;
    auto q = db.prepare("SELECT id FROM evidence WHERE event_id = ?");
    q.bind(std::string_view(e.event_id)).step();
    return q.integer(0);
}

std::string foreign_text(const statement& q, int first_column) {
    std::string text(q.text(first_column));
    return text.insert(static_cast<std::size_t>(q.integer(first_column + 2)), q.text(first_column + 1));
}

std::string load_receipt(connection& db, std::int64_t row) {
    auto q = db.prepare(
        "SELECT r.xml, h.xml, r.head_at FROM evidence r JOIN foreign_head h ON h.id = r.head WHERE r.id = ?");
    q.bind(row);
    if (!q.step()) throw sqlite_error(SQLITE_CORRUPT, "a receipt of another node is missing");
    return foreign_text(q, 0);
}

std::string_view event_in(std::string_view receipt) { return stretch(receipt, "<Event ", "</Event>"); }

} // namespace truc::store
