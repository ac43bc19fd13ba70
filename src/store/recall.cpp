// Recalls, updates and replacements: who may, what is taken away, and what that leaves.
#include "recall.hpp"

#include "work.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace truc::store {

namespace {

/// A document that acts on its own DocumentId, as the recall of the norm's sample does, is no first version.
const std::string is_first_version =
    " d.kind = 0 AND NOT EXISTS (SELECT 1 FROM action s WHERE s.dispatch = d.seq AND s.document_id = d.document_id) ";

/// `d` came into the exchange before `r`: who recalls a document and sends a better one under the same DocumentId means
/// the better one, also where its agency has moved to another node between the two. What came by another exchange's way
/// was sent before it came, at a time that nobody here knows: it stands in no order to what came by another way.
const std::string is_earlier = " (d.by_gateway <> r.by_gateway OR d.by_gateway AND d.door <> r.door OR"
                               " coalesce(d.origin_at, d.accepted_at) <="
                               " coalesce(r.origin_at, r.accepted_at)) ";

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

/// How the reason of what was taken away begins; the dispatch that took it follows.
const std::string& withdrawn_by() {
    static const auto text = std::string(describe(errc::withdrawn).name) + ": ";
    return text;
}

end_cause recalled(const transaction& t, const held_delivery& by) {
    return {delivery_state::recalled,
            event_name::recall,
            withdrawn_by() + by.dispatch_id.str(),
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
    auto q = t.db.prepare("SELECT event_id FROM evidence INDEXED BY evidence_delivery"
                          " WHERE delivery = ? AND name = ? ORDER BY id DESC LIMIT 1");
    q.bind(v.seq).bind(event_name::content_handover);
    return q.step() ? std::string(q.text(0)) : std::string();
}

/// Its system has said something of it: it has the document, although it has not taken it yet.
bool is_given_out(connection& db, const held_delivery& v) {
    if (v.state != delivery_state::consigned) return false;
    auto q = db.prepare("SELECT said IS NOT NULL FROM delivery WHERE seq = ?");
    return q.bind(v.seq).step() && q.integer(0) != 0;
}

/// The delivery that took this one from the inbox; nullopt of one that was never there.
std::optional<held_delivery> find_taker(connection& db, const held_delivery& v) {
    auto ended = db.prepare("SELECT reason FROM delivery WHERE seq = ? AND state = ? AND consigned_at IS NOT NULL");
    if (!ended.bind(v.seq).bind(delivery_state::recalled).step()) return std::nullopt;
    const auto reason = std::string(ended.text(0));
    const auto by = uuid::parse(std::string_view(reason).substr(std::min(reason.size(), withdrawn_by().size())));
    if (!reason.starts_with(withdrawn_by()) || !by) return std::nullopt;
    auto q = db.prepare("SELECT m.seq FROM withdrawal w CROSS JOIN delivery m ON m.seq = w.by_delivery"
                        " CROSS JOIN dispatch r ON r.seq = m.dispatch"
                        " WHERE w.document_id = ? AND w.recipient = ? AND r.id = ? ORDER BY m.seq LIMIT 1");
    q.bind(std::string_view(v.document_id)).bind(std::string_view(v.recipient)).bind(*by);
    return q.step() ? find_held(db, q.integer(0)) : std::nullopt;
}

/// Whether what the agency sent came in here, by no gateway, and nothing of it was lost: then what this node knows of a
/// DocumentId is all there is. What is known of one that has moved here, or sends by another exchange too, proves
/// nothing: whoever uses its DocumentId for something else would keep it from recalling its own. What it sent first
/// tells: who moved here was known by what came from where it was.
bool sends_only_here(connection& db, const new_dispatch& d) {
    if (d.by_gateway) return false;
    auto q = db.prepare("SELECT EXISTS (SELECT 1 FROM former_log) OR EXISTS"
                        " (SELECT 1 FROM (SELECT receipt, by_gateway FROM dispatch INDEXED BY dispatch_sender"
                        "  WHERE sender = ? ORDER BY seq LIMIT 1000) WHERE receipt IS NOT NULL OR by_gateway)");
    return q.bind(std::string_view(d.sender)).step() && q.integer(0) == 0;
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
        const bool given_out = is_given_out(t.db, *document);
        if (document->state == delivery_state::consigned && !given_out) end(t, *document, recalled(t, v));
        if (document->state == delivery_state::handed_over || given_out)
            found.given_out = seq;
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
    if (!found.in_time || found.given_out || !has_nothing_else_to_say(v)) return false;
    end_in_time(t, v);
    return true;
}

void record_too_late(transaction& t, const held_delivery& v, std::int64_t given_out) {
    const auto document = find_held(t.db, given_out);
    auto q = t.db.prepare("SELECT coalesce(ended_at, said_at) FROM delivery WHERE seq = ?");
    q.bind(given_out).step();
    auto e = event_about(v, event_name::recall_too_late);
    if (auto answered = handover_of(t, *document); !answered.empty()) e.answers = {std::move(answered)};
    const auto how = document->state == delivery_state::handed_over ? "handed over" : "given out";
    e.reason = fmt::format("{} at {}", how, to_rfc3339(from_millis(q.integer(0))));
    record(t, std::move(e), v);
}

bool record_taken_unheard(transaction& t, const held_delivery& document) {
    const auto taker = find_taker(t.db, document);
    if (!taker) return false;
    // What is said of a delivery that was taken away can only be this, so that it is noted once.
    auto said = t.db.prepare("UPDATE delivery SET said = ?, said_at = ? WHERE seq = ? AND said IS NULL");
    said.bind(reported::processing).bind(to_millis(t.book.time())).bind(document.seq).run();
    if (t.db.changes() == 0) return false;
    auto e = event_about(*taker, event_name::recall_too_late);
    e.answers = {t.book.id_of(document.last_leaf)};
    e.reason = "taken at " + to_rfc3339(t.book.time()) + " before it heard of the recall";
    record(t, std::move(e), *taker);
    return true;
}

result<bool> may_act(connection& db, const standing_in* stands_for, const new_dispatch& d) {
    bool all_seen = true;
    for (const auto& id : d.action.acts_on) {
        auto q = db.prepare(senders_of);
        q.bind(std::string_view(id));
        const auto found = compare(q, stands_for, d.sender);
        if (found.others && !found.same && sends_only_here(db, d))
            return fail(not_yours(d.business), fmt::format("{} → {}", d.sender, id));
        all_seen = all_seen && found.same;
    }
    return all_seen;
}

} // namespace truc::store
