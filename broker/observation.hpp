#pragma once
#include "alarm_outlet.hpp"
#include "node_watch.hpp"

#include <truc/store/event_log.hpp>

namespace truc::broker {

/// What tells people how a node is: a log line for each event, alarms by other ways than the log, figures of the store.
/// Made before the store, whose events it takes, and destroyed after it.
class observation {
  public:
    observation(const configuration& c, metrics_registry& metrics, alarm_board& alarms);
    ~observation();

    /// Called by the store's writer; never waits.
    void note(store::recorded_events events) { events_.take(std::move(events)); }
    /// The store is there.
    void begin(store::store& s, const configuration& c);
    /// The store is going to end.
    void stop();
    /// What may change while the node runs.
    void adjust(const configuration& c);

  private:
    metrics_registry& metrics_;
    alarm_board& alarms_;
    store::event_log events_;
    std::vector<std::unique_ptr<outlet_queue>> outlets_;
    std::unique_ptr<node_watch> watch_;
};

} // namespace truc::broker
