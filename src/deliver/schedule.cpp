#include "schedule.hpp"

#include <algorithm>

namespace truc::deliver {

namespace {

constexpr std::size_t page_rows = 500;
constexpr std::size_t rows_per_turn = 4000;
constexpr std::size_t price_of_a_read = 10; ///< in rows
constexpr std::size_t rows_a_move = 500;
constexpr auto loop_period = std::chrono::seconds(10);

} // namespace

schedule::schedule(context& c) : c_(c), home_(home_limits()), left_behind_(store::newest_delivery(*c.o.store)) {
    for (const auto& name : store::lanes_in_use(*c.o.store))
        if (name != c.o.node) lane_of(name);
    if (c.o.metrics)
        rows_read_ = &c.o.metrics->get_counter("truc_lane_rows_read_total", "Queued deliveries that lanes read");
}

lane::limits schedule::neighbours_limits() const {
    lane::limits l;
    l.window = c_.o.window;
    return l;
}

/// Nobody has to be spared: the store takes what it can.
lane::limits schedule::home_limits() const {
    auto l = neighbours_limits();
    l.first_legs = l.legs = 32;
    return l;
}

lane& schedule::lane_of(const std::string& neighbour) {
    return lanes_.try_emplace(neighbour, neighbours_limits()).first->second;
}

route schedule::route_to(std::string_view recipient) const {
    return find_route(*directory_, c_.o.node, recipient, c_.now());
}

// --- placing ------------------------------------------------------------------------------------------------------

void schedule::place(const std::vector<store::queued_delivery>& found) {
    std::vector<found_leg> legs; // of one dispatch
    for (const auto& d : found) {
        bool bound = false;
        if (!claim(d, bound)) continue;
        if (!legs.empty() && legs.front().leg.dispatch != d.dispatch) put_all(legs);
        add(legs, d, bound);
    }
    put_all(legs);
    flush_moves();
}

/// Whether it is to be put on its lane now. What is in a wrong one is moved, and comes again.
bool schedule::claim(const store::queued_delivery& d, bool& bound) {
    auto& row = rows_[d.seq];
    if (row.where != whereabouts::nowhere && !came_back(d, row)) return false;
    if (row.hops != d.hops.size()) row.unsettled = false; // whoever had it has given it back
    row.hops = d.hops.size();
    row.withheld = false;
    row.returned.reset();
    const auto way = route_to(d.recipient);
    const bool doubt = may_be_elsewhere(d.seq, row, !d.offered_to.empty());
    const auto wanted = doubt ? d.offered_to : lane_by(way);
    if (wanted != d.lane) {
        if (!doubt) row.settled = d.seq <= left_behind_;
        row.where = whereabouts::away;
        to_move_[wanted].push_back(d.seq);
        return false;
    }
    if (wanted.empty()) {
        without_way(way.name);
        release(d.seq);
        return false;
    }
    bound = doubt && lane_by(way) != wanted;
    row.where = whereabouts::waiting;
    return true;
}

/// Custody came back by other hops than those under which the delivery is known. What is under way has to be answered
/// first; what only waits is off its lane.
bool schedule::came_back(const store::queued_delivery& d, known_row& row) {
    if (row.hops == d.hops.size()) return false;
    if (row.where != whereabouts::waiting) {
        row.returned = std::make_unique<store::queued_delivery>(d);
        return false;
    }
    for (auto& [name, l] : lanes_) l.take_out({d.seq});
    home_.take_out({d.seq});
    return true;
}

/// To a leg of the same dispatch that goes the same way, else as a new one.
void schedule::add(std::vector<found_leg>& found, const store::queued_delivery& d, bool bound) const {
    const auto whose = d.lane == c_.o.node ? d.recipient : std::string();
    for (auto& f : found) {
        const auto& l = f.leg;
        if (f.lane != d.lane || l.lane_class != d.lane_class || l.hops != d.hops || l.recipient != whose) continue;
        if (l.bound != bound || l.alone || d.resent || l.rows.size() == waiting_leg::most_rows) continue;
        f.leg.rows.push_back(d.seq);
        return;
    }
    waiting_leg l;
    l.dispatch = d.dispatch;
    l.lane_class = d.lane_class;
    l.hops = d.hops;
    l.rows = {d.seq};
    l.recipient = whose;
    l.alone = d.resent;
    l.bound = bound;
    found.push_back({d.lane, std::move(l)});
}

void schedule::put_all(std::vector<found_leg>& legs) {
    for (auto& f : legs) put(f.lane, std::move(f.leg));
    legs.clear();
}

/// Directories that do not agree yet may send a delivery round: the more often it was here, the longer it waits before
/// it goes where it was already.
milliseconds schedule::loop_wait(const std::string& lane, const waiting_leg& l) const {
    if (lane == c_.o.node || std::count(l.hops.begin(), l.hops.end(), lane) == 0) return {};
    return loop_period * std::count(l.hops.begin(), l.hops.end(), c_.o.node);
}

void schedule::put(const std::string& lane, waiting_leg l) {
    std::sort(l.rows.begin(), l.rows.end());
    auto& on = lane_named(lane);
    if (const auto wait = loop_wait(lane, l); wait.count() > 0) {
        const auto until = c_.now() + wait;
        c_.note(l.rows, lane, "directory_behind: " + lane + " had it before", until);
        return on.delay(std::move(l), until);
    }
    for (const auto& left : on.put(std::move(l)))
        for (const auto row : left.rows) release(row);
}

/// Not here any more; what is known of it and not on disk stays.
void schedule::release(std::int64_t row) {
    const auto found = rows_.find(row);
    if (found == rows_.end()) return;
    auto& known = found->second;
    known.where = whereabouts::nowhere;
    if (!known.unsettled && !known.settled && !known.returned) rows_.erase(found);
}

void schedule::without_way(const std::string& name) {
    if (unrouted_.insert(name).second) c_.raise("no_route", name, "the directory in force knows no way to " + name);
}

void schedule::only_these_without_way(std::set<std::string> names) {
    for (const auto& name : names) without_way(name);
    for (const auto& name : unrouted_)
        if (names.count(name) == 0) c_.clear("no_route", name);
    unrouted_ = std::move(names);
}

// --- reading ------------------------------------------------------------------------------------------------------

void schedule::missed(const std::string& lane, lane_class of, std::int64_t row) {
    if (!lane.empty()) lane_named(lane).read_again(of, row);
}

void schedule::start_over() {
    directory_ = c_.o.directory();
    ++generation_;
    for (auto& [name, l] : lanes_) drop(l);
    drop(home_);
}

void schedule::drop(lane& l) {
    for (const auto& leg : l.drop())
        for (const auto row : leg.rows) release(row);
}

/// A page of each in turn, so that one that lacks much does not keep the others waiting.
bool schedule::fill() {
    std::vector<std::pair<std::string, lane*>> in_turn{{c_.o.node, &home_}};
    for (auto& [name, l] : lanes_) in_turn.emplace_back(name, &l);
    const auto last =
        std::find_if(in_turn.begin(), in_turn.end(), [this](const auto& l) { return l.first == read_last_; });
    if (last != in_turn.end()) std::rotate(in_turn.begin(), last + 1, in_turn.end());
    std::size_t spent = 0;
    for (bool more = true; more;) {
        more = false;
        for (const auto& [name, l] : in_turn) {
            const auto what = l->wants_more();
            if (!what) continue;
            if (spent >= rows_per_turn) return true;
            read_last_ = name;
            spent += price_of_a_read + read(name, *l, *what);
            more = true;
        }
    }
    return false;
}

/// First the horizon, then the page: what finds no room of it lowers the horizon again.
std::size_t schedule::read(const std::string& name, lane& l, const lane::unread& what) {
    const auto page = store::read_lane(*c_.o.store, name, what.of, what.from, page_rows);
    if (rows_read_) rows_read_->add(page.size());
    if (page.size() < page_rows)
        l.has_read(what.of, std::nullopt);
    else
        l.has_read(what.of, page.back().seq + 1);
    place(page);
    return page.size();
}

// --- moving -------------------------------------------------------------------------------------------------------

void schedule::flush_moves() {
    for (auto& [lane, rows] : std::exchange(to_move_, {})) {
        for (auto first = rows.begin(); first != rows.end();) {
            const auto last = first + std::min<std::ptrdiff_t>(rows_a_move, rows.end() - first);
            std::vector<std::int64_t> some(first, last);
            first = last;
            moving_ += some.size();
            auto done = [this, some, box = c_.box](const result<std::monostate>& r) {
                box->post([this, some, committed = r.has_value()] { moved(some, committed); });
            };
            c_.o.store->move_lane(std::move(some), lane, std::move(done));
        }
    }
}

/// The commit's notice may have come while they were still away.
void schedule::moved(const std::vector<std::int64_t>& rows, bool committed) {
    moving_ -= rows.size();
    for (const auto row : rows) {
        rows_[row].returned.reset();
        release(row);
    }
    if (committed)
        place(store::read_rows(*c_.o.store, rows));
    else
        move_failed_ = true;
}

} // namespace truc::deliver
