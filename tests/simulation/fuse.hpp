#pragma once
#include "timeline.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace truc::simulation {

/// Thrown on the writer's thread in place of a commit: the node has died before it.
struct node_died : std::exception {
    const char* what() const noexcept override { return "the node has died"; }
};

/// A node's clock, off by some seconds, and its fuse. The store asks for the time when it begins a group, so this is
/// the place to let a node die in the middle of what it does: the group after the last that the fuse allows is rolled
/// back.
class skewed_clock final : public clock {
  public:
    skewed_clock(const timeline& time, milliseconds skew)
        : time_(time), skew_(skew), owner_(std::this_thread::get_id()) {}

    timestamp now() const override {
        if (std::this_thread::get_id() != owner_) spend();
        return time_.now() + skew_;
    }
    milliseconds skew() const { return skew_; }

    /// After so many more commits the node dies.
    void set_fuse(std::optional<unsigned> commits) {
        const std::scoped_lock lock(mutex_);
        commits_left_ = commits;
        between_groups_ = true;
        blown_ = false;
    }
    /// Writer's thread: a group is committed and its completions have been called.
    void group_ended(bool nothing_left) {
        const std::scoped_lock lock(mutex_);
        between_groups_ = true;
        idle_ = marked_ && nothing_left;
        if (idle_) changed_.notify_all();
    }
    /// Writer's thread: the last command of the harness has been answered.
    void mark() {
        const std::scoped_lock lock(mutex_);
        marked_ = true;
    }
    void forget_mark() {
        const std::scoped_lock lock(mutex_);
        marked_ = idle_ = false;
    }
    /// Until the writer has nothing to do. False when the fuse has blown instead.
    bool wait_until_idle() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return idle_ || blown_; });
        return !blown_;
    }

  private:
    void spend() const {
        const std::scoped_lock lock(mutex_);
        if (!between_groups_ || !commits_left_) return;
        if (*commits_left_ == 0) {
            blown_ = true;
            commits_left_.reset(); // once: whoever is told of the failure may ask for the time as well
            changed_.notify_all();
            throw node_died();
        }
        --*commits_left_;
        between_groups_ = false;
    }

    const timeline& time_;
    const milliseconds skew_;
    const std::thread::id owner_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    mutable std::optional<unsigned> commits_left_;
    mutable bool between_groups_ = true;
    mutable bool blown_ = false;
    bool marked_ = false;
    bool idle_ = false;
};

} // namespace truc::simulation
