#include "event_meter.hpp"

#include "held.hpp"

#include <fmt/format.h>

namespace truc::store {

/// Every line is there from the start, so that a rate can be computed from the first event on.
event_meter::event_meter(metrics_registry* metrics) {
    if (!metrics) return;
    for (std::size_t i = 0; i < event_names; ++i) {
        const auto name = static_cast<event_name>(i);
        events_[i] = &metrics->get_counter("truc_events_total", "Events that this node has put into its ledger",
                                           fmt::format("event=\"{}\"", to_string(name)));
        if (const auto end = end_stated_by(name))
            ends_[i] = &metrics->get_counter("truc_delivered_total", "Deliveries that ended at this node, by outcome",
                                             fmt::format("outcome=\"{}\"", to_string(*end)));
    }
}

void event_meter::count(const event_counts& happened) {
    for (std::size_t i = 0; i < event_names; ++i) {
        if (happened[i] == 0) continue;
        if (events_[i]) events_[i]->add(happened[i]);
        if (ends_[i]) ends_[i]->add(happened[i]);
    }
}

} // namespace truc::store
