#include "doubt.hpp"

#include "way_calls.hpp"

namespace truc::api {

namespace {

/// What a neighbour answers begins with a code of the catalogue; that no answer came says the transport.
bool answer_was_lost(const store::delivery_row& v) {
    const auto& why = v.last_attempt;
    return !why.empty() && !errc_from_name(why.substr(0, why.find_first_of(": ")));
}

} // namespace

doubt::doubt(const services& s) : s_(s), directory_(s.intake.current_directory()) {
    for (const auto& lane : s.forwarder->lanes())
        if (lane.under_way > 0) asked_.insert(lane.neighbour);
}

bool doubt::concerns(const store::delivery_row& v) {
    if (v.state != delivery_state::queued) return false;
    return answer_was_lost(v) || asked_.contains(next_hop(v.recipient));
}

const std::string& doubt::next_hop(const std::string& recipient) {
    const auto [known, is_new] = next_hops_.try_emplace(recipient);
    if (is_new) known->second = route_to(s_, *directory_, recipient).next_hop;
    return known->second;
}

} // namespace truc::api
