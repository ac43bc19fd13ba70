#pragma once
#include <algorithm>
#include <chrono>
#include <random>

namespace truc::client {

/// How long to wait after so many failures in a row: exponential, with jitter, so that the systems of a province that
/// lost their node do not come back all at once.
inline std::chrono::milliseconds growing_pause(unsigned failures) {
    using std::chrono::milliseconds;
    constexpr milliseconds first{200};
    constexpr milliseconds longest{30'000};
    thread_local std::minstd_rand random{std::random_device{}()};
    const auto grown = std::min(longest, first * (1 << std::min(failures, 10U)));
    std::uniform_int_distribution<milliseconds::rep> jitter(grown.count() / 2, grown.count());
    return milliseconds(jitter(random));
}

} // namespace truc::client
