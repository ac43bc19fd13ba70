#pragma once
#include "configuration.hpp"

#include <truc/base/alarms.hpp>
#include <truc/base/metrics.hpp>
#include <truc/store/figures.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace truc::broker {

/// Looks at a running node once a second: raises the alarm `low_space` while the disk has too little room for new
/// documents, and keeps the figures that /metrics shows of the store. Whoever asks for that page never waits for the
/// store: it is read on this thread, at most every `pause`, seldomer when reading takes long, and only while somebody
/// asks.
class node_watch {
  public:
    struct options {
        store::store* store = nullptr;
        metrics_registry* metrics = nullptr;
        alarm_board* alarms = nullptr;
        const truc::clock* clock = &system_clock();
        std::filesystem::path data_dir;
        std::chrono::seconds pause{15};
    };
    explicit node_watch(options o);
    ~node_watch();

    /// No look begins any more.
    void stop();

  private:
    /// Shared with the registry, which outlives the watch.
    struct shown;

    void add_metrics();
    void run();
    void look();
    void watch_space();
    void read();

    options o_;
    const std::shared_ptr<shown> shown_;
    std::chrono::steady_clock::time_point read_at_{}; ///< at the earliest
    int looks_with_room_ = 1;                         ///< since there was none
    std::mutex mutex_;                                ///< for what follows
    std::condition_variable ending_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace truc::broker
