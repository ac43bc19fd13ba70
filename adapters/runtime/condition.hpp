#pragma once
#include <mutex>
#include <string>

namespace truc::adapter {

/// Whether one side of an adapter works, for those who look at it. Thread-safe.
class condition {
  public:
    /// True: it did not before.
    bool works() {
        const std::scoped_lock lock(mutex_);
        const bool news = !known_ || !fault_.empty();
        known_ = true;
        fault_.clear();
        return news;
    }
    /// True: another fault than before.
    bool fails(const std::string& why) {
        const std::scoped_lock lock(mutex_);
        const bool news = fault_ != why;
        known_ = true;
        fault_ = why;
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

  private:
    mutable std::mutex mutex_;
    bool known_ = false;
    std::string fault_;
};

} // namespace truc::adapter
