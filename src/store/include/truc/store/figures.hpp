#pragma once
#include <truc/store/store.hpp>

namespace truc::store {

/// What waits for one neighbour.
struct lane_figures {
    std::string neighbour; ///< empty: no way is known
    std::uint64_t deliveries = 0;
    timestamp oldest; ///< when the dispatch of the oldest one came to this node
};

/// What the metrics show of a store.
struct store_figures {
    std::vector<lane_figures> queue;
    std::uint64_t inbox = 0; ///< deliveries that lie in inboxes
    std::optional<timestamp> inbox_oldest;
    std::uint64_t held = 0;
    std::uint64_t ledger_size = 0;
    std::uint64_t database_bytes = 0;
};

/// Counts along indexes of what is open, which costs some 50 ms for each million deliveries: for a thread that nobody
/// waits for.
store_figures read_figures(const store& s);

} // namespace truc::store
