#pragma once
#include <truc/base/clock.hpp>
#include <truc/base/result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace truc::api {

/// What is known of a neighbour node, for administrators.
struct neighbour_view {
    std::string name;
    bool connected = false;
    std::string dialled_by; ///< the node that opened the connection; empty while there is none
    std::string address;    ///< what this node dials; empty where it only waits to be dialled
    unsigned version = 0;   ///< of the protocol that the neighbour stated; 0 until it did
    std::vector<std::string> abilities;
    std::optional<milliseconds> round_trip;
    std::optional<milliseconds> clock_offset; ///< the neighbour's clock minus this node's
    std::string log;                          ///< the neighbour's, with the head that was seen last
    std::uint64_t ledger_size = 0;
    std::optional<timestamp> head_time;
    std::optional<timestamp> since; ///< connected or down since then
    std::string last_error;         ///< why the way was lost, or could not be opened, last
};

/// The neighbours of this node, as the relay keeps them. Thread-safe.
class neighbourhood {
  public:
    virtual ~neighbourhood() = default;
    virtual std::vector<neighbour_view> neighbours() const = 0; ///< by name
    using ping_completion = std::function<void(result<neighbour_view>)>;
    /// Announces this node to the neighbour now; `done` is called once, from any thread, with what the neighbour told.
    /// Errors: not_found (no neighbour of that name), unreachable (no connection), timeout.
    virtual void ping(const std::string& name, ping_completion done) = 0;
};

} // namespace truc::api
