#pragma once
#include <truc/base/clock.hpp>
#include <truc/base/metrics.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace truc {

/// What an administrator has to look at. One alarm per kind and subject: raised again it is counted, not logged anew.
struct alarm {
    std::string kind;    ///< neighbour_lies, clock_skew, …: a stable name
    std::string subject; ///< the neighbour, agency or file concerned
    std::string text;    ///< what was seen last
    timestamp since;
    timestamp last;
    std::uint64_t count = 1;
};

/// An alarm at the moment at which it is raised, or is over.
struct alarm_news {
    alarm what;
    bool raised = true;
};

/// The alarms of one node. Thread-safe. Logs each once, at error level, when it is raised, and counts those in
/// `truc_alarms_total{kind}`.
class alarm_board {
  public:
    explicit alarm_board(const truc::clock& c = system_clock(), metrics_registry* metrics = nullptr);

    void raise(std::string_view kind, std::string_view subject, std::string text);
    /// The condition is over; says so in the log if it was raised.
    void clear(std::string_view kind, std::string_view subject);
    std::vector<alarm> list() const; ///< oldest first
    /// Told of each alarm once when it is raised and once when it is over, in that order, on the thread that does it
    /// and under the board's lock: it may only take note. Null: nobody.
    void tell(std::function<void(const alarm_news&)> listener);

  private:
    using key = std::pair<std::string, std::string>;

    const truc::clock& clock_;
    metrics_registry* metrics_;
    mutable std::mutex mutex_;
    std::map<key, alarm> open_;
    std::function<void(const alarm_news&)> listener_;
};

} // namespace truc
