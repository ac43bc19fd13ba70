#pragma once
#include <truc/base/metrics.hpp>
#include <truc/store/recorded_event.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

namespace truc::store {

/// One log line for each event of the ledger: what happened, to which dispatch and delivery, and the trace id by which
/// the same dispatch is found in the logs of other nodes. No subject, no content, no text that a person wrote.
void append_text_line(const recorded_event& e, std::string& out);
void append_json_line(const recorded_event& e, std::string& out);

/// Writes these lines on a thread of its own, so that a slow reader of the log holds up nobody: what it cannot take in
/// time is left out, and one line says how many lines that were. Thread-safe.
class event_log {
  public:
    using writer = std::function<void(std::string_view lines)>;
    static constexpr std::size_t usual_most = 20'000; ///< events in memory

    /// `write` gets whole lines; null: standard error, text or JSON as the logger.
    explicit event_log(metrics_registry* metrics = nullptr, writer write = {}, std::size_t most = usual_most);
    ~event_log(); ///< writes what is there

    /// Off: what is taken is forgotten. Changed by a reload.
    void enable(bool on) { enabled_ = on; }
    /// Never waits.
    void take(recorded_events events);

  private:
    void run();
    void write(const recorded_events& events, std::uint64_t left_out) const;

    const writer write_;
    const std::size_t most_;
    counter* left_out_total_ = nullptr;
    std::atomic<bool> enabled_{true};
    std::mutex mutex_; ///< for what follows
    std::condition_variable news_;
    recorded_events waiting_;
    std::uint64_t left_out_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace truc::store
