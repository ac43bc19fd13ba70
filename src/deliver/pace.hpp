#pragma once
#include <truc/base/clock.hpp>

#include <algorithm>
#include <cstddef>

namespace truc::deliver {

/// How many legs may be under way to a neighbour at once: few at first and twice as many each round that is accepted,
/// until it once could not keep up; from half of that on carefully, one more each round.
class pace {
  public:
    pace(std::size_t first, std::size_t most) : first_(first), most_(most), threshold_(most), limit_(first) {}

    std::size_t limit() const { return limit_; }

    void accepted() {
        if (limit_ < threshold_)
            ++limit_;
        else if (++in_round_ >= limit_)
            in_round_ = 0, ++limit_;
        limit_ = std::min(limit_, most_);
    }
    /// Could not keep up. What was under way together fails together, and counts once.
    void failed(timestamp now) {
        if (now < counted_ + same_failure) return;
        counted_ = now;
        limit_ = std::max<std::size_t>(1, limit_ / 2);
        threshold_ = std::max(first_, limit_);
        in_round_ = 0;
    }
    /// After a pause: slowly, up to where it failed.
    void begin_slowly() {
        limit_ = first_;
        in_round_ = 0;
    }
    /// A new connection tells nothing of what the one before could carry.
    void begin_anew() {
        threshold_ = most_;
        begin_slowly();
    }

  private:
    static constexpr milliseconds same_failure{1000};

    std::size_t first_, most_;
    std::size_t threshold_, limit_;
    std::size_t in_round_ = 0;
    timestamp counted_{};
};

} // namespace truc::deliver
