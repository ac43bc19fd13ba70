#pragma once
#include <truc/base/clock.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace truc::broker {

/// One thread for what has to be done from time to time, one piece after the other. A piece of work says itself when it
/// wants to be called again; one that fails (an exception) is logged and tried a minute later. `add`, `start`, `stop`:
/// one thread.
class chores {
  public:
    using work = std::function<timestamp()>;

    chores() = default;
    ~chores() { stop(); }
    chores(const chores&) = delete;

    /// Before start(); called at once then.
    void add(std::string name, work w) { all_.push_back({std::move(name), std::move(w), timestamp()}); }
    void start();
    /// Returns when the piece that is under way is done. Idempotent.
    void stop();

  private:
    struct chore {
        std::string name; ///< for the log
        work run;
        timestamp due;
    };

    void go_on();
    static void do_one(chore& c);

    std::vector<chore> all_;
    std::mutex mutex_;
    std::condition_variable stopping_changed_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace truc::broker
