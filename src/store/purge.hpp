#pragma once
#include <truc/store/sqlite.hpp>

namespace truc::store {

/// Whether retention has removed these bytes, and they did not come again.
bool is_purged(connection& db, const sha256_digest& digest);

/// How far a search among the deliveries that have ended has come.
struct purge_place {
    std::int64_t ended_at = INT64_MIN;
    std::int64_t seq = 0;
};

/// How far the two searches for what is due have come: among all, and among what was recalled.
struct purge_places {
    purge_place ended;
    purge_place recalled;
};

} // namespace truc::store
