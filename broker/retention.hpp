#pragma once
#include <truc/store/store.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace truc::broker {

/// Looks from time to time for content that nobody needs any more, and has the store destroy it, a little at once, so
/// that documents never wait for it. Threads: one of its own, from start() to stop().
class retention {
  public:
    struct options {
        store::store* store = nullptr;
        const truc::clock* clock = &system_clock();
        std::chrono::hours keep{};     ///< content, after its last delivery has ended; 0: for ever
        std::chrono::seconds period{}; ///< between two looks
    };
    explicit retention(options o) : o_(o) {}
    ~retention() { stop(); }
    retention(const retention&) = delete;

    void start();
    /// Returns when what is being removed is removed. Idempotent.
    void stop();

  private:
    void run();
    void look();
    store::purge_order order() const;
    bool wait(std::chrono::milliseconds period); ///< false: it is time to stop

    options o_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false; ///< under mutex_
    std::thread thread_;
};

} // namespace truc::broker
