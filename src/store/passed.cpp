// Reading what was passed on to one neighbour.
#include "readers.hpp"

#include <truc/store/passed.hpp>

namespace truc::store {

passed_page read_passed_to(const store& s, std::string_view neighbour, std::int64_t after) {
    constexpr std::int64_t stretch = 20'000, most = 500;
    passed_page page;
    s.look([&](connection& db) {
        const snapshot one(db);
        page.next = after + stretch;
        auto q = db.prepare("SELECT seq, dispatch FROM delivery NOT INDEXED WHERE seq > ? AND seq <= ? AND state = 1"
                            " AND passed_to = ? ORDER BY seq LIMIT ?");
        q.bind(after).bind(page.next).bind(neighbour).bind(most);
        while (q.step()) page.rows.push_back({q.integer(0), q.integer(1)});
        if (page.rows.size() == static_cast<std::size_t>(most)) page.next = page.rows.back().seq;
        auto last = db.prepare("SELECT coalesce(max(seq), 0) FROM delivery");
        last.step();
        page.more = page.next < last.integer(0);
    });
    return page;
}

} // namespace truc::store
