#include "judge.hpp"

#include <truc/base/log.hpp>
#include <truc/base/printable.hpp>
#include <truc/intake/pipeline.hpp>
#include <truc/model/traceparent.hpp>
#include <truc/pack/edxml.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>

namespace truc::intake {

namespace {

void record(duration_histogram* into, std::chrono::steady_clock::time_point since) {
    const auto took = std::chrono::steady_clock::now() - since;
    if (into)
        into->record_us(
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

} // namespace

pipeline::pipeline(options o, surroundings s)
    : o_(std::move(o)), surroundings_(std::make_shared<const surroundings>(std::move(s))) {
    if (!o_.metrics) return;
    for (std::size_t i = 0; i < accepted_.size(); ++i) {
        const auto door = static_cast<entrance>(i);
        if (door == entrance::relay) continue; // legs are counted by the transit
        accepted_[i] = &o_.metrics->get_counter("truc_accepted_total", "Dispatches accepted, repetitions not counted",
                                                fmt::format("entrance=\"{}\"", to_string(door)));
    }
    verify_time_ = &o_.metrics->get_histogram("truc_verify_seconds", "Duration of checking one message's signature");
    examine_time_ = &o_.metrics->get_histogram("truc_examine_seconds",
                                               "Duration of parsing, signature, schema and policy of one message");
}

pipeline::~pipeline() = default;

std::shared_ptr<const surroundings> pipeline::now() const { return std::atomic_load(&surroundings_); }

void pipeline::reload(surroundings s) {
    remember_moves(*now()->directory, *s.directory);
    std::atomic_store(&surroundings_,
                      std::shared_ptr<const surroundings>(std::make_shared<const surroundings>(std::move(s))));
}

void pipeline::note_home(const agency_code& agency, const std::string& node) {
    const std::lock_guard lock(moves_mutex_);
    former_homes_[agency.str()].insert(node);
}

void pipeline::remember_moves(const directory::directory& before, const directory::directory& after) {
    for (const auto& old : before.agencies())
        if (const auto* agency = after.find_agency(old.code.str()); agency && agency->node != old.node)
            note_home(agency->code, old.node);
}

void pipeline::remember_home(const agency_code& agency, const std::string& node) {
    const auto directory = current_directory();
    const auto* today = directory->find_agency(agency.str());
    // One that is in no directory today may be in the next.
    if (!today)
        note_home(agency, node);
    else if (today->node != node)
        note_home(today->code, node);
}

bool pipeline::was_home(const agency_code& agency, std::string_view node) const {
    const std::lock_guard lock(moves_mutex_);
    const auto homes = former_homes_.find(agency.str());
    return homes != former_homes_.end() && homes->second.count(node) != 0;
}

std::vector<std::string> pipeline::former_homes(const agency_code& agency) const {
    const std::lock_guard lock(moves_mutex_);
    const auto found = former_homes_.find(agency.str());
    if (found == former_homes_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

std::shared_ptr<const directory::directory> pipeline::current_directory() const { return now()->directory; }

result<reception> pipeline::begin(channel from, wishes asked) const {
    const auto& rules = rules_of(from.entrance);
    reception r(std::move(from), o_.store->new_spool(), rules, std::move(asked));
    if (!o_.store->has_space()) r.close(error(errc::no_space));
    if (const auto open = o_.is_open ? o_.is_open() : result<void>(); !open) r.close(open.error());
    return r;
}

result<verified_dispatch> pipeline::examine(reception& r) const {
    const auto start = std::chrono::steady_clock::now();
    if (r.fault_) return fail(*r.fault_);
    const auto around = now();
    auto document = xml::document::parse(r.spool_.view());
    r.spool_.release_pages(); // a large document is in memory once, not twice, while its signature is computed
    if (!document) return fail(document.error());
    // Judged as a document that may be unsigned first; the policy needs to know what it is and whose.
    const auto at = o_.clock->now();
    const auto parsed = std::chrono::steady_clock::now();
    auto view = around->verifier->verify(std::move(*document), r.size(), signature_policy::if_present, at);
    record(verify_time_, parsed);
    if (!view) return fail(view.error());
    if (auto valid = o_.schemas->validate(r.spool_.view()); !valid) return fail(valid.error());
    auto message = pack::read(*view);
    if (!message) return fail(message.error());
    r.facts_ = {message->from->written_id, message->document_id};

    judge j(*around->directory, r.channel_, o_.node, at);
    auto dispatch = j.judge_message(*message, *view, r.asked_);
    if (!dispatch) return fail(dispatch.error());
    dispatch->time_to_deliver = o_.time_to_deliver[static_cast<std::size_t>(message->priority)];
    dispatch->traceparent = r.asked_.traceparent;
    dispatch->content = std::move(r.spool_);
    record(examine_time_, start);
    return verified_dispatch(std::move(*dispatch));
}

namespace {

/// Whom the sender means this time. Its signature may be what fails today: the document is read without it, since these
/// bytes were vouched for when they were accepted. Nullopt for what cannot be read: it was accepted for nobody.
std::optional<std::vector<std::string>> asked_for(const wishes& asked, const channel& from, std::string_view document) {
    if (!asked.only_to.empty()) return asked.only_to;
    const auto message = pack::read_in_transit(document);
    if (!message) return std::nullopt;
    std::vector<std::string> codes;
    for (const auto& to : message->to)
        if (!from.is_served_beyond(from.directory->find_agency(to.id.str()))) codes.push_back(to.id.str());
    return codes;
}

/// Any of the channel's agencies may be the sender, and of what comes by a gateway whoever the document names.
std::vector<agency_code> possible_senders(const channel& from, std::string_view document) {
    auto codes = from.client->agencies;
    if (!from.client->gateway) return codes;
    if (const auto message = pack::read_in_transit(document)) codes.push_back(message->from->id);
    return codes;
}

/// Who took the place of a closed agency; nullptr for nobody, or if it is open.
const directory::agency* successor_of(const directory::agency& a, const directory::directory& d, timestamp at) {
    if (!a.valid_to || *a.valid_to > at || a.successors.size() != 1) return nullptr;
    return d.find_agency(a.successors.front().str());
}

/// Whether this delivery is what was asked for by this code. It may stand under the name of any agency that took the
/// recipient's place since, and the recipient may be in no directory any more.
bool is_for(const std::string& written, const std::string& recipient, const directory::directory& d, timestamp at) {
    const auto code = agency_code::parse(written);
    if (code && code->str() == recipient) return true;
    const auto* has = d.find_agency(recipient);
    std::set<const directory::agency*> seen; // successions may run in a circle
    for (const auto* a = d.find_agency(written); has && a && seen.insert(a).second; a = successor_of(*a, d, at))
        if (a == has) return true;
    return false;
}

bool covers(const store::acceptance& known, const std::vector<std::string>& asked, const directory::directory& d,
            timestamp at) {
    return std::all_of(asked.begin(), asked.end(), [&](const std::string& written) {
        return std::any_of(known.recipients.begin(), known.recipients.end(),
                           [&](const auto& recipient) { return is_for(written, recipient.code, d, at); });
    });
}

} // namespace

std::optional<store::acceptance> pipeline::recall_answer(const reception& r) const {
    if (!r.digest()) return std::nullopt;
    for (const auto& code : possible_senders(r.from(), r.spool_.view())) {
        const auto* agency = r.from().directory->find_agency(code.str());
        std::vector<std::string> codes{code.str()};
        if (agency)
            for (const auto& alias : agency->aliases) codes.push_back(alias.str());
        auto known = o_.store->find_acceptance(codes, *r.digest());
        if (!known) continue;
        const auto asked = asked_for(r.asked_, r.from(), r.spool_.view());
        if (asked && covers(*known, *asked, *r.from().directory, o_.clock->now())) return known;
    }
    return std::nullopt;
}

void pipeline::accept(verified_dispatch d, store::completion<store::acceptance> done) {
    // What the transaction would refuse anyway gets no content file that nobody would remove.
    if (!d.dispatch_.content.is_inline())
        if (auto foreseen = o_.store->foresee(d.dispatch_); !foreseen) return done(fail(foreseen.error()));
    // The content must be durable before the writer sees the item; many of them are synced at once, off its thread.
    if (auto linked = o_.store->link(d.dispatch_.content); !linked) return done(fail(linked.error()));
    auto* const accepted = accepted_[static_cast<std::size_t>(d.dispatch_.entrance)];
    o_.store->accept(std::move(d.dispatch_), [accepted, done = std::move(done)](result<store::acceptance> a) {
        if (a && !a->repeated && accepted) accepted->add();
        done(std::move(a));
    });
}

/// The same thing refused again is only counted. What is wrong in the document stands in the receipt: the log gets no
/// part of it.
void pipeline::say_refused(const reception& r, const error& e) const {
    const auto code = describe(e.code).name;
    const auto digest = r.digest() ? r.digest()->hex() : std::string("-");
    const auto more = refusals_.may_say(fmt::format("{} {} {}", r.from().client->id, digest, code));
    if (!more) return;
    constexpr std::size_t longest = 100;
    spdlog::warn("refused: code={} client={} from=\"{}\" document_id=\"{}\" sha256={} trace={}{}", code,
                 r.from().name(), printable(r.facts().from, longest), printable(r.facts().document_id, longest), digest,
                 trace_id_of(r.asked().traceparent), *more == 0 ? "" : fmt::format(" ({} times more since)", *more));
}

void pipeline::refuse(const reception& r, const error& e, store::completion<store::refusal_record> done) {
    say_refused(r, e);
    if (o_.metrics) {
        const auto label = "code=\"" + std::string(describe(e.code).name) + "\"";
        o_.metrics->get_counter("truc_refused_total", "Messages refused at the door", label).add();
    }
    store::refusal record;
    record.client = r.from().client->id;
    record.channel = r.from().name();
    record.sha256 = r.digest();
    record.code = e.code;
    record.what = e.what;
    record.from = r.facts().from;
    record.document_id = r.facts().document_id;
    const auto code = agency_code::parse(record.from);
    if (const auto* agency = code ? r.from().directory->find_agency(code->str()) : nullptr;
        agency && r.from().acts_for(agency->code))
        record.reader = agency->code.str();
    o_.store->refuse(std::move(record), std::move(done));
}

} // namespace truc::intake
