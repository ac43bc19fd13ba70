#pragma once
#include <truc/base/clock.hpp>

#include <algorithm>

namespace truc::liaison {

/// When the axis is asked again: soon after it had something, ever more seldom while it has nothing, and never sooner
/// than `least` after the last time. One thread.
class poll_pace {
  public:
    poll_pace(milliseconds least, milliseconds most) : least_(least), most_(most), pause_(least) {}

    bool is_due(timestamp now) const { return now >= next_ || next_ - now > most_; } // a clock may be put back
    timestamp next() const { return next_; }

    void asked(timestamp now, bool found) {
        pause_ = found ? least_ : std::min(most_, std::max(least_, pause_ * 2));
        next_ = now + pause_;
    }

  private:
    milliseconds least_;
    milliseconds most_;
    milliseconds pause_;
    timestamp next_;
};

} // namespace truc::liaison
