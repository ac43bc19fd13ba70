#pragma once
#include <truc/model/delivery_state.hpp>

#include <array>
#include <cstdint>

namespace truc {

/// The books of one node, counted in deliveries and read in one transaction (promise 6):
///   from agencies + from neighbours + resent = handed over + passed on + rejected + recalled + expired + undeliverable
///   + in custody.
struct books {
    std::uint64_t from_agencies = 0;
    std::uint64_t from_neighbours = 0;
    std::uint64_t resent = 0;

    std::uint64_t handed_over = 0;
    std::uint64_t passed_on = 0; ///< to neighbours, whatever became of them there
    std::uint64_t rejected = 0;
    std::uint64_t recalled = 0;
    std::uint64_t expired = 0;
    std::uint64_t undeliverable = 0;
    std::uint64_t in_custody = 0; ///< queued or consigned here

    std::uint64_t refused_at_door = 0; ///< beside the sum: refusals with a receipt, repeated ones counted
    /// Ends as they were counted while they happened, independently of the delivery rows.
    std::uint64_t counted_handed_over = 0;
    std::uint64_t counted_rejected = 0;

    std::uint64_t taken_in() const { return from_agencies + from_neighbours + resent; }
    std::uint64_t accounted_for() const {
        return handed_over + passed_on + rejected + recalled + expired + undeliverable + in_custody;
    }
    bool balance() const {
        return taken_in() == accounted_for() && counted_handed_over == handed_over && counted_rejected == rejected;
    }
};

/// The books of an origin, end to end: what became of the deliveries that were submitted at this node, as far as
/// evidence has come back (promise 6): accepted = handed over + rejected + recalled + expired + undeliverable + open.
struct origin_books {
    std::uint64_t accepted = 0;
    std::uint64_t handed_over = 0;
    std::uint64_t rejected = 0;
    std::uint64_t recalled = 0;
    std::uint64_t expired = 0;
    std::uint64_t undeliverable = 0;
    std::uint64_t open = 0;

    bool balance() const { return accepted == handed_over + rejected + recalled + expired + undeliverable + open; }
};

} // namespace truc
