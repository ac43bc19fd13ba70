#include "held.hpp"

#include "foreign_receipts.hpp"
#include "recall.hpp"
#include "work.hpp"

#include <fmt/ranges.h>

namespace truc::store {

namespace {

const std::string held_columns =
    "SELECT v.seq, v.dispatch, v.id, d.id, v.recipient, v.priority, v.state, v.deadline, v.last_leaf, v.passed_to,"
    " v.hops, v.came_from, d.document_id, d.sender, c.sha256, d.receipt IS NULL, v.offered_to,"
    " v.copy_of, v.held, v.held_by, v.held_reason, v.held_at, v.resend, v.resent_from, v.vouched_by,"
    " v.lane, v.lane_class, d.kind, d.business, v.held_leaf FROM delivery v "
    "JOIN dispatch d ON d.seq = v.dispatch JOIN content c ON c.id = d.content ";
const std::string held_by_id = held_columns + "WHERE v.id = ?";
const std::string held_by_seq = held_columns + "WHERE v.seq = ?";
const std::string copies_of = held_columns + "WHERE v.copy_of = ? ORDER BY v.seq";

std::optional<held_delivery> read_held(statement& q) {
    if (!q.step()) return std::nullopt;
    held_delivery v;
    v.seq = q.integer(0);
    v.dispatch = q.integer(1);
    v.id = q.id(2);
    v.dispatch_id = q.id(3);
    v.recipient = q.text(4);
    v.priority = q.enumeration<priority>(5);
    v.state = q.enumeration<delivery_state>(6);
    v.deadline = from_millis(q.integer(7));
    v.last_leaf = static_cast<std::uint64_t>(q.integer(8));
    v.passed_to = q.text(9);
    v.hops = split_words(q.text(10));
    v.came_from = split_words(q.text(11));
    v.document_id = q.text(12);
    v.sender = q.text(13);
    v.sha256 = q.digest(14);
    v.own = q.integer(15) != 0;
    v.offered_to = q.text(16);
    v.copy_of = q.is_null(17) ? 0 : q.integer(17);
    v.held = held_in(q, 18);
    v.resend = static_cast<unsigned>(q.integer(22));
    v.resent_from = q.is_null(23) ? 0 : q.integer(23);
    v.vouched_by = q.is_null(24) ? 0 : q.integer(24);
    v.lane = q.text(25);
    v.lane_class = q.enumeration<lane_class>(26);
    v.kind = q.enumeration<dispatch_kind>(27);
    v.business = q.enumeration<business_type>(28);
    v.held_leaf = static_cast<std::uint64_t>(q.integer(29));
    return v;
}

} // namespace

std::optional<held_delivery> find_held(connection& db, const uuid& id) {
    auto q = db.prepare(held_by_id);
    q.bind(id);
    return read_held(q);
}

std::optional<held_delivery> find_held(connection& db, std::int64_t seq) {
    auto q = db.prepare(held_by_seq);
    q.bind(seq);
    return read_held(q);
}

std::optional<held_delivery> find_delivered(connection& db, const uuid& id,
                                            const std::vector<std::string>& recipients) {
    auto v = find_held(db, id);
    const bool theirs = v && v->passed_to.empty() && v->state != delivery_state::queued && v->copy_of == 0 &&
                        std::find(recipients.begin(), recipients.end(), v->recipient) != recipients.end();
    if (!theirs) return std::nullopt;
    return v;
}

bool was_held_by(const held_delivery& v, const std::string& node) {
    const auto among = [&node](const std::vector<std::string>& names) {
        return std::find(names.begin(), names.end(), node) != names.end();
    };
    return among(v.hops) || among(v.came_from);
}

std::vector<std::string> readers_of(const held_delivery& v) {
    std::vector<std::string> readers;
    if (v.own) readers.push_back(v.sender);
    for (const auto& neighbour : v.came_from) readers.push_back(feed_of_node(neighbour));
    return readers;
}

ledger::event event_about(const held_delivery& v, event_name name) {
    ledger::event e;
    e.name = name;
    e.dispatch_id = v.dispatch_id;
    e.delivery_id = v.id;
    e.document_id = v.document_id;
    e.from = v.sender;
    e.to = {v.recipient};
    e.sha256 = v.sha256;
    return e;
}

std::uint64_t record(transaction& t, ledger::event e, const held_delivery& v) {
    return t.record(std::move(e), v.dispatch, v.seq, readers_of(v));
}

void pass_back(transaction& t, const held_delivery& v, std::int64_t receipt, const std::string& neighbour) {
    for (const auto& reader : readers_of(v)) {
        if (reader == feed_of_node(neighbour)) continue;
        t.feeds.append_evidence(reader, receipt);
        t.notice.feeds.push_back(reader);
    }
}

void append_known_evidence(transaction& t, const held_delivery& v, const std::string& neighbour) {
    const auto reader = feed_of_node(neighbour);
    auto own = t.db.prepare("SELECT leaf FROM event WHERE dispatch = ? AND delivery = ? ORDER BY leaf");
    own.bind(v.dispatch).bind(v.seq);
    while (own.step()) t.feeds.append_leaf(reader, static_cast<std::uint64_t>(own.integer(0)));
    auto foreign = t.db.prepare("SELECT e.id, e.name, v.ended_by = e.id FROM evidence e"
                                " JOIN delivery v ON v.seq = e.delivery"
                                " WHERE e.dispatch = ? AND e.delivery = ? AND e.node <> ? ORDER BY e.id");
    foreign.bind(v.dispatch).bind(v.seq).bind(std::string_view(neighbour));
    while (foreign.step()) {
        // An end that did not end it here is no news for anybody else.
        const auto end = end_stated_by(foreign.enumeration<event_name>(1));
        const bool counts = !end || (*end == v.state && !foreign.is_null(2) && foreign.integer(2) != 0);
        if (counts) t.feeds.append_evidence(reader, foreign.integer(0));
    }
    t.notice.feeds.push_back(reader);
}

void keep_essence(connection& db, std::int64_t dispatch, const std::optional<sha256_digest>& essence) {
    if (!essence) return;
    auto row = db.prepare("UPDATE dispatch SET essence = ? WHERE seq = ? AND essence IS NULL");
    row.bind(*essence).bind(dispatch).run();
}

std::optional<first_copy> find_first_copy(connection& db, const held_delivery& v) {
    // In this order whatever the planner knows: a document has few copies, a recipient many deliveries.
    auto q = db.prepare("SELECT v.seq, v.id, v.state FROM dispatch d CROSS JOIN dispatch o CROSS JOIN delivery v"
                        " WHERE d.seq = ?1 AND (o.content = d.content OR o.essence = d.essence AND o.essence NOT NULL)"
                        " AND (o.door <> d.door OR o.by_gateway <> d.by_gateway) AND v.dispatch = o.seq"
                        " AND v.recipient = ?2 AND v.state IN (?3, ?4) AND v.copy_of IS NULL"
                        " ORDER BY v.state DESC, v.seq LIMIT 1");
    q.bind(v.dispatch).bind(std::string_view(v.recipient));
    q.bind(delivery_state::consigned).bind(delivery_state::handed_over);
    if (!q.step()) return std::nullopt;
    return first_copy{q.integer(0), q.id(1), q.enumeration<delivery_state>(2)};
}

bool insert_delivery(transaction& t, held_delivery& v) {
    v.lane = v.offered_to;
    const auto hops = join_words(v.hops);
    const auto came_from = join_words(v.came_from);
    auto row = t.db.prepare(
        "INSERT INTO delivery (id, dispatch, recipient, priority, state, deadline, consigned_at,"
        " last_leaf, reason, hops, came_from, offered_to, lane, lane_class, resend, resent_from, vouched_by,"
        " warn_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (dispatch, recipient, resend) DO NOTHING");
    row.bind(v.id).bind(v.dispatch).bind(std::string_view(v.recipient)).bind(v.priority).bind(v.state);
    row.bind(to_millis(v.deadline));
    v.state == delivery_state::consigned ? row.bind(to_millis(t.book.time())) : row.bind_null();
    row.bind(static_cast<std::int64_t>(v.last_leaf)).bind(std::string_view(hops)).bind(std::string_view(came_from));
    row.bind(std::string_view(v.offered_to)).bind(std::string_view(v.lane)).bind(v.lane_class);
    row.bind(std::int64_t{v.resend});
    v.resent_from ? row.bind(v.resent_from) : row.bind_null();
    v.vouched_by ? row.bind(v.vouched_by) : row.bind_null();
    // Whoever had custody at that moment warns, nobody after it.
    const auto warn_at = v.deadline - (v.deadline - v.accepted_at) / 4;
    warn_at > t.book.time() ? row.bind(to_millis(warn_at)) : row.bind_null();
    row.run();
    if (t.db.changes() == 0) return false;
    v.seq = t.db.last_id();
    return true;
}

namespace {

/// Whether the origin made a delivery of its own for that agency. It may not have come here yet.
bool is_sent_to(connection& db, const held_delivery& v, const std::string& agency) {
    if (v.own) return false; // all of them are rows, and of one name there is one
    auto q = db.prepare("SELECT receipt FROM dispatch WHERE seq = ?");
    if (!q.bind(v.dispatch).step()) return false;
    const auto acceptance = ledger::parse_event(event_in(load_receipt(db, q.integer(0))));
    return acceptance && std::find(acceptance->to.begin(), acceptance->to.end(), agency) != acceptance->to.end();
}

/// Gives it the name of who answers for its recipient. False when that one gets the document anyway.
bool redirect(transaction& t, held_delivery& v, const std::string& successor) {
    if (is_sent_to(t.db, v, successor)) return false;
    auto row = t.db.prepare("UPDATE OR IGNORE delivery SET recipient = ? WHERE seq = ?");
    row.bind(std::string_view(successor)).bind(v.seq).run();
    if (t.db.changes() == 0) return false;
    v.recipient = successor;
    rename_withdrawals(t.db, v);
    return true;
}

} // namespace

std::uint64_t record_consignment(transaction& t, const held_delivery& v) {
    t.notice.inboxes.push_back(v.recipient);
    auto e = event_about(v, event_name::content_consignment);
    e.answers = {t.book.id_of(v.last_leaf)};
    return record(t, std::move(e), v);
}

namespace {

void place_in_inbox(transaction& t, held_delivery& v) {
    v.copy_of = 0;
    v.last_leaf = record_consignment(t, v);
    v.state = delivery_state::consigned;
    // What failed was passing it on; from now on handing it over counts.
    auto row = t.db.prepare("UPDATE delivery SET state = ?, consigned_at = ?, last_leaf = ?, attempts = 0,"
                            " last_attempt = '', next_at = NULL, copy_of = NULL WHERE seq = ?");
    row.bind(v.state).bind(to_millis(t.book.time())).bind(static_cast<std::int64_t>(v.last_leaf)).bind(v.seq).run();
}

/// Its reporter's home, where it was submitted, has noted it then.
void note_arrived_status(transaction& t, const held_delivery& v) {
    if (v.kind != dispatch_kind::status || v.own) return;
    auto q = t.db.prepare("SELECT status_code FROM dispatch WHERE seq = ?");
    q.bind(v.dispatch).step();
    note_status(t, v.dispatch, std::string(q.text(0)), v);
}

} // namespace

void consign(transaction& t, held_delivery& v, const std::string& successor) {
    const auto named = v.recipient;
    if (!successor.empty() && successor != v.recipient && !redirect(t, v, successor))
        return end(t, v,
                   {delivery_state::undeliverable,
                    event_name::content_consignment_failure,
                    std::string(describe(errc::recipient_closed).name),
                    {}});
    if (end_if_withdrawn(t, v, named)) return;
    if (const auto first = find_first_copy(t.db, v)) return yield_to(t, v, *first);
    const auto taken = take_away(t, v);
    if (end_if_done(t, v, taken)) return;
    place_in_inbox(t, v);
    if (taken.given_out) record_too_late(t, v, *taken.given_out);
    note_arrived_status(t, v);
}

namespace {

/// Each is looked at anew: it may be a copy of another one as well.
void release_copies(transaction& t, const held_delivery& first) {
    std::vector<held_delivery> waiting;
    auto q = t.db.prepare(copies_of);
    q.bind(first.seq);
    while (auto copy = read_held(q)) waiting.push_back(std::move(*copy));
    for (auto& copy : waiting) consign(t, copy);
}

void account_for_hold(const held_delivery& v, end_cause& cause) {
    if (v.held.kind != held_kind::no) cause.reason = v.held.reason;
    const bool ordered = v.held.kind == held_kind::to_expire && v.held.by != held_by_truc_itself;
    if (ordered) cause.channel = "admin:" + v.held.by;
}

void write_end(transaction& t, const held_delivery& v, std::string_view reason) {
    auto row = t.db.prepare("UPDATE delivery SET state = ?1, ended_at = ?2, learned_at = ?2, last_leaf = ?3,"
                            " reason = ?4, copy_of = NULL, held = 0 WHERE seq = ?5");
    row.bind(v.state).bind(to_millis(t.book.time())).bind(static_cast<std::int64_t>(v.last_leaf));
    row.bind(reason).bind(v.seq).run();
}

} // namespace

void lift_hold(connection& db, held_delivery& v) {
    v.held = {};
    auto row = db.prepare("UPDATE delivery SET held = 0, held_by = '', held_reason = '', held_at = NULL,"
                          " held_leaf = NULL WHERE seq = ?");
    row.bind(v.seq).run();
}

void end(transaction& t, held_delivery& v, end_cause cause) {
    const bool was_first = v.state == delivery_state::consigned && v.copy_of == 0;
    if (cause.event == event_name::expiry && cause.channel.empty()) account_for_hold(v, cause);
    v.held = {};
    auto e = event_about(v, cause.event);
    e.answers = {t.book.id_of(v.last_leaf)};
    e.answers.insert(e.answers.end(), cause.also_answers.begin(), cause.also_answers.end());
    e.reason = cause.reason;
    e.channel = std::move(cause.channel);
    v.last_leaf = record(t, std::move(e), v);
    v.state = cause.to;
    v.copy_of = 0;
    write_end(t, v, cause.reason);
    if (was_first) release_copies(t, v);
}

void yield_to(transaction& t, held_delivery& v, const first_copy& first) {
    if (first.state == delivery_state::handed_over)
        return end(t, v,
                   {delivery_state::undeliverable,
                    event_name::content_consignment_failure,
                    fmt::format("{}: {}", describe(errc::second_copy).name, first.id.str()),
                    {}});
    v.state = delivery_state::consigned;
    v.copy_of = first.seq;
    auto row = t.db.prepare("UPDATE delivery SET state = ?, copy_of = ?, attempts = 0, last_attempt = '',"
                            " next_at = NULL WHERE seq = ?");
    row.bind(v.state).bind(v.copy_of).bind(v.seq).run();
}

/// The end that an event states, if it states one.
std::optional<delivery_state> end_stated_by(event_name name) {
    switch (name) {
    case event_name::content_handover:
        return delivery_state::handed_over;
    case event_name::content_handover_failure:
        return delivery_state::rejected;
    case event_name::content_consignment_failure:
    case event_name::relay_failure:
        return delivery_state::undeliverable;
    case event_name::expiry:
        return delivery_state::expired;
    case event_name::recall:
        return delivery_state::recalled;
    default:
        return std::nullopt;
    }
}

void end_elsewhere(transaction& t, const held_delivery& v, const std::string& neighbour, const stated_end& e) {
    // Whatever the clock there shows: it did not end before it came here, nor later than now.
    auto row = t.db.prepare("UPDATE delivery SET state = ?1, passed_to = ?2, ended_by = ?3, reason = ?4,"
                            " learned_at = ?5, ended_at = min(?5, max(?6, d.accepted_at)), next_at = NULL, held = 0"
                            " FROM dispatch d WHERE delivery.seq = ?7 AND d.seq = delivery.dispatch");
    row.bind(e.to).bind(std::string_view(neighbour)).bind(e.evidence).bind(std::string_view(e.reason));
    row.bind(to_millis(t.book.time())).bind(to_millis(e.at)).bind(v.seq).run();
}

std::string first_asked(const transaction& t, const std::string& recipient) {
    return t.way ? t.way(recipient) : std::string();
}

void announce_queued(transaction& t, const held_delivery& v) {
    if (v.held.kind != held_kind::no) return;
    t.notice.queued.push_back({v.seq, v.dispatch, v.priority, v.recipient, v.hops, v.deadline, v.own, v.offered_to,
                               v.resend > 0, v.lane_class, v.lane});
}

void wait_in(transaction& t, held_delivery& v, const std::string& lane) {
    v.lane = lane;
    v.offered_to = lane == t.book.log().node ? std::string() : lane;
    auto row = t.db.prepare("UPDATE delivery SET lane = ?, offered_to = ? WHERE seq = ?");
    row.bind(std::string_view(v.lane)).bind(std::string_view(v.offered_to)).bind(v.seq).run();
    announce_queued(t, v);
}

void announce_again(transaction& t, held_delivery& v) { wait_in(t, v, first_asked(t, v.recipient)); }

} // namespace truc::store
