#pragma once
/// Neighbours that were restored from a copy: the logs that they opened, and what is known of those that ended.

#include <truc/store/store.hpp>

namespace truc::store {

/// For so long after its new log was met a neighbour is taken for one that may lack what came after its copy.
constexpr milliseconds restored_lately = std::chrono::hours(7 * 24);

/// The log of a neighbour that follows another.
struct opened_log {
    known_head head;                  ///< the last known one
    timestamp met_at;                 ///< by this node's clock
    bool asked = false;               ///< about all that was passed on to the neighbour before
    std::optional<known_head> before; ///< of the log that ended; nullopt: it was never shown
};

/// nullopt: its log is the first, or none is known.
std::optional<opened_log> log_opened_by(const store& s, std::string_view neighbour);

/// The last known heads of a neighbour's logs that ended, in the order of their times.
std::vector<known_head> former_heads(const store& s, std::string_view neighbour);

} // namespace truc::store
