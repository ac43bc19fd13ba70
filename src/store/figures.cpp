#include "readers.hpp"

#include <truc/store/figures.hpp>

namespace truc::store {

namespace {

timestamp came_at(connection& db, std::int64_t delivery) {
    auto q = db.prepare("SELECT d.accepted_at FROM delivery v JOIN dispatch d ON d.seq = v.dispatch WHERE v.seq = ?");
    q.bind(delivery);
    return q.step() ? from_millis(q.integer(0)) : timestamp();
}

/// Each class of a lane is in the order of arrival: its first row is found without looking at the others.
std::int64_t oldest_in(connection& db, const std::string& lane) {
    std::int64_t oldest = INT64_MAX;
    for (std::size_t c = 0; c < lane_classes; ++c) {
        auto q =
            db.prepare("SELECT seq FROM delivery INDEXED BY delivery_lane WHERE state = 0 AND held = 0 AND lane = ?"
                       " AND lane_class = ? ORDER BY seq LIMIT 1");
        q.bind(std::string_view(lane)).bind(static_cast<std::int64_t>(c));
        if (q.step()) oldest = std::min(oldest, q.integer(0));
    }
    return oldest;
}

/// From one lane to the next, however many rows each has.
std::vector<std::string> lanes_of(connection& db) {
    std::vector<std::string> lanes;
    auto first = db.prepare("SELECT lane FROM delivery INDEXED BY delivery_lane WHERE state = 0 AND held = 0"
                            " ORDER BY lane LIMIT 1");
    if (first.step()) lanes.emplace_back(first.text(0));
    while (!lanes.empty()) {
        auto next = db.prepare("SELECT lane FROM delivery INDEXED BY delivery_lane WHERE state = 0 AND held = 0"
                               " AND lane > ? ORDER BY lane LIMIT 1");
        next.bind(std::string_view(lanes.back()));
        if (!next.step()) break;
        lanes.emplace_back(next.text(0));
    }
    return lanes;
}

lane_figures figures_of(connection& db, const std::string& lane) {
    auto q = db.prepare("SELECT count(*) FROM delivery INDEXED BY delivery_lane WHERE state = 0 AND held = 0"
                        " AND lane = ?");
    q.bind(std::string_view(lane)).step();
    return {lane, static_cast<std::uint64_t>(q.integer(0)), came_at(db, oldest_in(db, lane))};
}

void read_inboxes(connection& db, store_figures& f) {
    auto q = db.prepare("SELECT count(*), min(seq) FROM delivery INDEXED BY delivery_inbox"
                        " WHERE state = 2 AND copy_of IS NULL AND held = 0");
    if (!q.step() || q.is_null(1)) return;
    f.inbox = static_cast<std::uint64_t>(q.integer(0));
    f.inbox_oldest = came_at(db, q.integer(1));
}

std::uint64_t single(connection& db, const char* sql) {
    auto q = db.prepare(sql);
    return q.step() ? static_cast<std::uint64_t>(q.integer(0)) : 0;
}

} // namespace

store_figures read_figures(const store& s) {
    store_figures f;
    f.ledger_size = s.ledger_size();
    s.look([&f](connection& db) {
        const snapshot one(db);
        for (const auto& lane : lanes_of(db)) f.queue.push_back(figures_of(db, lane));
        read_inboxes(db, f);
        f.held = single(db, "SELECT count(*) FROM delivery INDEXED BY delivery_held WHERE held > 0 AND state < 3");
        f.database_bytes = single(db, "PRAGMA page_count") * single(db, "PRAGMA page_size");
    });
    return f;
}

} // namespace truc::store
