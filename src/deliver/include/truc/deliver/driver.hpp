#pragma once
#include <truc/deliver/forwarder.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace truc::deliver {

/// The thread that calls a forwarder's run() when it is due or woken. It is made first, so that the forwarder's options
/// can name its wake(); `start`, `stop`; the forwarder must outlive stop(). Threads: wake() from any, the others from
/// one.
class driver {
  public:
    explicit driver(const truc::clock& clock = system_clock()) : clock_(clock) {}
    ~driver() { stop(); }
    driver(const driver&) = delete;

    void start(forwarder& f);
    /// Returns when the turn that is under way is over. Idempotent.
    void stop();
    void wake();

  private:
    void drive(forwarder& f);
    timestamp turn(forwarder& f) const;

    const truc::clock& clock_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace truc::deliver
