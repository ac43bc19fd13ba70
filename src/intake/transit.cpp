#include "evidence_judge.hpp"
#include "evidence_patience.hpp"
#include "home_check.hpp"
#include "leg_judge.hpp"
#include "lost_documents.hpp"

#include <truc/base/log.hpp>
#include <truc/intake/succession.hpp>
#include <truc/intake/transit.hpp>
#include <truc/model/dispatch_moment.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/pack/envelope_text.hpp>
#include <truc/store/business.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>

namespace truc::intake {

namespace {

constexpr std::string_view lies = "neighbour_lies";
constexpr std::string_view lost_in_restore = "lost_in_restore"; ///< the doctor counts it, too

std::string shown(const error& e) {
    return e.what.empty() ? std::string(describe(e.code).name) : fmt::format("{}: {}", describe(e.code).name, e.what);
}

/// A difference between what the acceptance states and what the home node finds; not a trouble of its own.
bool is_difference(errc code) {
    return code == errc::signature_differs || code == errc::certificate_unknown ||
           code == errc::certificate_of_other_agency;
}

/// An origin that sends a delivery again vouches for that one and no other.
bool is_resend(const ledger::event& e) { return e.name == event_name::resend && e.delivery_id && e.to.size() == 1; }

result<origins_word> read_acceptance(const ledger::receipt_verifier& verifier, std::string_view receipt) {
    auto verified = verifier.verify(receipt);
    if (!verified && verified.error().code == errc::receipt_invalid) return fail(verified.error());
    if (!verified) return fail(errc::receipt_invalid, shown(verified.error()));
    const auto& e = verified->event;
    const bool accepts = e.name == event_name::submission_acceptance || is_resend(e);
    if (!accepts || !e.dispatch_id || !e.sha256 || !e.signature)
        return fail(errc::receipt_invalid, fmt::format("{} ({}) is no acceptance", e.id(), e.name_text()));
    const auto first_accepted = e.answers.empty() ? e.time : moment_of(*e.dispatch_id);
    return origins_word{std::move(verified->event), first_accepted};
}

/// Envelope, receipt and content speak of the same document, and the hops lead from its origin to the neighbour.
result<void> check_agreement(const envelope& e, const ledger::event& acceptance, const sha256_digest& content,
                             const std::string& neighbour) {
    if (e.hops.back() != neighbour) return fail(errc::envelope_invalid, "the last Hop is " + e.hops.back());
    if (acceptance.dispatch_id != e.dispatch_id)
        return fail(errc::receipt_invalid, fmt::format("{} is about another dispatch", acceptance.id()));
    if (e.hops.front() != acceptance.log.node)
        return fail(errc::envelope_invalid,
                    fmt::format("the first Hop is {}, the origin {}", e.hops.front(), acceptance.log.node));
    if (acceptance.name == event_name::resend &&
        (e.deliveries.size() != 1 || e.deliveries.front().id != acceptance.delivery_id))
        return fail(errc::receipt_invalid, fmt::format("{} is about another delivery", acceptance.id()));
    if (acceptance.sha256 != content)
        return fail(errc::content_differs, fmt::format("{}, accepted {}", content.hex(), acceptance.sha256->hex()));
    return {};
}

/// What routing and the books need, from the document where it says it, else from the origin's acceptance.
store::incoming_leg describe_leg(const envelope& e, const ledger::event& acceptance, const pack::message& m,
                                 const directory::agency& sender) {
    store::incoming_leg leg;
    leg.neighbour = e.hops.back();
    leg.dispatch_id = e.dispatch_id;
    leg.kind = m.kind;
    leg.sender = sender.code.str();
    leg.document_id = m.document_id;
    if (m.kind == dispatch_kind::edoc) leg.code = m.code_number + "/" + m.code_notation;
    leg.promulgated = m.promulgation_date;
    leg.subject = m.subject;
    leg.status_code = m.status_code;
    leg.business = m.business;
    leg.priority = m.priority;
    leg.signature = *acceptance.signature;
    leg.origin = acceptance.log.node;
    leg.receipt_event = acceptance.id();
    leg.resent = acceptance.name == event_name::resend;
    leg.accepted_at = acceptance.time;
    leg.hops = e.hops;
    leg.extra = e.extra;
    leg.traceparent = e.traceparent;
    return leg;
}

store::evidence evidence_of(ledger::event e, const std::string& xml) {
    store::evidence taken;
    taken.event_id = e.id();
    taken.event = e.name;
    taken.node = std::move(e.log.node);
    taken.time = e.time;
    taken.dispatch_id = *e.dispatch_id;
    taken.delivery_id = e.delivery_id;
    taken.reason = std::move(e.reason);
    taken.xml = xml;
    return taken;
}

} // namespace

struct transit::parts {
    explicit parts(options given) : o(std::move(given)), verifier(make_verifier(std::move(o.exchange))) {}

    static std::shared_ptr<const ledger::receipt_verifier>
    make_verifier(std::shared_ptr<const trust::certificate_store> exchange) {
        return std::make_shared<const ledger::receipt_verifier>(std::move(exchange));
    }
    std::shared_ptr<const ledger::receipt_verifier> receipts() const { return std::atomic_load(&verifier); }

    result<store::incoming_leg> judge(const leg_reception& r, const envelope& e) const;
    std::vector<std::string> added_by_updates(const pack::message& m, const std::string& sender,
                                              const leg_surroundings& s) const;
    bool is_held_already(const envelope& e) const;
    static store::incoming_leg repetition_of(const envelope& e, const std::string& neighbour);
    result<store::fate> judge_here(const leg_judge& j, const spool& content, const origins_word& word,
                                   const surroundings& around, std::optional<checked_document>& checked) const;
    void accuse(const std::string& neighbour, std::string_view of, const error& e) const {
        if (o.alarms) o.alarms->raise(lies, neighbour, fmt::format("{}: {}", of, shown(e)));
    }
    bool may_take(const std::string& neighbour, const ledger::event& e, std::string_view of,
                  const evidence_judge::judgement& j);
    void note_lost(const std::string& neighbour, const ledger::event& e, std::string_view of, std::string_view why);
    bool may_wait(const std::string& neighbour, std::string_view of, const evidence_judge::judgement& j);
    void count(std::string_view outcome) const {
        if (!o.metrics) return;
        o.metrics
            ->get_counter("truc_legs_received_total", "Legs that neighbours offered",
                          fmt::format("outcome=\"{}\"", outcome))
            .add();
    }
    /// Nothing was taken: not now, or not like this, which somebody has to look at.
    void note_failure(const std::string& neighbour, std::string_view of, const error& e) const {
        const bool again = describe(e.code).retryable;
        const bool late = e.code == errc::deadline_passed; // it may have asked whether it was taken
        count(again ? "released" : "rejected");
        if (!again && !late) accuse(neighbour, of, e);
    }

    options o;
    std::shared_ptr<const ledger::receipt_verifier> verifier; ///< atomic_load and atomic_store only
    evidence_patience patience;
    lost_documents lost;
};

transit::transit(options o) : parts_(std::make_unique<parts>(std::move(o))) {}

transit::~transit() = default;

void transit::reload(std::shared_ptr<const trust::certificate_store> exchange) {
    std::atomic_store(&parts_->verifier, parts::make_verifier(std::move(exchange)));
}

result<leg_reception> transit::begin(std::string neighbour) const {
    if (!parts_->o.store->has_space()) return fail(errc::no_space);
    return leg_reception(std::move(neighbour), parts_->o.store->new_spool());
}

/// The fate of what is for agencies of this node. The document is read here when the signature is in order.
result<store::fate> transit::parts::judge_here(const leg_judge& j, const spool& content, const origins_word& word,
                                               const surroundings& around,
                                               std::optional<checked_document>& checked) const {
    if (!j.has_recipient_here()) return store::fate::forward;
    auto document = xml::document::parse(content.view());
    content.release_pages(); // a large document is in memory once, not twice, while its signature is computed
    if (!document) return fail(document.error());
    auto found = check_at_home(std::move(*document), content.size(), word, around);
    if (found) {
        checked = std::move(*found);
        return store::fate::consign;
    }
    const auto code = found.error().code;
    if (!is_difference(code)) return fail(std::move(found.error()));
    if (code != errc::signature_differs && j.or_behind(code) == errc::directory_behind)
        return fail(errc::directory_behind, std::move(found.error().what));
    return store::fate::undeliverable;
}

/// Whom the document does not name, but an update of it that came here before, from its sender or its successor.
std::vector<std::string> transit::parts::added_by_updates(const pack::message& m, const std::string& sender,
                                                          const leg_surroundings& s) const {
    std::vector<std::string> codes;
    if (m.kind != dispatch_kind::edoc) return codes;
    for (auto& added : store::recipients_added_to(*o.store, m.document_id))
        if (stands_for(*s.directory, sender, added.by, s.at)) codes.push_back(std::move(added.code));
    return codes;
}

result<store::incoming_leg> transit::parts::judge(const leg_reception& r, const envelope& e) const {
    const auto word = read_acceptance(*receipts(), r.receipt_);
    if (!word) return fail(word.error());
    const auto* acceptance = &word->event;
    if (auto agree = check_agreement(e, *acceptance, r.content_.digest(), r.neighbour_); !agree)
        return fail(agree.error());
    // An origin lets nothing in that is malformed, but the digest says more about who is to blame.
    if (r.malformed_) return fail(*r.malformed_);

    const auto around = o.intake->current();
    // The origin followed successions by its own clock.
    const auto at = std::max(o.clock->now(), word->first_accepted);
    const leg_surroundings s{*o.intake, around->directory, o.node, o.section_version, at};
    const leg_judge j(s, e);
    std::optional<checked_document> checked;
    const auto at_home = judge_here(j, r.content_, *word, *around, checked);
    if (!at_home) return fail(at_home.error());
    if (!checked) {
        auto read = pack::read_in_transit(r.content_.view());
        if (!read) return fail(read.error());
        checked = checked_document{std::move(*read), std::nullopt};
    }
    const auto sender = j.judge_origin(checked->message, *acceptance);
    if (!sender) return fail(sender.error());
    const auto added = added_by_updates(checked->message, (*sender)->code.str(), s);
    if (auto named = j.judge_recipients(checked->message, added, *acceptance); !named) return fail(named.error());
    auto leg = describe_leg(e, *acceptance, checked->message, **sender);
    leg.essence = checked->essence;
    leg.action = j.action_of(checked->message);
    leg.by_gateway = j.is_by_gateway(*acceptance);
    leg.deliveries = j.decide(*at_home);
    return leg;
}

/// Custody rule 4: what was taken before is accepted again, whatever the directory says by now. A neighbour that lost
/// the answer and is refused would believe that custody is still there.
bool transit::parts::is_held_already(const envelope& e) const {
    return std::all_of(e.deliveries.begin(), e.deliveries.end(), [&](const envelope::delivery& d) {
        const auto known = o.store->find_passed(d.id);
        return known && known->dispatch_id == e.dispatch_id && e.hops.size() <= known->hops.size();
    });
}

/// Changes nothing in the store; the content is there.
store::incoming_leg transit::parts::repetition_of(const envelope& e, const std::string& neighbour) {
    store::incoming_leg leg;
    leg.neighbour = neighbour;
    leg.dispatch_id = e.dispatch_id;
    leg.hops = e.hops;
    for (const auto& d : e.deliveries) leg.deliveries.push_back({d.id, d.recipient, d.deadline});
    return leg;
}

result<verified_leg> transit::examine(leg_reception& r) const {
    const auto refuse = [&](const error& e, std::string_view of) {
        parts_->note_failure(r.neighbour_, of, e);
        return fail(e);
    };
    if (r.fault_) return refuse(*r.fault_, "a leg");
    const auto e = pack::read_envelope(r.envelope_);
    if (!e) return refuse(e.error(), "an envelope");
    auto leg = parts_->judge(r, *e);
    if (!leg && parts_->is_held_already(*e)) return verified_leg(parts_->repetition_of(*e, r.neighbour_));
    if (!leg) return refuse(leg.error(), "dispatch " + e->dispatch_id.str());
    leg->receipt = std::move(r.receipt_);
    leg->content = std::move(r.content_);
    return verified_leg(std::move(*leg));
}

void transit::take(verified_leg leg, store::completion<store::leg_taken> done) {
    auto& l = leg.leg_;
    // The content must be durable before the writer sees the item; many of them are synced at once, off its thread.
    if (auto linked = parts_->o.store->link(l.content); !linked) return done(fail(linked.error()));
    auto answer = [this, neighbour = l.neighbour, of = "dispatch " + l.dispatch_id.str(),
                   done = std::move(done)](result<store::leg_taken> taken) {
        if (taken)
            parts_->count("accepted");
        else
            parts_->note_failure(neighbour, of, taken.error());
        done(std::move(taken));
    };
    parts_->o.store->take_leg(std::move(l), std::move(answer));
}

result<store::home_finding> transit::judge_at_home(const store::outgoing_leg& leg) const {
    const auto word = read_acceptance(*parts_->receipts(), leg.receipt);
    if (!word) return fail(errc::internal, shown(word.error()));
    const auto content = parts_->o.store->open_content(leg.sha256);
    if (!content) return fail(content.error());
    auto document = xml::document::parse(content->view());
    if (!document) return fail(document.error());
    const auto checked =
        check_at_home(std::move(*document), content->view().size(), *word, *parts_->o.intake->current());
    if (checked) return store::home_finding{store::fate::consign, {}, checked->essence};
    // The rest may be in order once the directory has what the sender's home has signed.
    if (checked.error().code != errc::signature_differs) return fail(checked.error());
    return store::home_finding{store::fate::undeliverable, errc::signature_differs};
}

/// Whether it is one for the store. If not, and somebody ought to know, says so.
bool transit::parts::may_take(const std::string& neighbour, const ledger::event& e, std::string_view of,
                              const evidence_judge::judgement& j) {
    using verdict = evidence_judge::verdict;
    switch (j.is) {
    case verdict::take:
        return true;
    case verdict::pass_over:
        spdlog::info("{} in the feed of {} is passed over: {}", of, neighbour, j.why);
        return false;
    case verdict::unknown:
        note_lost(neighbour, e, of, j.why);
        return false;
    case verdict::wait:
        if (o.alarms)
            o.alarms->raise("evidence_refused", neighbour,
                            fmt::format("{} was waited for in vain and is passed over: {}", of, j.why));
        return false;
    case verdict::suspect:
    case verdict::lie:
        accuse(neighbour, of, error(errc::receipt_invalid, j.why));
        return false;
    }
    return false;
}

/// After this node's store was restored from a copy, a neighbour knows of more than this node: each document is told
/// once, the node's administrators at the first.
void transit::parts::note_lost(const std::string& neighbour, const ledger::event& e, std::string_view of,
                               std::string_view why) {
    if (o.store->former_logs().empty()) {
        spdlog::info("{} in the feed of {} is passed over: {}", of, neighbour, why);
        return;
    }
    const auto count = lost.note(neighbour, e.dispatch_id.value_or(*e.delivery_id));
    if (!count) return;
    spdlog::info("lost in restoring: {} has evidence of document {} from {} to {}", neighbour,
                 e.dispatch_id ? e.dispatch_id->str() : "-", e.from, fmt::join(e.to, " "));
    if (!o.alarms) return;
    o.alarms->raise(lost_in_restore, neighbour,
                    fmt::format("it has evidence of {} documents that this node passed on after the copy that it was "
                                "restored from, and does not know: what was submitted here then, for agencies here "
                                "too, has to be sent again",
                                *count));
}

/// The feed stands before this one, and the alarm with it, until it can be judged or was waited for long enough.
bool transit::parts::may_wait(const std::string& neighbour, std::string_view of, const evidence_judge::judgement& j) {
    using verdict = evidence_judge::verdict;
    if (j.is != verdict::wait && j.is != verdict::suspect) return false;
    if (patience.is_over(neighbour, j.why, o.clock->now())) return false;
    if (o.alarms)
        o.alarms->raise("evidence_waits", neighbour,
                        fmt::format("{} cannot be judged yet, and what follows it waits: {}", of, j.why));
    return true;
}

store::evidence_batch transit::examine_evidence(const std::string& neighbour, const std::string& log,
                                                std::uint64_t from, const std::vector<fed_receipt>& receipts) const {
    const evidence_judge judge(*parts_->o.intake, *parts_->o.store, parts_->o.node, neighbour);
    const auto verifier = parts_->receipts();
    store::evidence_batch batch{neighbour, log, {}, from};
    for (const auto& fed : receipts) {
        if (fed.cursor <= batch.next) {
            parts_->accuse(neighbour, "its feed", error(errc::receipt_invalid, "the cursor does not rise"));
            return batch;
        }
        auto verified = verifier->verify(fed.xml);
        if (!verified) {
            parts_->accuse(neighbour, "a receipt", verified.error());
            batch.next = fed.cursor;
            continue;
        }
        const auto of = fmt::format("event {}, {}", verified->event.id(), verified->event.name_text());
        const auto judgement = judge.judge(verified->event);
        if (parts_->may_wait(neighbour, of, judgement)) return batch;
        batch.next = fed.cursor;
        if (parts_->may_take(neighbour, verified->event, of, judgement))
            batch.items.push_back(evidence_of(std::move(verified->event), fed.xml));
    }
    if (batch.next == from) return batch;
    parts_->patience.goes_on(neighbour);
    if (parts_->o.alarms) parts_->o.alarms->clear("evidence_waits", neighbour);
    return batch;
}

} // namespace truc::intake
