#include "inquiries.hpp"

#include <truc/base/log.hpp>
#include <truc/store/neighbour_logs.hpp>

#include <algorithm>

namespace truc::deliver {

namespace {

constexpr auto pause = std::chrono::milliseconds(200);
constexpr auto at_most_every = std::chrono::hours(1);

} // namespace

void inquiries::begin(const std::string& neighbour) {
    inquiry i;
    if (const auto opened = store::log_opened_by(*c_.o.store, neighbour)) i.log = opened->head.log;
    const auto open = open_.find(neighbour);
    if (open != open_.end() && !i.log.empty() && open->second.log == i.log) return; // it is being asked
    if (const auto last = begun_.find(neighbour); last != begun_.end()) i.not_before = last->second + at_most_every;
    open_[neighbour] = std::move(i);
}

void inquiries::start_over(const std::string& neighbour) {
    const auto at = open_.find(neighbour);
    if (at == open_.end()) return;
    auto& i = at->second;
    i.after = i.answered;
    i.exhausted = false;
    i.due.clear();
}

void inquiries::connected(const std::string& neighbour) {
    if (open_.count(neighbour) > 0) return;
    const auto opened = store::log_opened_by(*c_.o.store, neighbour);
    if (opened && !opened->asked) begin(neighbour);
}

void inquiries::hurry(const std::string& neighbour) {
    if (const auto at = open_.find(neighbour); at != open_.end()) at->second.not_before = {};
}

std::optional<timestamp> inquiries::look() {
    std::optional<timestamp> next;
    for (auto at = open_.begin(); at != open_.end();) {
        auto& [neighbour, i] = *at;
        if (i.not_before <= c_.now()) go_on(neighbour, i);
        if (is_over(neighbour, i)) {
            end(neighbour, i);
            at = open_.erase(at);
            continue;
        }
        if (s_.lane_of(neighbour).way) { // connecting brings a turn
            const auto again = std::max(c_.now() + pause, i.not_before);
            next = next ? std::min(*next, again) : again;
        }
        ++at;
    }
    return next;
}

bool inquiries::is_over(const std::string& neighbour, const inquiry& i) const {
    return i.exhausted && i.due.empty() && !offers_.is_asking(neighbour);
}

/// Not remembered, it is asked once more by the next life, which harms nobody.
void inquiries::end(const std::string& neighbour, const inquiry& i) {
    spdlog::info("neighbour {} was asked about everything that was passed on to it", neighbour);
    if (!i.log.empty()) c_.o.store->note_asked(neighbour, i.log, [](const result<std::monostate>&) {});
}

/// The next page is read when the one before was answered, so that a lost connection costs one page.
void inquiries::go_on(const std::string& neighbour, inquiry& i) {
    while (!i.exhausted || !i.due.empty()) {
        if (i.due.empty()) {
            if (offers_.is_asking(neighbour)) return;
            if (i.after == 0) begun_[neighbour] = c_.now();
            i.answered = i.after;
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
