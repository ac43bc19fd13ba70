#include "schedule.hpp"

#include <algorithm>

namespace truc::deliver {

namespace {

constexpr std::size_t page_rows = 1000;
constexpr int pages_per_turn = 8;
constexpr auto loop_period = std::chrono::seconds(10);

leg_key behind(const store::queued_delivery& d) { return {d.priority, d.seq + 1}; }
store::queue_cursor before(const leg_key& k) { return {k.priority, k.seq - 1}; }

} // namespace

lane& schedule::lane_of(const std::string& neighbour) { return lanes_.try_emplace(neighbour, limits()).first->second; }

lane& schedule::lane_by(const route& way) {
    if (way.kind == route::kind::home) return home_;
    if (way.kind == route::kind::neighbour) return lane_of(way.name);
    if (unrouted_names_.insert(way.name).second)
        c_.raise("no_route", way.name, "the directory in force knows no way to " + way.name);
    return unrouted_;
}

void schedule::place(const std::vector<store::queued_delivery>& found) {
    std::vector<found_leg> legs; // of one dispatch
    const auto put_all = [&] {
        for (auto& f : legs) put(f.way, std::move(f.leg));
        legs.clear();
    };
    for (const auto& d : found) {
        const auto [row, fresh] = known_.try_emplace(d.seq, known_row{whereabouts::waiting, d.hops.size()});
        if (!fresh) {
            if (row->second.hops != d.hops.size()) returned_.insert_or_assign(d.seq, d);
            continue;
        }
        if (!legs.empty() && legs.front().leg.dispatch != d.dispatch) put_all();
        add(legs, d);
    }
    put_all();
}

/// To a leg of the same dispatch that goes the same way, else as a new one.
void schedule::add(std::vector<found_leg>& found, const store::queued_delivery& d) {
    auto way = way_of(d.seq, d.recipient);
    const bool elsewhere = way.kind != route::kind::neighbour || way.name != d.offered_to;
    if (elsewhere && !d.offered_to.empty() && unsettled_.count(d.seq) == 0 && may_be_elsewhere(d.seq)) {
        // An earlier life of this node may have offered it there, and the directory has moved its way since.
        unsettled_[d.seq] = d.offered_to;
        way = way_of(d.seq, d.recipient);
    }
    const bool bound = unsettled_.count(d.seq) > 0;
    const auto whose = way.kind == route::kind::neighbour ? std::string() : d.recipient;
    for (auto& f : found) {
        if (f.way != way || f.leg.hops != d.hops || f.leg.recipient != whose || f.leg.bound != bound) continue;
        if (f.leg.offered_to != d.offered_to) continue;
        if (f.leg.rows.size() == waiting_leg::most_rows) continue;
        f.leg.rows.push_back(d.seq);
        return;
    }
    waiting_leg l;
    l.dispatch = d.dispatch;
    l.priority = d.priority;
    l.hops = d.hops;
    l.rows = {d.seq};
    l.recipient = whose;
    l.offered_to = d.offered_to;
    l.bound = bound;
    found.push_back({std::move(way), std::move(l)});
}

route schedule::way_of(std::int64_t row, std::string_view recipient) const {
    if (const auto offered = unsettled_.find(row); offered != unsettled_.end())
        return {route::kind::neighbour, offered->second};
    return find_route(*directory_, c_.o.node, recipient, c_.now());
}

/// Directories that do not agree yet may send a delivery round: the more often it was here, the longer it waits before
/// it goes where it was already.
milliseconds schedule::loop_wait(const route& way, const waiting_leg& l) const {
    if (std::count(l.hops.begin(), l.hops.end(), way.name) == 0) return {};
    return loop_period * std::count(l.hops.begin(), l.hops.end(), c_.o.node);
}

void schedule::put(const route& way, waiting_leg l) {
    std::sort(l.rows.begin(), l.rows.end());
    auto& on = lane_by(way);
    if (way.kind == route::kind::neighbour) {
        if (const auto wait = loop_wait(way, l); wait.count() > 0) {
            const auto until = c_.now() + wait;
            c_.note(l.rows, way.name, "directory_behind: " + way.name + " had it before", until);
            return on.delay(std::move(l), until);
        }
    }
    for (const auto& left : on.put(std::move(l)))
        for (const auto row : left.rows) known_.erase(row);
}

void schedule::read_from(leg_key key) {
    const auto from = before(key);
    if (reading_ && !(leg_key{from.priority, from.seq} < leg_key{reading_->priority, reading_->seq})) return;
    reading_ = from;
}

void schedule::start_over() {
    directory_ = c_.o.directory();
    ++generation_;
    for (auto& [name, l] : lanes_) drop(l);
    drop(home_);
    drop(unrouted_);
    reading_ = store::queue_cursor();
}

void schedule::drop(lane& l) {
    for (const auto& leg : l.drop())
        for (const auto row : leg.rows) known_.erase(row);
}

std::vector<store::queued_delivery> schedule::read_page(store::queue_cursor& after, bool& at_end) {
    auto page = c_.o.store->read_queued(after, page_rows);
    for (const auto& d : page) highest_read_ = std::max(highest_read_, d.seq);
    at_end = page.size() < page_rows;
    if (!page.empty()) after = {page.back().priority, page.back().seq};
    return page;
}

bool schedule::fill() {
    int pages = pages_per_turn;
    while (reading_ && pages-- > 0) {
        bool at_end = false;
        place(read_page(*reading_, at_end));
        if (!at_end) continue;
        reading_.reset();
        if (!left_behind_) left_behind_ = highest_read_;
    }
    const auto refill_while = [&pages, this](lane& l) {
        while (l.wants_more() && pages-- > 0)
            if (refill(l)) return;
    };
    for (auto& [name, l] : lanes_) refill_while(l);
    refill_while(home_);
    refill_while(unrouted_);
    return pages <= 0;
}

/// True when everything of the lane is known.
bool schedule::refill(lane& l) {
    auto after = before(*l.horizon());
    bool at_end = false;
    const auto page = read_page(after, at_end);
    // First the horizon, then the page: what finds no room of it lowers the horizon again.
    if (at_end)
        l.set_horizon(std::nullopt);
    else
        l.set_horizon(behind(page.back()));
    place(page);
    return !l.horizon();
}

/// What waits behind the lane's horizon is not known here: it is read again, and nothing else.
void schedule::review_unrouted() {
    std::set<std::string> still;
    const auto horizon = unrouted_.horizon();
    auto legs = unrouted_.drop();
    for (auto& l : legs) {
        const auto r = find_route(*directory_, c_.o.node, l.recipient, c_.now());
        if (r.kind == route::kind::none) {
            still.insert(r.name);
            unrouted_.put_back(std::move(l));
            continue;
        }
        if (r.kind == route::kind::neighbour) l.recipient.clear();
        put(r, std::move(l));
    }
    if (horizon) return read_from(*horizon);
    for (const auto& name : unrouted_names_)
        if (still.count(name) == 0) c_.clear("no_route", name);
    unrouted_names_ = std::move(still);
}

void schedule::keep_only(waiting_leg& l, const std::vector<std::int64_t>& rows) {
    if (l.rows.size() == rows.size()) return;
    const std::unordered_set<std::int64_t> left(rows.begin(), rows.end());
    std::vector<std::int64_t> gone;
    for (const auto row : l.rows)
        if (left.count(row) == 0) gone.push_back(row);
    take_off(l, gone);
}

void schedule::take_off(waiting_leg& l, const std::vector<std::int64_t>& rows) {
    const std::unordered_set<std::int64_t> gone(rows.begin(), rows.end());
    std::erase_if(l.rows, [&gone](std::int64_t row) { return gone.count(row) > 0; });
    forget(rows);
}

void schedule::forget(const std::vector<std::int64_t>& rows) {
    std::vector<store::queued_delivery> back;
    for (const auto row : rows) {
        known_.erase(row);
        unsettled_.erase(row);
        settled_since_.erase(row);
        if (auto found = returned_.extract(row)) back.push_back(std::move(found.mapped()));
    }
    if (!back.empty()) place(back);
}

void schedule::keep_away(const std::vector<std::int64_t>& rows) {
    for (const auto row : rows) known_[row].where = whereabouts::away;
}

void schedule::take_away(const std::vector<std::int64_t>& rows, const std::string& neighbour) {
    keep_away(rows);
    for (const auto row : rows) unsettled_[row] = neighbour;
}

bool schedule::in_doubt(const std::vector<std::int64_t>& rows) const {
    return std::any_of(rows.begin(), rows.end(), [this](std::int64_t row) { return may_be_elsewhere(row); });
}

void schedule::settle(const std::vector<std::int64_t>& rows) {
    for (const auto row : rows) {
        unsettled_.erase(row);
        if (!left_behind_ || row <= *left_behind_) settled_since_.insert(row);
    }
}

bool schedule::may_be_elsewhere(std::int64_t row) const {
    if (unsettled_.count(row) > 0) return true;
    return (!left_behind_ || row <= *left_behind_) && settled_since_.count(row) == 0;
}

void schedule::bring_back(const std::vector<std::int64_t>& rows) {
    for (const auto row : rows) known_[row].where = whereabouts::waiting;
}

void schedule::find_again(const waiting_leg& l) {
    for (const auto row : l.rows) {
        known_.erase(row);
        returned_.erase(row);
    }
    read_from(l.key());
}

std::vector<std::int64_t> schedule::withdraw(const std::vector<std::int64_t>& rows) {
    std::vector<std::int64_t> here;
    std::unordered_set<std::int64_t> waiting;
    for (const auto row : rows) {
        const auto [known, fresh] = known_.try_emplace(row);
        auto& where = known->second.where;
        if (where == whereabouts::away || where == whereabouts::ending || may_be_elsewhere(row)) {
            if (fresh) known_.erase(known);
            continue;
        }
        if (!fresh && where == whereabouts::waiting) waiting.insert(row);
        where = whereabouts::ending;
        here.push_back(row);
    }
    if (waiting.empty()) return here;
    for (auto& [name, l] : lanes_) l.take_out(waiting);
    home_.take_out(waiting);
    unrouted_.take_out(waiting);
    return here;
}

void schedule::still_here(const std::vector<std::int64_t>& rows) {
    for (const auto row : rows) known_[row].where = whereabouts::not_ended;
}

} // namespace truc::deliver
