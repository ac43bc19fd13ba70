#include "both_sides.hpp"

#include "edxml_builder.hpp"

#include <truc/base/bytes.hpp>

#include <algorithm>
#include <cstdlib>

namespace truc::test {

namespace {

/// The power is not really cut: memory is durable enough, and a thousand commits cost nothing there.
[[maybe_unused]] const bool in_memory =
    std::filesystem::is_directory("/dev/shm") && ::setenv("TMPDIR", "/dev/shm", 0) == 0;

} // namespace

result<std::vector<waiting_item>> fake_outbox::list(std::size_t max) {
    ++asked;
    fuse_.step();
    if (down) return fail(*down);
    std::vector<waiting_item> all;
    for (const auto& [key, r] : waiting)
        if (all.size() < max) all.push_back({key, "item " + key});
    return all;
}

result<std::string> fake_outbox::load(const std::string& key) {
    fuse_.step();
    auto& r = waiting.at(key);
    ++r.loads;
    if (r.fault) return fail(*r.fault);
    return r.content;
}

result<void> fake_outbox::report(const outgoing_report& r) {
    fuse_.step();
    if (down) return fail(*down);
    if (refuses_reports) return fail(*refuses_reports);
    using enum outgoing_report::stage;
    if (r.reached == accepted || r.reached == refused) waiting.erase(r.key);
    auto& all = told[r.key];
    const auto same = [&r](const outgoing_report& o) {
        return o.reached == r.reached && o.recipient == r.recipient && o.dispatch_id == r.dispatch_id;
    };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back(r);
    fuse_.step();
    return {};
}

std::vector<outgoing_report::stage> fake_outbox::stages_of(const std::string& key) const {
    std::vector<outgoing_report::stage> stages;
    const auto all = told.find(key);
    if (all == told.end()) return stages;
    for (const auto& r : all->second)
        if (stages.empty() || stages.back() != r.reached) stages.push_back(r.reached);
    return stages;
}

result<std::string> fake_inbox::deliver(const incoming_item& item) {
    fuse_.step();
    ++attempts;
    const auto id = item.delivery_id.str();
    if (down) return fail(*down);
    if (const auto fault = faults.find(id); fault != faults.end()) return fail(fault->second);
    if (has.contains(id) && !item.perhaps_there) ++twice;
    has[id] = item.edxml;
    fuse_.step();
    return "no. " + id;
}

client::submission_answer fake_exchange::submit_one(const client::submission& s) {
    using outcome = client::submission_answer::outcome;
    ++submissions;
    seen[s.name] = s.content;
    if (const auto set = answers.find(s.name); set != answers.end()) return set->second;
    const auto same = [&s](const auto& one) { return one.second == s.content; };
    if (std::any_of(accepted.begin(), accepted.end(), same)) return {outcome::accepted, {}, {}};
    auto name = s.name;
    while (accepted.contains(name)) name += " again"; // the books show it
    accepted[name] = s.content;
    on_behalf[name] = s.signed_on_behalf;
    add_fact(s.name, event_name::submission_acceptance);
    add_fact(s.name, event_name::content_handover);
    return {outcome::accepted, {}, {}};
}

std::vector<client::submission_answer> fake_exchange::submit(const std::vector<client::submission>& all,
                                                             std::chrono::milliseconds) {
    std::vector<client::submission_answer> answered;
    fuse_.step();
    for (const auto& s : all) {
        answered.push_back(submit_one(s));
        fuse_.step();
    }
    return answered;
}

std::vector<client::inbox_delivery> fake_exchange::receive(std::size_t max, std::chrono::milliseconds) {
    fuse_.step();
    std::vector<client::inbox_delivery> all;
    for (const auto& d : inbox) {
        if (all.size() == max || handed_over.contains(d.delivery_id) || aside.contains(d.delivery_id)) continue;
        if (const auto back = given_back_.find(d.delivery_id);
            back != given_back_.end() && back->second == clock_.now())
            continue;
        if (lent.insert(d.delivery_id).second) all.push_back(d);
    }
    return all;
}

void fake_exchange::accept(const uuid& delivery) {
    fuse_.step();
    handed_over.insert(delivery);
    lent.erase(delivery);
    fuse_.step();
}

void fake_exchange::release(const uuid& delivery) {
    lent.erase(delivery);
    given_back_[delivery] = clock_.now();
}

void fake_exchange::set_aside(const uuid& delivery, const std::string& why) {
    fuse_.step();
    aside[delivery] = why;
    lent.erase(delivery);
    fuse_.step();
}

std::vector<fact> fake_exchange::read_evidence(std::size_t max, std::chrono::milliseconds) {
    fuse_.step();
    std::vector<fact> all;
    while (read_ < feed.size() && all.size() < max) all.push_back(feed[read_++]);
    return all;
}

void fake_exchange::reconnect(const std::string& cursor) {
    lent.clear();
    given_back_.clear();
    aside.clear();
    read_ = cursor.empty() ? 0 : std::stoul(cursor);
}

void fake_exchange::add_delivery(const std::string& content, const std::string& to) {
    const auto now = test_pki::now() + std::chrono::milliseconds(inbox.size());
    inbox.push_back(
        {uuid::make(now), uuid::make(now), dispatch_kind::edoc, "id", "from", to, priority::normal, content});
}

void fake_exchange::add_fact(const std::string& submission, event_name name, const std::string& reason) {
    ledger::event e;
    e.name = name;
    e.time = test_pki::now();
    e.dispatch_id = uuid{};
    e.to = {both_sides::theirs};
    e.sha256 = sha256(seen.contains(submission) ? seen.at(submission) : "foreign bytes");
    e.reason = reason;
    feed.push_back({both_sides::ours, submission, std::move(e), std::to_string(feed.size() + 1)});
}

both_sides::both_sides() { start(); }

void both_sides::start() {
    evidence.reset();
    in.reset();
    out.reset();
    desk.reset();
    journal.reset();
    journal = std::make_unique<adapter::journal>(place.path() / "journal.db", clock,
                                                 [this](std::string_view) { wire.step(); });
    desk = std::make_unique<signing_desk>(
        std::vector<agency_signing>{{ours, policy, sign_statuses, agency.certificate, agency.key}}, clock);
    middle.reconnect(journal->cursor(ours));
    out = std::make_unique<outbound>(workshop{"td", *journal, middle, *desk, outbox_side, clock, metrics}, outbox);
    in = std::make_unique<inbound>(workshop{"td", *journal, middle, *desk, inbox_side, clock, metrics}, context, inbox,
                                   inbound::options{report_arrival, {}});
    evidence = std::make_unique<evidence_reader>(*journal, middle, nullptr);
}

void both_sides::restart() {
    wire.blows_at = 0;
    start();
}

bool both_sides::settle() {
    try {
        for (unsigned round = 0; round < 100; ++round) {
            const bool sent = out->pass();
            const bool received = in->pass({});
            const bool proved = evidence->pass({});
            if (!sent && !received && !proved) return true;
        }
    } catch (const power_cut&) {
        return false;
    }
    throw std::runtime_error("the adapter does not come to rest");
}

std::string both_sides::document(const std::string& number, const std::string& from, const std::string& to,
                                 const std::string& subject) const {
    edxml_document d;
    d.number = number;
    d.from = from;
    d.to = {to};
    d.subject = subject;
    return build(d);
}

std::vector<std::string> both_sides::accepted_with(std::string_view mention) const {
    std::vector<std::string> names;
    for (const auto& [name, content] : middle.accepted)
        if (content.find(mention) != std::string::npos) names.push_back(name);
    return names;
}

} // namespace truc::test
