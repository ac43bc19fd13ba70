#include "epochs.hpp"

#include <charconv>

namespace truc::store {

own_log log_of(connection& db, std::uint64_t row) {
    auto q = db.prepare("SELECT node, coalesce((SELECT min(epoch) FROM former_log WHERE size > ?1), epoch),"
                        " (SELECT coalesce(max(size), 0) FROM former_log WHERE size <= ?1) FROM identity");
    q.bind(static_cast<std::int64_t>(row));
    if (!q.step()) throw sqlite_error(SQLITE_CORRUPT, "whose log this is is not known");
    return {{std::string(q.text(0)), static_cast<std::uint32_t>(q.integer(1))},
            static_cast<std::uint64_t>(q.integer(2))};
}

own_log current_log(connection& db) { return log_of(db, INT64_MAX); }

std::optional<std::uint64_t> find_event_row(connection& db, std::string_view event_id) {
    const auto dot = event_id.rfind('.');
    const auto log = ledger::log_id::parse(event_id.substr(0, std::min(dot, event_id.size())));
    if (!log || dot == std::string_view::npos) return std::nullopt;
    std::uint64_t leaf = 0;
    const auto* const end = event_id.data() + event_id.size();
    const auto read = std::from_chars(event_id.data() + dot + 1, end, leaf);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    auto q = db.prepare("SELECT coalesce((SELECT max(size) FROM former_log WHERE epoch < ?2), 0) FROM identity"
                        " WHERE node = ?1");
    q.bind(std::string_view(log->node)).bind(std::int64_t{log->epoch});
    if (!q.step()) return std::nullopt;
    const auto row = static_cast<std::uint64_t>(q.integer(0)) + leaf;
    if (row < leaf || row > INT64_MAX || log_of(db, row).event_id(row) != event_id) return std::nullopt;
    return row;
}

} // namespace truc::store
