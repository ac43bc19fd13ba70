// How much waits, for whom, and for how long: read by administrators also when a million deliveries wait.
#include "parts.hpp"

#include <map>
#include <tuple>

namespace truc::store {

namespace {

/// Times of acceptance rise with the rows, so that an age is a row, too: those before it are older.
std::int64_t first_dispatch_since(connection& db, timestamp t) {
    auto q = db.prepare("SELECT seq FROM dispatch WHERE accepted_at >= ? ORDER BY accepted_at, seq LIMIT 1");
    q.bind(to_millis(t));
    return q.step() ? q.integer(0) : INT64_MAX;
}

using age_rows = std::array<std::int64_t, queue_ages.size()>; ///< from the youngest age on

struct heap {
    std::uint64_t count = 0;
    std::int64_t oldest = INT64_MAX; ///< dispatch
    std::int64_t attempts = 0;
    decltype(queue_row::ages) ages{};

    void add(std::int64_t dispatch, std::int64_t tried, const age_rows& ages_begin) {
        ++count;
        oldest = std::min(oldest, dispatch);
        attempts = std::max(attempts, tried);
        std::size_t age = 0;
        while (age < ages_begin.size() && dispatch < ages_begin[age]) ++age;
        ++ages[age];
    }
};

using heaps = std::map<std::tuple<std::string, delivery_state, std::string>, heap, std::less<>>;

/// Neither joined nor sorted by the database, which takes three times as long for a million.
heaps read_heaps(connection& db, const age_rows& ages_begin) {
    heaps found;
    auto q = db.prepare("SELECT recipient, state, passed_to, dispatch, attempts FROM delivery"
                        " WHERE state < 3 AND copy_of IS NULL");
    while (q.step()) {
        const std::tuple key(q.text(0), q.enumeration<delivery_state>(1), q.text(2));
        auto at = found.find(key);
        if (at == found.end())
            at = found.try_emplace({std::string(q.text(0)), std::get<1>(key), std::string(q.text(2))}).first;
        at->second.add(q.integer(3), q.integer(4), ages_begin);
    }
    return found;
}

timestamp accepted_at(connection& db, std::int64_t dispatch) {
    auto q = db.prepare("SELECT accepted_at FROM dispatch WHERE seq = ?");
    if (!q.bind(dispatch).step()) throw sqlite_error(SQLITE_CORRUPT, "a delivery lost its dispatch");
    return from_millis(q.integer(0));
}

} // namespace

std::vector<queue_row> store::queue() const {
    auto db = parts_->pool.take();
    const snapshot one(*db);
    const auto now = parts_->o.clock->now();
    age_rows ages_begin{};
    for (std::size_t i = 0; i < queue_ages.size(); ++i) ages_begin[i] = first_dispatch_since(*db, now - queue_ages[i]);
    std::vector<queue_row> rows;
    for (const auto& [key, h] : read_heaps(*db, ages_begin)) {
        const auto& [recipient, state, passed_to] = key;
        rows.push_back({recipient, state, passed_to, h.count, accepted_at(*db, h.oldest),
                        static_cast<std::uint32_t>(h.attempts), h.ages});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.oldest < b.oldest; });
    return rows;
}

} // namespace truc::store
