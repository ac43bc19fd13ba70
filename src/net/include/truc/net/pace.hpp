#pragma once
#include <chrono>
#include <cstdint>

namespace truc::net {

/// How slow a peer may be while a body moves.
struct pace_limits {
    std::chrono::milliseconds grace{10'000}; ///< time to wait that is free
    std::chrono::milliseconds stall{30'000}; ///< longest pause
    std::uint64_t bytes_per_second = 1024;   ///< average demanded once the grace is used up
};

/// Keeps one transfer to its limits. Only time spent waiting for the peer counts; our own work is not held against it.
/// A value for one strand.
class pace {
  public:
    using clock = std::chrono::steady_clock;

    explicit pace(const pace_limits& limits) : limits_(limits) {}

    /// Until when the next wait for the peer may last.
    clock::time_point deadline(clock::time_point now) const;
    void waited(clock::duration time) { waited_ += time; }
    void moved(std::uint64_t bytes) { bytes_ += bytes; }

  private:
    pace_limits limits_;
    clock::duration waited_{};
    std::uint64_t bytes_ = 0;
};

} // namespace truc::net
