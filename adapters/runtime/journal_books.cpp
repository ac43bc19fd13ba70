// The journal: what the legacy system is told, evidence, what comes in, and what people ask.
#include "journal.hpp"
#include "journal_transaction.hpp"
#include "sentences.hpp"

#include <truc/base/log.hpp>

namespace truc::adapter {

namespace {

/// What the sender learns of an event: nothing of those on the way.
std::optional<outgoing_report::stage> stage_of(event_name name) {
    switch (name) {
    case event_name::submission_acceptance:
        return outgoing_report::stage::accepted;
    case event_name::content_handover:
        return outgoing_report::stage::handed_over;
    case event_name::content_handover_failure:
    case event_name::content_consignment_failure:
    case event_name::relay_failure:
    case event_name::expiry:
    case event_name::recall:
        return outgoing_report::stage::failed;
    default:
        return std::nullopt;
    }
}

/// Why a delivery ended: a code of the catalogue, perhaps with particulars behind `: `, or what a person or system
/// wrote.
void put_reason(const ledger::event& e, const std::string& recipient, outgoing_report& r) {
    const auto code = std::string_view(e.reason).substr(0, e.reason.find(": "));
    if (const auto known = errc_from_name(code)) {
        r.code = code;
        r.text = explain(error(*known, recipient), language::vietnamese);
        // The recipient has the document, by another way: nothing has failed for the sender.
        if (*known == errc::second_copy) r.reached = outgoing_report::stage::handed_over;
    } else {
        r.code = e.name_text();
        r.text = e.reason;
    }
}

/// What a sender is told of it; the key is the item's.
std::vector<outgoing_report> reports_of(const ledger::event& e, outgoing_report::stage stage) {
    outgoing_report r;
    r.reached = stage;
    if (e.dispatch_id) r.dispatch_id = e.dispatch_id->str();
    r.at = e.time;
    if (stage == outgoing_report::stage::accepted) return {r};
    std::vector<outgoing_report> all;
    for (const auto& recipient : e.to) {
        all.push_back(r);
        all.back().recipient = recipient;
        if (stage == outgoing_report::stage::failed) put_reason(e, recipient, all.back());
    }
    return all;
}

item_row read_row(const store::statement& q) {
    item_row r;
    r.id = q.integer(0);
    r.way = q.enumeration<direction>(1);
    r.key = q.text(2);
    r.label = q.text(3);
    r.state = q.enumeration<item_state>(4);
    r.own = q.integer(5) != 0;
    r.reference = q.text(6);
    r.code = q.text(7);
    r.text = q.text(8);
    r.attempts = static_cast<unsigned>(q.integer(9));
    r.since = *q.moment(10);
    r.changed_at = *q.moment(11);
    return r;
}

} // namespace

std::vector<due_report> journal::due_reports(std::size_t max) const {
    const std::scoped_lock lock(mutex_);
    auto q = db_.prepare("SELECT id, key, stage, dispatch_id, recipient, code, text, at FROM reports"
                         " WHERE set_aside IS NULL ORDER BY id LIMIT ?1");
    q.bind(static_cast<std::int64_t>(max));
    std::vector<due_report> all;
    while (q.step())
        all.push_back({q.integer(0),
                       {std::string(q.text(1)), q.enumeration<outgoing_report::stage>(2), std::string(q.text(3)),
                        std::string(q.text(4)), std::string(q.text(5)), std::string(q.text(6)), *q.moment(7)}});
    return all;
}

void journal::told(const std::vector<std::int64_t>& ids) {
    if (ids.empty()) return;
    const std::scoped_lock lock(mutex_);
    transaction t(*this, "told");
    for (const auto id : ids) {
        auto q = db_.prepare("DELETE FROM reports WHERE id=?1");
        q.bind(id).run();
    }
    t.commit();
}

void journal::set_report_aside(std::int64_t id, const std::string& why) {
    const std::scoped_lock lock(mutex_);
    transaction t(*this, "set report aside");
    {
        auto q = db_.prepare("UPDATE reports SET set_aside=?1 WHERE id=?2");
        q.bind(why).bind(id).run();
    }
    t.commit();
}

std::string journal::cursor(const std::string& agency) const {
    const std::scoped_lock lock(mutex_);
    auto q = db_.prepare("SELECT cursor FROM cursors WHERE agency=?1");
    return q.bind(agency).step() ? std::string(q.text(0)) : std::string();
}

void journal::keep(const std::vector<fact>& facts) {
    if (facts.empty()) return;
    const std::scoped_lock lock(mutex_);
    transaction t(*this, "keep");
    for (const auto& f : facts) {
        keep_one(f);
        auto q = db_.prepare("INSERT INTO cursors VALUES (?1, ?2) ON CONFLICT (agency) DO UPDATE SET cursor=?2");
        q.bind(f.agency).bind(f.cursor).run();
    }
    t.commit();
}

/// What it says is about the items with the very bytes that it names: what they were called is chosen by whoever sends,
/// and was perhaps ours before this journal. An acceptance may be known by its receipt before the answer to the
/// submission came, or instead of it.
void journal::keep_one(const fact& f) {
    const auto stage = f.event ? stage_of(f.event->name) : std::nullopt;
    if (!stage || !f.event->sha256) return;
    struct concerned {
        std::int64_t id;
        std::string key;
        bool own;
        bool is_accepted;
    };
    std::vector<concerned> items;
    {
        auto q = db_.prepare("SELECT id, key, own, state=1 FROM items WHERE sha256=?1 AND direction=0");
        q.bind(*f.event->sha256);
        while (q.step()) items.push_back({q.integer(0), std::string(q.text(1)), q.integer(2) != 0, q.integer(3) != 0});
    }
    const bool accepts = *stage == outgoing_report::stage::accepted;
    if (!accepts && !items.empty()) remember_ends(*stage, *f.event);
    for (const auto& i : items) {
        if (accepts) put_accepted(i.id, *f.event);
        // One that is not accepted yet hears of the ends when it is.
        if (i.own || !(accepts || i.is_accepted)) continue;
        for (auto r : reports_of(*f.event, *stage)) {
            r.key = i.key;
            add_report(r);
        }
    }
}

void journal::put_accepted(std::int64_t id, const ledger::event& e) {
    auto q = db_.prepare("UPDATE items SET state=1, reference=?1, code='', text='', changed_at=?2, content=NULL"
                         " WHERE id=?3");
    q.bind(e.dispatch_id ? e.dispatch_id->str() : std::string()).bind(to_millis(clock_.now())).bind(id).run();
}

void journal::remember_ends(outgoing_report::stage stage, const ledger::event& e) {
    for (const auto& r : reports_of(e, stage)) {
        auto q = db_.prepare("INSERT OR REPLACE INTO ends VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        q.bind(*e.sha256).bind(r.recipient).bind(r.reached).bind(r.code).bind(r.text).bind(to_millis(r.at)).run();
    }
}

void journal::add_known_ends(std::int64_t id, const std::string& key) {
    std::vector<outgoing_report> all;
    {
        auto q = db_.prepare("SELECT e.stage, i.reference, e.recipient, e.code, e.text, e.at FROM items i"
                             " JOIN ends e ON e.sha256=i.sha256 WHERE i.id=?1 ORDER BY e.at");
        q.bind(id);
        while (q.step())
            all.push_back({key, q.enumeration<outgoing_report::stage>(0), std::string(q.text(1)),
                           std::string(q.text(2)), std::string(q.text(3)), std::string(q.text(4)), *q.moment(5)});
    }
    for (const auto& r : all) add_report(r);
}

journal::arrival journal::begin(const client::inbox_delivery& d) {
    const std::scoped_lock lock(mutex_);
    const auto key = d.delivery_id.str();
    {
        auto q = db_.prepare("SELECT state, text FROM items WHERE direction=1 AND key=?1");
        if (q.bind(key).step()) return {q.enumeration<item_state>(0), false, std::string(q.text(1))};
    }
    transaction t(*this, "begin");
    {
        auto q = db_.prepare("INSERT INTO items (direction, key, label, state, since, changed_at)"
                             " VALUES (1, ?1, ?2, 0, ?3, ?3)");
        q.bind(key).bind(d.document_id).bind(to_millis(clock_.now())).run();
    }
    t.commit();
    return {item_state::under_way, true, {}};
}

void journal::delivered(const uuid& delivery, const std::string& reference,
                        const std::optional<new_submission>& status) {
    const std::scoped_lock lock(mutex_);
    const auto key = delivery.str();
    transaction t(*this, "delivered");
    {
        auto q = db_.prepare("UPDATE items SET state=1, reference=?1, code='', text='', changed_at=?2"
                             " WHERE direction=1 AND key=?3");
        q.bind(reference).bind(to_millis(clock_.now())).bind(key).run();
    }
    if (status) insert(*status, true);
    t.commit();
}

void journal::quarantine(const uuid& delivery, const std::string& code, const std::string& text) {
    const std::scoped_lock lock(mutex_);
    const auto key = delivery.str();
    transaction t(*this, "quarantine");
    {
        auto q = db_.prepare("UPDATE items SET state=2, code=?1, text=?2, attempts=attempts+1, changed_at=?3"
                             " WHERE direction=1 AND key=?4");
        q.bind(code).bind(text).bind(to_millis(clock_.now())).bind(key).run();
    }
    t.commit();
}

std::vector<item_row> journal::items(const item_query& query) const {
    const std::scoped_lock lock(mutex_);
    auto q = db_.prepare("SELECT id, direction, key, label, state, own, reference, code, text, attempts, since,"
                         " changed_at FROM items WHERE id>?1 AND (?2<0 OR direction=?2) AND (?3<0 OR state=?3)"
                         " ORDER BY id LIMIT ?4");
    q.bind(query.after).bind(query.way ? static_cast<std::int64_t>(*query.way) : -1);
    q.bind(query.state ? static_cast<std::int64_t>(*query.state) : -1).bind(static_cast<std::int64_t>(query.max));
    std::vector<item_row> all;
    while (q.step()) all.push_back(read_row(q));
    return all;
}

journal_counts journal::counts() const {
    const std::scoped_lock lock(mutex_);
    journal_counts c;
    auto q = db_.prepare("SELECT direction, state, count(*) FROM items GROUP BY direction, state");
    while (q.step()) c.items[q.integer(0) & 1][q.integer(1) % 3] = static_cast<std::uint64_t>(q.integer(2));
    auto r = db_.prepare("SELECT count(*), count(set_aside) FROM reports");
    r.step();
    c.reports_set_aside = static_cast<std::uint64_t>(r.integer(1));
    c.reports_due = static_cast<std::uint64_t>(r.integer(0)) - c.reports_set_aside;
    return c;
}

journal_counts journal::open_counts() const {
    const std::scoped_lock lock(mutex_);
    journal_counts c;
    auto q = db_.prepare("SELECT direction, state, count(*) FROM items WHERE direction IN (0, 1) AND state IN (0, 2)"
                         " GROUP BY direction, state");
    while (q.step()) c.items[q.integer(0) & 1][q.integer(1) % 3] = static_cast<std::uint64_t>(q.integer(2));
    return c;
}

std::optional<timestamp> journal::oldest() const {
    const std::scoped_lock lock(mutex_);
    auto q = db_.prepare("SELECT min(since) FROM items WHERE direction IN (0, 1) AND state=0");
    q.step();
    return q.moment(0);
}

/// A report that was set aside counts as well: it is due again.
std::size_t journal::retry_where(std::string_view key) {
    const std::scoped_lock lock(mutex_);
    const auto now = to_millis(clock_.now());
    transaction t(*this, "retry");
    std::size_t all = 0;
    {
        auto q = db_.prepare("UPDATE items SET state=0, next_at=0, bound=1, changed_at=?1 WHERE state=2"
                             " AND (?2='' OR key=?2)");
        q.bind(now).bind(key).run();
        all += static_cast<std::size_t>(db_.changes());
    }
    {
        auto q = db_.prepare("UPDATE reports SET set_aside=NULL WHERE set_aside IS NOT NULL AND (?1='' OR key=?1)");
        q.bind(key).run();
        all += static_cast<std::size_t>(db_.changes());
    }
    t.commit();
    return all;
}

std::size_t journal::retry(const std::string& key) { return key.empty() ? 0 : retry_where(key); }
std::size_t journal::retry_all() { return retry_where({}); }

std::string_view to_string(direction d) { return d == direction::outgoing ? "outgoing" : "incoming"; }

std::string_view to_string(direction d, item_state s) {
    if (s == item_state::quarantined) return "quarantined";
    if (s == item_state::under_way) return "waiting";
    return d == direction::outgoing ? "accepted" : "delivered";
}

} // namespace truc::adapter
