#include <truc/base/seldom.hpp>

#include <utility>

namespace truc {

std::optional<std::uint64_t> seldom::may_say(std::string_view what, time_point now) {
    const std::scoped_lock lock(mutex_);
    const auto at = records_.find(what);
    if (at != records_.end()) {
        auto& known = at->second;
        if (now - known.said < pause_) {
            ++known.held_back;
            return std::nullopt;
        }
        known.said = now;
        return std::exchange(known.held_back, 0);
    }
    if (records_.size() >= most_) std::erase_if(records_, [&](const auto& r) { return now - r.second.said >= pause_; });
    if (records_.size() >= most_) return std::nullopt;
    records_.emplace(what, record{now});
    return 0;
}

} // namespace truc
