// Taking custody from a neighbour: what is new here, what comes back, what is here already.
#include "foreign_receipts.hpp"
#include "recall.hpp"
#include "work.hpp"

#include <truc/model/dispatch_moment.hpp>
#include <truc/model/traceparent.hpp>
#include <truc/store/neighbour_logs.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::store {

namespace {

/// So much may the clocks of two nodes differ.
constexpr auto clock_difference = std::chrono::seconds(60);

class take_leg_work final : public work {
  public:
    take_leg_work(incoming_leg leg, completion<leg_taken> done) : leg_(std::move(leg)), done_(std::move(done)) {}

    std::size_t size() const override {
        return leg_.receipt.size() + (leg_.content.is_inline() ? leg_.content.size() : 0);
    }
    const sha256_digest* content_file() const override {
        return leg_.content.is_inline() ? nullptr : &leg_.content.digest();
    }
    result<void> apply(transaction& t) override;
    void committed(transaction&) override { done_(leg_taken{!moved_}); }
    void failed(error e) override { done_(fail(std::move(e))); }

  private:
    result<void> take(transaction& t, const incoming_delivery& offered);
    bool comes_too_late(transaction& t, const incoming_delivery& offered) const;
    result<void> find_dispatch(transaction& t);
    void insert_dispatch(transaction& t);
    std::int64_t keep_leg_receipt(transaction& t) const;
    void prefer_acceptance(transaction& t) const;
    result<void> meet(transaction& t, held_delivery& v, const incoming_delivery& offered);
    bool may_have_had(transaction& t, const held_delivery& v, const incoming_delivery& offered) const;
    void take_back(transaction& t, held_delivery& v, const incoming_delivery& offered);
    bool has_forgotten(transaction& t, const held_delivery& v) const;
    void learn(transaction& t, held_delivery& v);
    bool is_vouched_for_apart(transaction& t) const;
    void vouch(transaction& t, held_delivery& v) const;
    void record_acceptance(transaction& t, held_delivery& v);
    void decide(transaction& t, held_delivery& v, const incoming_delivery& offered);

    incoming_leg leg_;
    completion<leg_taken> done_;
    std::int64_t dispatch_ = 0; ///< its row, once it is known
    bool moved_ = false;        ///< custody of something
};

result<void> take_leg_work::apply(transaction& t) {
    for (const auto& offered : leg_.deliveries) {
        auto known = find_held(t.db, offered.id);
        auto done = known ? meet(t, *known, offered) : take(t, offered);
        if (!done) return done;
    }
    return {};
}

/// Whoever has custody of it ends it, and may have promised so to an administrator. A copy that was restored cannot
/// tell what was never here from what it has lost: of that age it takes everything.
bool take_leg_work::comes_too_late(transaction& t, const incoming_delivery& offered) const {
    if (offered.deadline + clock_difference > t.book.time()) return false;
    auto q = t.db.prepare("SELECT e.time FROM former_log f LEFT JOIN event e ON e.leaf = f.size"
                          " ORDER BY f.epoch DESC LIMIT 1");
    if (!q.step()) return true;
    return !q.is_null(0) && from_millis(q.integer(0)) + clock_difference < leg_.accepted_at;
}

/// A delivery that was never here.
result<void> take_leg_work::take(transaction& t, const incoming_delivery& offered) {
    if (comes_too_late(t, offered))
        return fail(errc::deadline_passed, offered.id.str() + ": " + to_rfc3339(offered.deadline));
    if (!offered.on_its_way)
        return fail(errc::directory_behind, offered.id.str() + " does not come from " + leg_.neighbour);
    if (auto found = find_dispatch(t); !found) return found;
    keep_action(t.db, dispatch_, leg_.action);
    held_delivery v;
    v.dispatch = dispatch_;
    v.id = offered.id;
    v.dispatch_id = leg_.dispatch_id;
    v.kind = leg_.kind;
    v.business = leg_.business;
    v.recipient = offered.recipient;
    v.priority = leg_.priority;
    v.lane_class = lane_class_of(leg_.kind, leg_.business, leg_.priority);
    v.state = delivery_state::queued;
    v.accepted_at = leg_.accepted_at;
    v.deadline = offered.deadline;
    v.last_leaf = t.book.size();
    v.hops = leg_.hops;
    v.came_from = {leg_.neighbour};
    v.document_id = leg_.document_id;
    v.sender = leg_.sender;
    v.sha256 = leg_.content.digest();
    v.own = false;
    vouch(t, v);
    if (offered.fate == fate::forward) v.offered_to = first_asked(t, v.recipient);
    if (!insert_delivery(t, v))
        return fail(errc::envelope_invalid, "another delivery of this document for " + v.recipient + " is known");
    keep_withdrawals(t.db, v, leg_.action);
    if (leg_.resent) {
        auto about = t.db.prepare("UPDATE evidence SET delivery = ? WHERE id = ?");
        about.bind(v.seq).bind(v.vouched_by).run();
    }
    t.count(tally::from_neighbours);
    record_acceptance(t, v);
    decide(t, v, offered);
    return {};
}

result<void> take_leg_work::find_dispatch(transaction& t) {
    if (dispatch_ != 0) return {};
    auto q = t.db.prepare("SELECT d.seq, d.receipt IS NULL, d.sender, c.sha256 FROM dispatch d"
                          " JOIN content c ON c.id = d.content WHERE d.id = ?");
    q.bind(leg_.dispatch_id);
    if (!q.step()) {
        insert_dispatch(t);
        return {};
    }
    if (q.text(2) != leg_.sender || q.digest(3) != leg_.content.digest())
        return fail(errc::envelope_invalid, leg_.dispatch_id.str() + " is another document");
    // All its deliveries were made here, together with it.
    if (q.integer(1) != 0)
        return fail(errc::envelope_invalid, leg_.dispatch_id.str() + " was submitted here, for others");
    dispatch_ = q.integer(0);
    if (!leg_.resent) prefer_acceptance(t);
    keep_content(t.db, leg_.content); // retention may have removed what earlier recipients had
    keep_essence(t.db, dispatch_, leg_.essence);
    return {};
}

void take_leg_work::insert_dispatch(transaction& t) {
    const auto content = keep_content(t.db, leg_.content);
    const auto receipt = keep_leg_receipt(t);
    auto row =
        t.db.prepare("INSERT INTO dispatch (id, kind, sender, document_id, code, promulgated, subject,"
                     " business, status_code, priority, content, signature, client, entrance, accepted_at,"
                     " accepted_leaf, warnings, receipt, extra, essence, door, by_gateway, traceparent,"
                     " origin_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?)");
    row.bind(leg_.dispatch_id).bind(leg_.kind).bind(std::string_view(leg_.sender));
    row.bind(std::string_view(leg_.document_id)).bind(std::string_view(leg_.code));
    row.bind(std::string_view(leg_.promulgated)).bind(std::string_view(leg_.subject)).bind(leg_.business);
    row.bind(std::string_view(leg_.status_code)).bind(leg_.priority).bind(content).bind(leg_.signature);
    row.bind(std::string_view(leg_.neighbour)).bind(entrance::relay).bind(to_millis(t.book.time()));
    row.bind(static_cast<std::int64_t>(t.book.size())).bind(receipt).bind(std::string_view(leg_.extra));
    leg_.essence ? row.bind(*leg_.essence) : row.bind_null();
    row.bind(std::string_view(leg_.origin)).bind(std::int64_t{leg_.by_gateway});
    // An older origin names none; whoever knows Truc's id finds it all the same.
    const auto trace = leg_.traceparent.empty() ? make_traceparent(leg_.dispatch_id) : leg_.traceparent;
    row.bind(std::string_view(trace)).bind(to_millis(moment_of(leg_.dispatch_id))).run();
    dispatch_ = t.db.last_id();
    auto about = t.db.prepare("UPDATE evidence SET dispatch = ? WHERE id = ?");
    about.bind(dispatch_).bind(receipt).run();
}

std::int64_t take_leg_work::keep_leg_receipt(transaction& t) const {
    const auto name = leg_.resent ? event_name::resend : event_name::submission_acceptance;
    return keep_or_find_receipt(
        t.db,
        {leg_.receipt_event, name, leg_.origin, leg_.accepted_at, leg_.dispatch_id, std::nullopt, {}, leg_.receipt},
        dispatch_ != 0 ? std::optional(dispatch_) : std::nullopt);
}

/// Until now only a delivery that was sent again had been here: its Resend vouches for no other.
void take_leg_work::prefer_acceptance(transaction& t) const {
    auto q =
        t.db.prepare("SELECT 1 FROM dispatch d JOIN evidence e ON e.id = d.receipt WHERE d.seq = ? AND e.name = ?");
    q.bind(dispatch_).bind(event_name::resend);
    if (!q.step()) return;
    auto row = t.db.prepare("UPDATE dispatch SET receipt = ? WHERE seq = ?");
    row.bind(keep_leg_receipt(t)).bind(dispatch_).run();
}

/// Recipients that were added later stand in another acceptance than the one that came first.
bool take_leg_work::is_vouched_for_apart(transaction& t) const {
    if (leg_.resent) return true;
    auto q = t.db.prepare("SELECT e.event_id FROM dispatch d JOIN evidence e ON e.id = d.receipt WHERE d.seq = ?");
    return q.bind(dispatch_).step() && q.text(0) != leg_.receipt_event;
}

/// The number tells those for one recipient apart here; at other nodes it may be another.
void take_leg_work::vouch(transaction& t, held_delivery& v) const {
    if (!is_vouched_for_apart(t)) return;
    v.vouched_by = keep_leg_receipt(t);
    if (!leg_.resent) return;
    auto q = t.db.prepare("SELECT coalesce(max(resend), 0) + 1 FROM delivery WHERE dispatch = ? AND recipient = ?");
    q.bind(v.dispatch).bind(std::string_view(v.recipient)).step();
    v.resend = static_cast<unsigned>(q.integer(0));
}

/// A delivery that was here before. Its custody number tells a leg that comes later from a late copy of an earlier one:
/// what this node passed on had one hop more than what it took, so only what has still more can be its return,
/// whichever way it took.
result<void> take_leg_work::meet(transaction& t, held_delivery& v, const incoming_delivery& offered) {
    if (v.dispatch_id != leg_.dispatch_id)
        return fail(errc::envelope_invalid, offered.id.str() + " is a delivery of another document");
    if (!may_have_had(t, v, offered)) {
        if (leg_.hops.size() <= v.hops.size()) return {};
        return fail(errc::directory_behind,
                    fmt::format("custody of {} is not known to have been at {}", offered.id.str(), leg_.neighbour));
    }
    if (v.state == delivery_state::relayed && leg_.hops.size() > v.hops.size() + 1)
        take_back(t, v, offered);
    else
        learn(t, v);
    return {};
}

/// Hops are not signed, and everybody who got some delivery of a dispatch can make up a leg for the others. A neighbour
/// is believed that stands where the delivery comes from or goes to, or whose acceptance of it came here by the feeds;
/// if that is still on its way, the leg is offered again.
bool take_leg_work::may_have_had(transaction& t, const held_delivery& v, const incoming_delivery& offered) const {
    const auto& neighbour = leg_.neighbour;
    if (offered.on_its_way || v.passed_to == neighbour) return true;
    if (std::find(v.came_from.begin(), v.came_from.end(), neighbour) != v.came_from.end()) return true;
    auto q = t.db.prepare("SELECT 1 FROM evidence WHERE dispatch = ? AND delivery = ? AND node = ? AND name = ?");
    q.bind(v.dispatch).bind(v.seq).bind(std::string_view(neighbour)).bind(event_name::relay_acceptance);
    return q.step();
}

void take_leg_work::take_back(transaction& t, held_delivery& v, const incoming_delivery& offered) {
    v.state = delivery_state::queued;
    v.passed_to.clear();
    v.offered_to = v.lane = offered.fate == fate::forward ? first_asked(t, v.recipient) : std::string();
    v.hops = leg_.hops;
    if (std::find(v.came_from.begin(), v.came_from.end(), leg_.neighbour) == v.came_from.end())
        v.came_from.push_back(leg_.neighbour);
    record_acceptance(t, v);
    const auto hops = join_words(v.hops), came_from = join_words(v.came_from);
    auto row = t.db.prepare("UPDATE delivery SET state = ?, passed_to = '', hops = ?, came_from = ?, last_leaf = ?,"
                            " attempts = 0, last_attempt = '', next_at = NULL, offered_to = ?, lane = ?,"
                            " warn_at = CASE WHEN warn_at > ? THEN warn_at END WHERE seq = ?");
    row.bind(v.state).bind(std::string_view(hops)).bind(std::string_view(came_from));
    row.bind(static_cast<std::int64_t>(v.last_leaf)).bind(std::string_view(v.offered_to));
    row.bind(std::string_view(v.lane)).bind(to_millis(t.book.time())).bind(v.seq).run();
    decide(t, v, offered);
}

/// Who asks about what has ended did not hear of the end. One that was restored from a copy lately may have read what
/// came back before it had the delivery anew.
bool take_leg_work::has_forgotten(transaction& t, const held_delivery& v) const {
    if (is_final(v.state)) return true;
    auto q = t.db.prepare("SELECT 1 FROM neighbour_head WHERE neighbour = ? AND met_at > ?");
    q.bind(std::string_view(leg_.neighbour)).bind(to_millis(t.book.time() - restored_lately));
    return q.step();
}

/// Its state does not change, but what follows depends on two facts: a larger custody number must not be forgotten
/// while custody is here (the next passing has to exceed it), and whoever gave custody is told how it ends.
void take_leg_work::learn(transaction& t, held_delivery& v) {
    const bool later = is_in_custody(v) && leg_.hops.size() > v.hops.size();
    const bool giver_known = std::find(v.came_from.begin(), v.came_from.end(), leg_.neighbour) != v.came_from.end();
    if (!giver_known) v.came_from.push_back(leg_.neighbour);
    if (!giver_known || has_forgotten(t, v)) append_known_evidence(t, v, leg_.neighbour);
    if (!later && giver_known) return;
    if (later) v.hops = leg_.hops;
    const auto hops = join_words(v.hops), came_from = join_words(v.came_from);
    auto row = t.db.prepare("UPDATE delivery SET hops = ?, came_from = ? WHERE seq = ?");
    row.bind(std::string_view(hops)).bind(std::string_view(came_from)).bind(v.seq).run();
    if (later && v.state == delivery_state::queued) announce_again(t, v);
}

void take_leg_work::record_acceptance(transaction& t, held_delivery& v) {
    auto e = event_about(v, event_name::relay_acceptance);
    e.answers = {leg_.receipt_event};
    e.channel = std::string(to_string(entrance::relay)) + ":" + leg_.neighbour;
    v.last_leaf = record(t, std::move(e), v);
    moved_ = true;
}

/// Custody is here; what becomes of it (custody rule 3).
void take_leg_work::decide(transaction& t, held_delivery& v, const incoming_delivery& offered) {
    if (leg_.hops.size() > hop_limit)
        return end(t, v,
                   {delivery_state::undeliverable,
                    event_name::relay_failure,
                    std::string(describe(errc::too_many_hops).name),
                    {}});
    switch (offered.fate) {
    case fate::forward:
        return announce_queued(t, v);
    case fate::consign:
        return consign(t, v, offered.successor);
    case fate::undeliverable:
        return end(t, v,
                   {delivery_state::undeliverable,
                    event_name::content_consignment_failure,
                    std::string(describe(offered.reason).name),
                    {}});
    }
}

} // namespace

std::unique_ptr<work> make_take_leg(incoming_leg leg, completion<leg_taken> done) {
    return std::make_unique<take_leg_work>(std::move(leg), std::move(done));
}

} // namespace truc::store
