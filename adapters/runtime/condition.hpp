#pragma once
#include <truc/base/clock.hpp>

#include <mutex>
#include <optional>
#include <string>

namespace truc::adapter {

/// Whether one side of an adapter works, for those who look at it. Thread-safe.
class condition {
  public:
    explicit condition(const clock& c = system_clock()) : clock_(c) {}

    /// True: it did not before.
    bool works() {
        const std::scoped_lock lock(mutex_);
        const bool news = !known_ || !fault_.empty();
        known_ = true;
        fault_.clear();
        since_.reset();
        return news;
    }
    /// True: another fault than before.
    bool fails(const std::string& why) {
        const std::scoped_lock lock(mutex_);
        const bool news = fault_ != why;
        known_ = true;
        fault_ = why;
        if (!since_) since_ = clock_.now();
        return news;
    }
    bool is_good() const {
        const std::scoped_lock lock(mutex_);
        return known_ && fault_.empty();
    }
    std::string fault() const {
        const std::scoped_lock lock(mutex_);
        return fault_;
    }
    /// When it began to fail, whatever the reason is by now; nothing while it works.
    std::optional<timestamp> since() const {
        const std::scoped_lock lock(mutex_);
        return since_;
    }

  private:
    const clock& clock_;
    mutable std::mutex mutex_;
    bool known_ = false;
    std::string fault_;
    std::optional<timestamp> since_;
};

} // namespace truc::adapter
