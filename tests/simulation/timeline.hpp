#pragma once
#include <truc/base/clock.hpp>

#include <cstdint>
#include <functional>
#include <map>

namespace truc::simulation {

/// Virtual time: what is to happen, in order. What is planned for the same moment happens in the order of planning.
/// Read by clocks of other threads while none of them runs.
class timeline {
  public:
    using happening = std::function<void()>;

    timestamp now() const { return now_; }
    void at(timestamp when, happening what) {
        planned_.emplace(std::pair(std::max(when, now_), planned_count_++), std::move(what));
    }
    void after(milliseconds wait, happening what) { at(now_ + wait, std::move(what)); }

    /// Lets the next thing happen. False when nothing is planned up to `end`; then it is `end`.
    bool step(timestamp end) {
        if (planned_.empty() || planned_.begin()->first.first > end) {
            now_ = std::max(now_, end);
            return false;
        }
        auto next = planned_.extract(planned_.begin());
        now_ = next.key().first;
        ++steps_;
        next.mapped()();
        return true;
    }
    std::uint64_t steps() const { return steps_; }

  private:
    timestamp now_ = from_millis(1'790'000'000'000);
    std::uint64_t planned_count_ = 0;
    std::uint64_t steps_ = 0;
    std::map<std::pair<timestamp, std::uint64_t>, happening> planned_;
};

} // namespace truc::simulation
