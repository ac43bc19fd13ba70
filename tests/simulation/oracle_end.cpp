// The last judgement: when nothing moves any more, every promise must have been kept.
#include "oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace truc::simulation {

namespace {

bool proves(event_name e, delivery_state s) {
    switch (s) {
    case delivery_state::handed_over:
        return e == event_name::content_handover;
    case delivery_state::rejected:
        return e == event_name::content_handover_failure;
    case delivery_state::expired:
        return e == event_name::expiry;
    case delivery_state::undeliverable:
        return e == event_name::content_consignment_failure || e == event_name::relay_failure;
    default:
        return false;
    }
}

} // namespace

void oracle::judge_the_end() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) look_at(i);
    for (const auto& [id, acceptance] : promised_)
        for (const auto& r : acceptance.recipients) judge_delivery(r.delivery_id);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (const auto& [id, last] : seen_[i])
            if (last.is_origin) judge_delivery(id);
        judge_origin(i);
    }
    for (const auto& [id, where] : handed_over_)
        if (const auto known = ends_.find(id);
            known == ends_.end() || known->second.state != delivery_state::handed_over)
            violated(fmt::format("{} was handed over at {}, and no node knows it", id.str(), where));
    judge_sums();
}

/// Promise 1: one node ended it, and every other that saw it knows how.
void oracle::judge_delivery(const uuid& delivery) {
    std::vector<std::string> ended_here;
    std::vector<std::string> open;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto found = seen_[i].find(delivery);
        if (found == seen_[i].end()) continue;
        const auto& r = found->second;
        if (!is_final(r.state))
            open.push_back(fmt::format("{} at {} (to {})", to_string(r.state), nodes_[i]->name(), r.passed_to));
        else if (r.passed_to.empty())
            ended_here.push_back(nodes_[i]->name());
    }
    if (!open.empty()) return violated(fmt::format("{} is still {}", delivery.str(), fmt::join(open, ", ")));
    if (ended_here.size() != 1)
        violated(fmt::format("{} was ended by {} nodes: {}", delivery.str(), ended_here.size(),
                             fmt::join(ended_here, ", ")));
}

/// Promises 3 and 6, as the origin can show them.
void oracle::judge_origin(std::size_t i) {
    auto& n = *nodes_[i];
    store::store::dispatch_filter all;
    all.max = 1'000'000;
    for (const auto& d : n.store().list_dispatches(all))
        if (d.origin == n.name()) judge_evidence(i, d.id, d.deliveries);
    if (const auto sound = n.store().check_ledger(*cast::instance().exchange()); !sound)
        violated("the ledger of " + n.name() + " is unsound: " + sound.error().what);
    const auto books = n.store().read_origin_books();
    const auto own = static_cast<std::size_t>(
        std::count_if(seen_[i].begin(), seen_[i].end(), [](const auto& r) { return r.second.is_origin; }));
    if (books.accepted != own || books.open != 0)
        violated(fmt::format("{} accepted {} deliveries, its books say {} of which {} are open", n.name(), own,
                             books.accepted, books.open));
}

void oracle::judge_evidence(std::size_t i, const uuid& dispatch, const std::vector<store::delivery_row>& deliveries) {
    const auto receipts = nodes_[i]->store().receipts_of(dispatch);
    const auto digest = nodes_[i]->store().find_dispatch(dispatch)->sha256;
    for (const auto& v : deliveries) {
        const auto proof = std::find_if(receipts.begin(), receipts.end(), [&](const auto& r) {
            return r.delivery_id == v.id && proves(r.event, v.state);
        });
        const auto which =
            fmt::format("the end {} of {} at its origin {}", to_string(v.state), v.id.str(), nodes_[i]->name());
        if (proof == receipts.end()) {
            violated("no evidence of " + which);
            continue;
        }
        const auto stated = ledger::verify_receipt(proof->xml, *cast::instance().exchange());
        if (!stated)
            violated("the evidence does not verify of " + which + ": " + stated.error().what);
        else if (stated->event.delivery_id != v.id || stated->event.dispatch_id != dispatch ||
                 stated->event.to != std::vector{v.recipient} ||
                 (stated->event.sha256 && stated->event.sha256 != digest))
            violated("the evidence states something else than " + which + ": " + proof->xml);
    }
}

/// Promise 6 over the whole exchange: what one passed on another has taken.
void oracle::judge_sums() {
    std::uint64_t passed = 0, taken = 0, accepted = 0, ended = 0;
    for (const auto& n : nodes_) {
        const auto b = n->store().read_books();
        passed += b.passed_on;
        taken += b.from_neighbours;
        accepted += b.from_agencies;
        ended += b.handed_over + b.rejected + b.recalled + b.expired + b.undeliverable;
        if (b.in_custody) violated(fmt::format("{} has {} deliveries in custody still", n->name(), b.in_custody));
    }
    if (passed != taken) violated(fmt::format("{} deliveries were passed on and {} taken", passed, taken));
    if (accepted != ended) violated(fmt::format("{} deliveries were accepted and {} ended", accepted, ended));
}

} // namespace truc::simulation
