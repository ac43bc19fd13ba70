#pragma once
#include <functional>
#include <mutex>
#include <vector>

namespace truc::deliver {

/// What other threads have for run() to do: it does it at its next turn, in the order of arrival. Outlives the
/// forwarder in the hands of those who still owe an answer. Thread-safe.
class mailbox {
  public:
    using task = std::function<void()>;

    explicit mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

    void post(task t) {
        {
            const std::scoped_lock lock(mutex_);
            if (closed_) return;
            tasks_.push_back(std::move(t));
            if (tasks_.size() > 1) return; // run() knows already
        }
        const std::scoped_lock lock(wake_mutex_);
        if (wake_) wake_();
    }

    std::vector<task> take() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(tasks_, {});
    }

    /// Nothing is taken any more, and nobody is woken once this returns.
    void close() {
        {
            const std::scoped_lock lock(mutex_);
            closed_ = true;
            tasks_.clear();
        }
        const std::scoped_lock lock(wake_mutex_);
        wake_ = nullptr;
    }

  private:
    std::mutex mutex_;
    std::vector<task> tasks_;
    bool closed_ = false;
    std::mutex wake_mutex_; ///< held while waking, so that close() can wait for it
    std::function<void()> wake_;
};

} // namespace truc::deliver
