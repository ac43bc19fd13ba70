#include <truc/net/pace.hpp>

#include <algorithm>

namespace truc::net {

pace::clock::time_point pace::deadline(clock::time_point now) const {
    const auto earned = std::chrono::milliseconds(bytes_ * 1000 / std::max<std::uint64_t>(limits_.bytes_per_second, 1));
    const auto left = limits_.grace + earned - std::chrono::duration_cast<std::chrono::milliseconds>(waited_);
    return now + std::clamp(left, std::chrono::milliseconds(0), limits_.stall);
}

} // namespace truc::net
