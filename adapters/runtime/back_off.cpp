#include "back_off.hpp"

#include <algorithm>

namespace truc::adapter {

std::chrono::seconds pause_after(unsigned failures) {
    constexpr unsigned steps = 6; // 2^6 s are more than the longest pause
    return std::min(longest_pause, first_pause * (1 << std::min(failures == 0 ? 0 : failures - 1, steps)));
}

void back_off::failed(timestamp now) { again_ = now + pause_after(++failures_); }

void back_offs::failed(const std::string& name, timestamp now) {
    if (all_.size() >= most && !all_.contains(name))
        all_.erase(std::min_element(all_.begin(), all_.end(),
                                    [](const auto& a, const auto& b) { return a.second.again() < b.second.again(); }));
    all_[name].failed(now);
}

bool back_offs::rests(const std::string& name, timestamp now) const {
    const auto one = all_.find(name);
    return one != all_.end() && one->second.rests(now);
}

} // namespace truc::adapter
