#pragma once
#include <truc/ledger/event.hpp>

#include <string>
#include <vector>

namespace truc::store {

/// A ledger event as it was committed, for those who only take note of it.
struct recorded_event {
    ledger::event event;
    std::string traceparent; ///< of the dispatch it is about; may be empty
};
using recorded_events = std::vector<recorded_event>;

/// What of a store keeps new documents from being accepted now.
struct store_health {
    bool has_space = true;
    bool last_group_written = true;
    bool can_sign = true;                    ///< the node's certificate is valid at this moment
    std::chrono::milliseconds oldest_wait{}; ///< of what is to be written: for so long nothing was committed
};

} // namespace truc::store
