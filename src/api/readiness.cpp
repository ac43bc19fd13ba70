#include "readiness.hpp"

#include <fmt/format.h>

namespace truc::api {

std::vector<std::string> not_ready_because(const services& s) {
    std::vector<std::string> reasons;
    const auto health = s.store.health();
    if (!health.has_space)
        reasons.push_back(
            fmt::format("no_space: {} MiB are free, less than is kept for deliveries", s.store.free_bytes() >> 20));
    if (!health.last_group_written) reasons.emplace_back("cannot_commit: the last group could not be written");
    if (!health.can_sign) reasons.emplace_back("cannot_sign: the node's certificate is not valid now");
    if (health.oldest_wait > longest_wait)
        reasons.push_back(fmt::format("stuck: nothing was written for {} s, though something waits",
                                      health.oldest_wait.count() / 1000));
    if (const auto closed = s.mode ? s.mode->read_only() : std::nullopt)
        reasons.push_back(fmt::format("read_only: since {}, by {}", to_rfc3339(closed->since), closed->by));
    return reasons;
}

} // namespace truc::api
