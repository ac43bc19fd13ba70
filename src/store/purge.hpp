#pragma once
#include <truc/store/sqlite.hpp>

namespace truc::store {

/// Whether retention has removed these bytes, and they did not come again.
bool is_purged(connection& db, const sha256_digest& digest);

/// How far the search for what is due has come.
struct purge_place {
    std::int64_t ended_at = INT64_MIN;
    std::int64_t seq = 0;
};

} // namespace truc::store
