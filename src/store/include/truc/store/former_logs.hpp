#pragma once
/// What restoring a copy has cost: this node's own logs that ended, as far as neighbours knew them.

#include <truc/store/store.hpp>

namespace truc::store {

/// Events of a log that a restored copy has ended: they came after the copy, and a neighbour knew of them. Events that
/// no neighbour knew of may be lost beside them.
struct lost_events {
    std::string log;
    std::uint64_t from = 0; ///< the first leaf that the copy lacks
    std::uint64_t to = 0;   ///< behind the last one that a neighbour knew
    std::string neighbour;  ///< that knew the most
};

/// Of each log that ended and of which something is known to be lost; oldest first. What was submitted or handed over
/// by these events cannot come back: senders submit again, recipients may get again what they had. Reads the store.
std::vector<lost_events> lost_since_copy(const store& s);

/// Whether note_told() would keep it: the log is one of this node's that a copy has ended, and neither the copy nor
/// what this neighbour has told before reaches so far.
bool is_news(const store& s, const told_size& told);

} // namespace truc::store
