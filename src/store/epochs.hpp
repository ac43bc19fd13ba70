#pragma once
/// The logs of one node in the tables, one behind the other: `event.leaf` counts on through all of them, `head.size`
/// too, and the subtrees of a log lie behind those of the log before it. What leaves the node counts from the beginning
/// of its own log.

#include <truc/ledger/event.hpp>
#include <truc/store/sqlite.hpp>

namespace truc::store {

/// A log of this node, and the row of its first event.
struct own_log {
    ledger::log_id id;
    std::uint64_t first = 0;

    std::string event_id(std::uint64_t row) const { return id.str() + "." + std::to_string(row - first); }
};

/// The log that this row belongs to, or will when it is written.
own_log log_of(connection& db, std::uint64_t row);
/// The log that is written today.
own_log current_log(connection& db);
/// The row of an event of this node, also of an earlier log; nullopt for another node's, or one that is not there.
std::optional<std::uint64_t> find_event_row(connection& db, std::string_view event_id);

} // namespace truc::store
