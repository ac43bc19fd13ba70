// Recalls, updates and replacements: who may, what is taken away, and what that leaves.
#include "recall.hpp"

#include "work.hpp"

#include <fmt/format.h>

namespace truc::store {

namespace {

/// A document that acts on its own DocumentId, as the recall of the norm's sample does, is no first version.
const std::string is_first_version =
    " d.kind = 0 AND NOT EXISTS (SELECT 1 FROM action s WHERE s.dispatch = d.seq AND s.document_id = d.document_id) ";

/// Of what came into the exchange by one door, `d` came before `r`: who recalls a document and sends a better one under
/// the same DocumentId means the better one. What came by another door, as a copy of it does that takes another
/// exchange's way, stands in no order to it.
const std::string is_earlier = " (d.door <> r.door OR d.by_gateway <> r.by_gateway OR"
                               " coalesce((SELECT time FROM evidence WHERE id = d.receipt), d.accepted_at) <="
                               " coalesce((SELECT time FROM evidence WHERE id = r.receipt), r.accepted_at)) ";

const std::string senders_of = "SELECT d.sender FROM dispatch d WHERE d.document_id = ? AND" + is_first_version;

const std::string senders_acted_on =
    "SELECT d.sender FROM action a CROSS JOIN dispatch d ON d.document_id = a.document_id"
    " CROSS JOIN delivery x ON x.dispatch = d.seq AND x.recipient = ?2"
    " WHERE a.dispatch = ?1 AND d.seq <> a.dispatch AND" +
    is_first_version;

/// Copies first: nothing is then released when the one ends that they wait behind.
const std::string what_it_takes =
    "SELECT x.seq, d.sender FROM withdrawal w CROSS JOIN dispatch d ON d.document_id = w.document_id"
    " CROSS JOIN delivery x ON x.dispatch = d.seq AND x.recipient = w.recipient"
    " CROSS JOIN dispatch r ON r.seq = ?2"
    " WHERE w.by_delivery = ?1 AND d.kind = 0 AND d.business <> 1 AND d.seq <> r.seq AND" +
    is_earlier + "ORDER BY x.copy_of IS NULL, x.seq";

/// What is still on its way has not come home: it takes nothing yet.
const std::string who_took_it =
    "SELECT m.seq, r.sender FROM withdrawal w CROSS JOIN delivery m ON m.seq = w.by_delivery"
    " CROSS JOIN dispatch r ON r.seq = m.dispatch CROSS JOIN dispatch d ON d.seq = ?1"
    " WHERE w.document_id = ?2 AND w.recipient IN (?3, ?4) AND m.state NOT IN (0, 1) AND r.seq <> d.seq AND" +
    is_earlier + "ORDER BY m.seq";

errc not_yours(business_type business) {
    switch (business) {
    case business_type::update:
        return errc::update_not_yours;
    case business_type::replace:
        return errc::replace_not_yours;
    default:
        return errc::recall_not_yours;
    }
}

/// Of the senders that the query gives, whether one is of that line, and whether others are not.
struct senders {
    bool same = false, others = false;
};
senders compare(statement& q, const standing_in* stands_for, const std::string& today) {
    senders s;
    while (q.step()) (is_of_line(stands_for, std::string(q.text(0)), today) ? s.same : s.others) = true;
    return s;
}

bool takes_away(const held_delivery& v) {
    return v.kind == dispatch_kind::edoc && v.business != business_type::new_document;
}

end_cause recalled(const transaction& t, const held_delivery& by) {
    return {delivery_state::recalled,
            event_name::recall,
            fmt::format("{}: {}", describe(errc::withdrawn).name, by.dispatch_id.str()),
            {},
            {t.book.id_of(by.last_leaf)}};
}

void end_in_time(transaction& t, held_delivery& v) {
    end(t, v, {delivery_state::recalled, event_name::recall, "took away in time", {}});
}

/// A replacement is a document by itself.
bool has_nothing_else_to_say(const held_delivery& v) {
    return v.business == business_type::recall || v.business == business_type::update;
}

std::string handover_of(transaction& t, const held_delivery& v) {
    if (v.passed_to.empty()) return t.book.id_of(v.last_leaf);
    auto q = t.db.prepare("SELECT event_id FROM evidence WHERE dispatch = ? AND delivery = ? AND name = ?");
    q.bind(v.dispatch).bind(v.seq).bind(event_name::content_handover);
    return q.step() ? std::string(q.text(0)) : std::string();
}

} // namespace

void keep_action(connection& db, std::int64_t dispatch, const business_action& a) {
    for (const auto& id : a.acts_on) {
        auto row = db.prepare("INSERT OR IGNORE INTO action (dispatch, document_id) VALUES (?, ?)");
        row.bind(dispatch).bind(std::string_view(id)).run();
    }
    for (const auto& recipient : a.adds) {
        auto row = db.prepare("INSERT OR IGNORE INTO addition (dispatch, recipient) VALUES (?, ?)");
        row.bind(dispatch).bind(std::string_view(recipient)).run();
    }
}

void keep_withdrawals(connection& db, const held_delivery& v, const business_action& a) {
    for (const auto& w : a.withdraws) {
        if (w.recipient != v.recipient) continue;
        auto row =
            db.prepare("INSERT OR IGNORE INTO withdrawal (by_delivery, document_id, recipient) VALUES (?, ?, ?)");
        row.bind(v.seq).bind(std::string_view(w.document_id)).bind(std::string_view(w.recipient)).run();
    }
}

void rename_withdrawals(connection& db, const held_delivery& v) {
    if (!takes_away(v)) return;
    auto rows = db.prepare("INSERT OR IGNORE INTO withdrawal (by_delivery, document_id, recipient)"
                           " SELECT by_delivery, document_id, ? FROM withdrawal WHERE by_delivery = ?");
    rows.bind(std::string_view(v.recipient)).bind(v.seq).run();
}

bool may_be_withdrawn(connection& db, const held_delivery& v) {
    if (v.kind != dispatch_kind::edoc || v.business == business_type::recall) return false;
    auto q = db.prepare("SELECT 1 FROM withdrawal WHERE document_id = ? AND recipient = ? LIMIT 1");
    return q.bind(std::string_view(v.document_id)).bind(std::string_view(v.recipient)).step();
}

bool end_if_withdrawn(transaction& t, held_delivery& v, const std::string& named) {
    if (v.kind != dispatch_kind::edoc || v.business == business_type::recall) return false;
    std::vector<std::int64_t> by;
    auto q = t.db.prepare(who_took_it);
    q.bind(v.dispatch).bind(std::string_view(v.document_id)).bind(std::string_view(v.recipient));
    q.bind(std::string_view(named));
    while (q.step())
        if (t.is_of_line(v.sender, std::string(q.text(1)))) by.push_back(q.integer(0));
    if (by.empty()) return false;
    end(t, v, recalled(t, *find_held(t.db, by.front())));
    for (const auto seq : by) {
        auto waiting = find_held(t.db, seq);
        const bool lies_there = waiting->state == delivery_state::consigned;
        if (lies_there && has_nothing_else_to_say(*waiting)) end_in_time(t, *waiting);
    }
    return true;
}

taken_away take_away(transaction& t, const held_delivery& v) {
    taken_away found;
    if (!takes_away(v)) return found;
    auto acted_on = t.db.prepare(senders_acted_on);
    acted_on.bind(v.dispatch).bind(std::string_view(v.recipient));
    const auto senders = compare(acted_on, t.stands_for, v.sender);
    found.of_others = senders.others && !senders.same;

    std::vector<std::int64_t> rows;
    auto q = t.db.prepare(what_it_takes);
    q.bind(v.seq).bind(v.dispatch);
    while (q.step())
        if (t.is_of_line(std::string(q.text(1)), v.sender)) rows.push_back(q.integer(0));
    for (const auto seq : rows) {
        auto document = find_held(t.db, seq);
        if (document->state == delivery_state::consigned) end(t, *document, recalled(t, v));
        if (document->state == delivery_state::handed_over)
            found.handed_over = seq;
        else if (is_final(document->state))
            found.in_time = true;
    }
    return found;
}

bool end_if_done(transaction& t, held_delivery& v, const taken_away& found) {
    if (found.of_others) {
        end(t, v,
            {delivery_state::undeliverable,
             event_name::content_consignment_failure,
             std::string(describe(not_yours(v.business)).name),
             {}});
        return true;
    }
    if (!found.in_time || found.handed_over || !has_nothing_else_to_say(v)) return false;
    end_in_time(t, v);
    return true;
}

void record_too_late(transaction& t, const held_delivery& v, std::int64_t handed_over) {
    auto q = t.db.prepare("SELECT ended_at FROM delivery WHERE seq = ?");
    q.bind(handed_over).step();
    auto e = event_about(v, event_name::recall_too_late);
    if (auto answered = handover_of(t, *find_held(t.db, handed_over)); !answered.empty())
        e.answers = {std::move(answered)};
    e.reason = "handed over at " + to_rfc3339(from_millis(q.integer(0)));
    record(t, std::move(e), v);
}

result<bool> may_act(connection& db, const standing_in* stands_for, const new_dispatch& d) {
    bool all_seen = true;
    for (const auto& id : d.action.acts_on) {
        auto q = db.prepare(senders_of);
        q.bind(std::string_view(id));
        const auto found = compare(q, stands_for, d.sender);
        if (found.others && !found.same) return fail(not_yours(d.business), fmt::format("{} → {}", d.sender, id));
        all_seen = all_seen && found.same;
    }
    return all_seen;
}

} // namespace truc::store
