// What recipients report on a document, beside the delivery that it is about.
#include "parts.hpp"
#include "recall.hpp"

namespace truc::store {

namespace {

/// By status 13 a document's sender asks to have it back; every other one goes from a recipient to the sender.
struct parties {
    const std::string& sender;
    const std::string& recipient;
};
parties parties_of(const std::string& code, const held_delivery& v) {
    if (code == "13") return {v.sender, v.recipient};
    return {v.recipient, v.sender};
}

void insert(transaction& t, std::int64_t delivery, std::int64_t status, const std::string& code) {
    auto row =
        t.db.prepare("INSERT OR IGNORE INTO reported_status (delivery, dispatch, code, time) VALUES (?, ?, ?, ?)");
    row.bind(delivery).bind(status).bind(std::string_view(code)).bind(to_millis(t.book.time())).run();
}

/// The deliveries between just these two: nearly always it is.
std::vector<std::int64_t> between(connection& db, const std::string& document_id, const parties& p) {
    auto q = db.prepare("SELECT x.seq FROM dispatch d CROSS JOIN delivery x ON x.dispatch = d.seq"
                        " WHERE d.document_id = ? AND d.kind = 0 AND d.sender = ? AND x.recipient = ?");
    q.bind(std::string_view(document_id)).bind(std::string_view(p.sender)).bind(std::string_view(p.recipient));
    std::vector<std::int64_t> rows;
    while (q.step()) rows.push_back(q.integer(0));
    return rows;
}

/// The same under the names that the two had when the document was sent.
std::vector<std::int64_t> between_predecessors(transaction& t, const std::string& document_id, const parties& p) {
    auto q = t.db.prepare("SELECT x.seq, d.sender, x.recipient FROM dispatch d CROSS JOIN delivery x"
                          " ON x.dispatch = d.seq WHERE d.document_id = ? AND d.kind = 0");
    q.bind(std::string_view(document_id));
    std::vector<std::int64_t> rows;
    while (q.step())
        if (t.is_of_line(std::string(q.text(1)), p.sender) && t.is_of_line(std::string(q.text(2)), p.recipient))
            rows.push_back(q.integer(0));
    return rows;
}

} // namespace

void note_status(transaction& t, std::int64_t status, const std::string& code, const held_delivery& v) {
    const auto who = parties_of(code, v);
    auto rows = between(t.db, v.document_id, who);
    if (rows.empty()) rows = between_predecessors(t, v.document_id, who);
    for (const auto row : rows) insert(t, row, status, code);
}

std::vector<reported_status> store::statuses_about(const uuid& dispatch) const {
    const auto db = parts_->pool.take();
    auto q = db->prepare("SELECT x.id, s.id, r.code, r.time FROM dispatch d JOIN delivery x ON x.dispatch = d.seq"
                         " JOIN reported_status r ON r.delivery = x.seq JOIN dispatch s ON s.seq = r.dispatch"
                         " WHERE d.id = ? ORDER BY r.time, r.dispatch");
    q.bind(dispatch);
    std::vector<reported_status> all;
    while (q.step()) all.push_back({q.id(0), q.id(1), std::string(q.text(2)), from_millis(q.integer(3))});
    return all;
}

} // namespace truc::store
