#pragma once
#include <truc/base/clock.hpp>
#include <truc/model/lane_class.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace truc::deliver {

/// Deliveries of one dispatch that came by the same hops and go to the same neighbour.
struct waiting_leg {
    static constexpr std::size_t most_rows = 500;

    std::int64_t dispatch = 0;
    truc::lane_class lane_class{};
    std::vector<std::string> hops;
    std::vector<std::int64_t> rows; ///< rising, never empty
    std::string recipient;          ///< the one for whom, where it does not go to a neighbour
    std::uint64_t size = 0;         ///< of the content, once it was read
    unsigned failures = 0;          ///< answers in a row that were about this leg and not about the neighbour
    bool alone = false;             ///< a receipt of its own vouches for it
    bool bound = false;             ///< to its neighbour, which may have it already
    std::string noted;              ///< the reason that the store knows
    timestamp noted_at{};

    /// Its place within its class: what came first has waited longest.
    std::int64_t key() const { return rows.front(); }
};

} // namespace truc::deliver
