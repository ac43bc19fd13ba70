#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace truc {

/// The state of one dispatch for one recipient at one node. Stored in databases: never renumber.
/// `relayed` is custody given to a neighbour; `consigned` lies in the recipient's inbox. The last five are ends.
/// `rejected` is the refusal by the recipient's system before hand-over; a clerk's status 02 changes no state here.
enum class delivery_state : std::uint8_t {
    queued = 0,
    relayed = 1,
    consigned = 2,
    handed_over = 3,
    rejected = 4,
    recalled = 5,
    expired = 6,
    undeliverable = 7,
};

inline constexpr delivery_state all_delivery_states[] = {
    delivery_state::queued,   delivery_state::relayed,  delivery_state::consigned, delivery_state::handed_over,
    delivery_state::rejected, delivery_state::recalled, delivery_state::expired,   delivery_state::undeliverable};

constexpr bool is_final(delivery_state s) { return s >= delivery_state::handed_over; }

/// Whether a delivery may go from one state to the other. No way leads out of an end. A directory change while a
/// delivery is under way moves its recipient's home: custody then comes back from the neighbour (relayed → queued or
/// consigned), or leaves the inbox again (consigned → queued).
constexpr bool may_become(delivery_state from, delivery_state to) {
    using enum delivery_state;
    switch (from) {
    case queued:
        return to == relayed || to == consigned || to == recalled || to == expired || to == undeliverable;
    case relayed:
        return is_final(to) || to == queued || to == consigned;
    case consigned:
        return to == queued || to == handed_over || to == rejected || to == recalled || to == expired ||
               to == undeliverable;
    default:
        return false;
    }
}

std::string_view to_string(delivery_state s);
std::optional<delivery_state> delivery_state_from(std::string_view text);

} // namespace truc
