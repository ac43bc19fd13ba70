#pragma once
/// What was passed on to one neighbour and has no end yet, for those who ask about all of it.

#include <truc/store/store.hpp>

namespace truc::store {

struct passed_row {
    std::int64_t seq = 0;
    std::int64_t dispatch = 0;
};

/// In the order in which it came. A page looks at a stretch of all deliveries, so that it costs little also where few
/// of them went there.
struct passed_page {
    std::vector<passed_row> rows;
    std::int64_t next = 0; ///< where the next page goes on
    bool more = false;
};
passed_page read_passed_to(const store& s, std::string_view neighbour, std::int64_t after);

} // namespace truc::store
