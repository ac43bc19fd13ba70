#pragma once
#include <truc/base/clock.hpp>
#include <truc/model/vocabulary.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace truc::deliver {

/// Place in a lane: urgent first, then in the order of arrival.
struct leg_key {
    truc::priority priority{};
    std::int64_t seq = 0;

    friend bool operator<(const leg_key& a, const leg_key& b) {
        return a.priority != b.priority ? a.priority > b.priority : a.seq < b.seq;
    }
    bool operator==(const leg_key&) const = default;
};

/// Deliveries of one dispatch that came by the same hops and go to the same neighbour.
struct waiting_leg {
    static constexpr std::size_t most_rows = 500;

    std::int64_t dispatch = 0;
    truc::priority priority{};
    std::vector<std::string> hops;
    std::vector<std::int64_t> rows; ///< rising, never empty
    std::string recipient;          ///< the one for whom, where it does not go to a neighbour
    std::string offered_to;         ///< the neighbour that is on record as the one that may have it
    std::uint64_t size = 0;         ///< of the content, once it was read
    unsigned failures = 0;          ///< answers in a row that were about this leg and not about the neighbour
    bool bound = false;             ///< to its neighbour, which may have it already
    bool rejected = false;          ///< by the last answer
    std::string noted;              ///< the reason that the store knows
    timestamp noted_at{};

    leg_key key() const { return {priority, rows.front()}; }
};

} // namespace truc::deliver
