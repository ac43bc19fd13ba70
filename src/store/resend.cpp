// A delivery that has ended is sent once more: by a new one that names it. Its id follows from the dispatch, the
// recipient and the how manieth it is, so that it is the origin's word and nobody else's; the Resend travels with it.
#include "foreign_receipts.hpp"
#include "held.hpp"
#include "parts.hpp"

#include <truc/model/delivery_id.hpp>

#include <fmt/format.h>

namespace truc::store {

namespace {

class resend_work final : public work {
  public:
    resend_work(resend_order o, completion<recipient_delivery> done) : o_(std::move(o)), done_(std::move(done)) {
        o_.who.reason = clipped(std::move(o_.who.reason));
    }
    result<void> apply(transaction& t) override;
    void committed(transaction&) override { done_(std::move(answer_)); }
    void failed(error e) override { done_(fail(std::move(e))); }

  private:
    void record_resend(transaction& t, held_delivery& v, const held_delivery& old, signature_outcome signature) const;

    resend_order o_;
    completion<recipient_delivery> done_;
    recipient_delivery answer_;
};

/// What takes documents away takes the same ones when it is sent again.
void repeat_withdrawals(connection& db, const held_delivery& v) {
    auto rows = db.prepare("INSERT OR IGNORE INTO withdrawal (by_delivery, document_id, recipient)"
                           " SELECT ?, document_id, recipient FROM withdrawal WHERE by_delivery = ?");
    rows.bind(v.seq).bind(v.resent_from).run();
}

std::string origin_of(connection& db, const held_delivery& v) {
    auto q = db.prepare("SELECT e.node FROM dispatch d JOIN evidence e ON e.id = d.receipt WHERE d.seq = ?");
    q.bind(v.dispatch);
    return q.step() ? std::string(q.text(0)) : std::string();
}

/// The delivery for the same recipient that is still open.
std::optional<uuid> find_open(connection& db, const held_delivery& v) {
    auto q = db.prepare("SELECT id FROM delivery WHERE dispatch = ? AND recipient = ? AND state < 3");
    q.bind(v.dispatch).bind(std::string_view(v.recipient));
    if (!q.step()) return std::nullopt;
    return q.id(0);
}

/// The recall, or the replacement that this recipient gets, of the document; one that came before it meant an earlier
/// document of the same DocumentId. What an update takes from one recipient
/// only its home knows for certain, and ends it there.
std::optional<uuid> find_withdrawal(const transaction& t, const held_delivery& v) {
    auto q = t.db.prepare("SELECT r.id, r.sender FROM action a JOIN dispatch r ON r.seq = a.dispatch"
                          " WHERE a.document_id = ?1 AND (r.receipt IS NOT NULL OR r.seq > ?5) AND (r.business = ?2 OR "
                          "r.business = ?3 AND EXISTS"
                          " (SELECT 1 FROM delivery n WHERE n.dispatch = r.seq AND n.recipient = ?4))");
    q.bind(std::string_view(v.document_id)).bind(business_type::recall).bind(business_type::replace);
    q.bind(std::string_view(v.recipient)).bind(v.dispatch);
    while (q.step())
        if (t.is_of_line(v.sender, std::string(q.text(1)))) return q.id(0);
    return std::nullopt;
}

/// What the old delivery's row does not tell its readers.
struct old_facts {
    truc::lane_class lane_class{};
    signature_outcome signature{};
    bool purged = false;
    unsigned newest = 0; ///< of those that were sent to the recipient already
};

old_facts facts_of(connection& db, const held_delivery& v) {
    auto q = db.prepare("SELECT d.kind, d.business, d.signature, c.purged_at IS NOT NULL,"
                        " (SELECT max(resend) FROM delivery WHERE dispatch = ?1 AND recipient = ?2)"
                        " FROM dispatch d JOIN content c ON c.id = d.content WHERE d.seq = ?1");
    q.bind(v.dispatch).bind(std::string_view(v.recipient)).step();
    return {lane_class_of(q.enumeration<dispatch_kind>(0), q.enumeration<business_type>(1), v.priority),
            q.enumeration<signature_outcome>(2), q.integer(3) != 0, static_cast<unsigned>(q.integer(4))};
}

result<void> may_resend(const transaction& t, const held_delivery& v, const old_facts& facts) {
    if (!v.own)
        return fail(errc::not_in_custody,
                    fmt::format("the delivery {} was accepted at {}", v.id.str(), origin_of(t.db, v)));
    // It, or the one that repeats it.
    if (const auto open = find_open(t.db, v))
        return fail(errc::not_permitted, fmt::format("the delivery {} has not ended", open->str()));
    if (const auto by = find_withdrawal(t, v)) return fail(errc::withdrawn, by->str());
    if (v.state == delivery_state::recalled) return fail(errc::withdrawn, v.id.str());
    if (facts.purged) return fail(errc::purged, v.dispatch_id.str());
    return {};
}

/// The event that ended it: this node's, or the evidence of the one where it ended.
std::string end_of(const transaction& t, const held_delivery& v) {
    if (!v.passed_to.empty()) {
        auto q = t.db.prepare("SELECT event_id, name FROM evidence WHERE dispatch = ? AND delivery = ? ORDER BY id");
        q.bind(v.dispatch).bind(v.seq);
        while (q.step())
            if (end_stated_by(q.enumeration<event_name>(1)) == v.state) return std::string(q.text(0));
    }
    return t.book.id_of(v.last_leaf);
}

result<void> resend_work::apply(transaction& t) {
    const auto old = find_held(t.db, o_.delivery);
    if (!old) return fail(errc::not_found, o_.delivery.str());
    const auto facts = facts_of(t.db, *old);
    if (auto may = may_resend(t, *old, facts); !may) return may;
    auto v = *old;
    v.resend = facts.newest + 1;
    v.id = delivery_id_of(v.dispatch_id, v.recipient, v.resend);
    v.resent_from = old->seq;
    v.lane_class = facts.lane_class;
    v.state = delivery_state::queued;
    v.accepted_at = t.book.time();
    v.deadline = v.accepted_at + o_.time_to_deliver(v.priority);
    v.passed_to.clear();
    v.hops.clear();
    v.came_from.clear();
    v.last_leaf = t.book.size();
    v.copy_of = 0;
    v.held = {};
    v.offered_to = first_asked(t, v.recipient);
    if (!insert_delivery(t, v)) return fail(errc::internal, v.id.str());
    repeat_withdrawals(t.db, v);
    t.count(tally::resent);
    record_resend(t, v, *old, facts.signature);
    announce_again(t, v);
    answer_ = {v.recipient, v.id};
    return {};
}

void resend_work::record_resend(transaction& t, held_delivery& v, const held_delivery& old,
                                signature_outcome signature) const {
    auto e = event_about(v, event_name::resend);
    e.signature = signature;
    e.answers = {end_of(t, old)};
    e.channel = "admin:" + o_.who.by;
    e.reason = o_.who.reason;
    v.last_leaf = record(t, std::move(e), v);
}

} // namespace

void store::resend(resend_order o, completion<recipient_delivery> done) {
    if (!has_space()) return done(fail(errc::no_space));
    parts_->writing->submit(std::make_unique<resend_work>(std::move(o), std::move(done)));
}

} // namespace truc::store
