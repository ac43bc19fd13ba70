#include "inquiries.hpp"

#include <truc/base/log.hpp>

#include <algorithm>

namespace truc::deliver {

namespace {

constexpr auto pause = std::chrono::milliseconds(200);

} // namespace

void inquiries::start_over(const std::string& neighbour) {
    if (const auto at = open_.find(neighbour); at != open_.end()) at->second = {};
}

std::optional<timestamp> inquiries::look() {
    for (auto& [neighbour, i] : open_) go_on(neighbour, i);
    std::erase_if(open_, [this](const auto& one) {
        const auto& [neighbour, i] = one;
        const bool over = i.exhausted && i.due.empty() && !offers_.is_asking(neighbour);
        if (over) spdlog::info("neighbour {} was asked about everything that was passed on to it", neighbour);
        return over;
    });
    const bool any = std::any_of(open_.begin(), open_.end(),
                                 [this](const auto& one) { return s_.lane_of(one.first).way != nullptr; });
    return any ? std::optional(c_.now() + pause) : std::nullopt; // connecting brings a turn
}

void inquiries::go_on(const std::string& neighbour, inquiry& i) {
    while (!i.exhausted || !i.due.empty()) {
        if (i.due.empty()) {
            const auto page = store::read_passed_to(*c_.o.store, neighbour, i.after);
            for (const auto& row : page.rows) i.due[row.dispatch].push_back(row.seq);
            i.after = page.next;
            i.exhausted = !page.more;
            if (i.due.empty()) return; // the next stretch has its turn
        }
        const auto first = i.due.begin();
        if (!ask(neighbour, first->second)) return;
        i.due.erase(first);
    }
}

/// False when the neighbour can take no more at the moment. Deliveries of one dispatch that came by different ways go
/// in legs of their own; what has moved meanwhile is not asked about.
bool inquiries::ask(const std::string& neighbour, std::vector<std::int64_t>& rows) {
    while (!rows.empty()) {
        if (!offers_.may_ask(neighbour)) return false;
        const auto asked = offers_.ask(neighbour, rows);
        if (asked.empty()) return s_.lane_of(neighbour).under_way() == 0 || !offers_.is_asking(neighbour);
        std::erase_if(rows,
                      [&](std::int64_t row) { return std::find(asked.begin(), asked.end(), row) != asked.end(); });
    }
    return true;
}

} // namespace truc::deliver
