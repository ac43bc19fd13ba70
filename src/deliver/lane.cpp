#include "lane.hpp"

#include <algorithm>

namespace truc::deliver {

namespace {

/// Each so manieth leg is the one that has waited longest, whatever its class.
constexpr unsigned turn_of_the_oldest = 8;

bool without(waiting_leg& l, const std::unordered_set<std::int64_t>& rows) {
    std::erase_if(l.rows, [&rows](std::int64_t row) { return rows.count(row) > 0; });
    return !l.rows.empty();
}

} // namespace

std::vector<waiting_leg> lane::put(waiting_leg l) {
    std::vector<waiting_leg> without_room;
    auto& w = at(l.lane_class);
    if (w.horizon && l.key() >= *w.horizon) {
        without_room.push_back(std::move(l));
        return without_room;
    }
    put_back(std::move(l));
    // The last one stays as long as the window is not full without it: a leg larger than what is left has to fit, too.
    for (;;) {
        auto last = drop_last(w);
        if (w.rows < limits_.window) {
            put_back(std::move(last));
            return without_room;
        }
        w.horizon = last.key();
        without_room.push_back(std::move(last));
    }
}

/// That one of the class which came last, off its window.
waiting_leg lane::drop_last(class_window& w) {
    const bool large = w.ready.empty() || (!w.large.empty() && w.large.rbegin()->first > w.ready.rbegin()->first);
    auto& from = large ? w.large : w.ready;
    auto last = from.extract(std::prev(from.end()));
    w.rows -= last.mapped().rows.size();
    return std::move(last.mapped());
}

void lane::put_back(waiting_leg l) {
    auto& w = at(l.lane_class);
    w.rows += l.rows.size();
    const auto key = l.key();
    (is_large(l.size) ? w.large : w.ready).emplace(key, std::move(l));
}

void lane::delay(waiting_leg l, timestamp until, bool lost) {
    at(l.lane_class).delayed += l.rows.size();
    delayed_.emplace(until, delayed_leg{std::move(l), lost});
}

void lane::end_delay(std::multimap<timestamp, delayed_leg>::iterator which) {
    auto leg = std::move(delayed_.extract(which).mapped().leg);
    at(leg.lane_class).delayed -= leg.rows.size();
    put_back(std::move(leg));
}

void lane::wake(timestamp now) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) end_delay(delayed_.begin());
}

void lane::wake_lost() {
    for (auto it = delayed_.begin(); it != delayed_.end();) {
        const auto next = std::next(it);
        if (it->second.lost) end_delay(it);
        it = next;
    }
}

void lane::wake_all() { wake(timestamp::max()); }

/// Of one class the first that may go.
const waiting_leg* lane::first_of(const class_window& w) const {
    const waiting_leg* first = nullptr;
    for (const auto* among : {&w.ready, &w.large}) {
        if (among->empty() || !fits(among->begin()->second.size)) continue;
        if (!first || among->begin()->first < first->key()) first = &among->begin()->second;
    }
    return first;
}

const waiting_leg* lane::next() const {
    const bool oldest = turns_ % turn_of_the_oldest == turn_of_the_oldest - 1;
    const waiting_leg* best = nullptr;
    for (auto w = windows_.rbegin(); w != windows_.rend(); ++w) {
        const auto* first = first_of(*w);
        if (first && (!best || first->key() < best->key())) best = first;
        if (best && !oldest) return best;
    }
    return best;
}

waiting_leg lane::take_next() {
    const auto* which = next();
    auto& w = at(which->lane_class);
    auto found = (is_large(which->size) ? w.large : w.ready).extract(which->key());
    w.rows -= found.mapped().rows.size();
    ++turns_;
    return std::move(found.mapped());
}

void lane::remember_size(std::uint64_t size) {
    const auto* which = next();
    auto& w = at(which->lane_class);
    auto found = (is_large(which->size) ? w.large : w.ready).extract(which->key());
    found.mapped().size = size;
    (is_large(size) ? w.large : w.ready).insert(std::move(found));
}

void lane::take_out(const std::unordered_set<std::int64_t>& rows) {
    for (auto& w : windows_) {
        for (auto* among : {&w.ready, &w.large})
            for (auto& [key, l] : std::exchange(*among, {})) {
                w.rows -= l.rows.size();
                if (without(l, rows)) put_back(std::move(l));
            }
        w.delayed = 0;
    }
    for (auto& [until, d] : std::exchange(delayed_, {}))
        if (without(d.leg, rows)) delay(std::move(d.leg), until, d.lost);
}

std::vector<waiting_leg> lane::drop() {
    std::vector<waiting_leg> dropped;
    for (auto& w : windows_) {
        for (auto* among : {&w.ready, &w.large})
            for (auto& [key, l] : *among) dropped.push_back(std::move(l));
        w = class_window();
    }
    for (auto& [until, d] : delayed_) dropped.push_back(std::move(d.leg));
    delayed_.clear();
    return dropped;
}

bool lane::has_ready() const {
    return std::any_of(windows_.begin(), windows_.end(), [](const auto& w) { return w.rows > 0; });
}

std::optional<timestamp> lane::next_delayed() const {
    if (delayed_.empty()) return std::nullopt;
    return delayed_.begin()->first;
}

std::size_t lane::waiting() const {
    std::size_t rows = 0;
    for (const auto& w : windows_) rows += w.rows + w.delayed;
    return rows;
}

std::array<std::size_t, lane_classes> lane::waiting_by_class() const {
    std::array<std::size_t, lane_classes> rows{};
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = windows_[i].rows;
    return rows;
}

/// Recalls never wait for others; there are few.
bool lane::has_room(std::size_t of) const {
    const auto& w = windows_[of];
    const bool urgent = static_cast<lane_class>(of) == lane_class::recall;
    return w.rows <= limits_.window / 2 && (urgent || w.delayed <= limits_.delayed);
}

std::optional<lane::unread> lane::wants_more() const {
    for (auto i = windows_.size(); i-- > 0;)
        if (windows_[i].horizon && has_room(i)) return unread{static_cast<lane_class>(i), *windows_[i].horizon};
    return std::nullopt;
}

void lane::read_again(lane_class of, std::int64_t from) {
    auto& horizon = at(of).horizon;
    horizon = std::min(horizon.value_or(from), from);
}

bool lane::has_more() const {
    return std::any_of(windows_.begin(), windows_.end(), [](const auto& w) { return w.horizon.has_value(); });
}

bool lane::may_offer(timestamp now) const {
    return way && has_ready() && !backs_off(now) && (failures_ == 0 || under_way() == 0);
}

bool lane::fits(std::uint64_t size) const {
    const bool large = is_large(size);
    const auto& away = large ? away_large_ : away_;
    if (away.legs == 0) return true;
    return away.legs < (large ? limits_.large_legs : pace_.limit()) && away.bytes + size <= limits_.bytes;
}

void lane::sent(const waiting_leg& l) {
    auto& away = load_of(l);
    ++away.legs;
    away.bytes += l.size;
}

void lane::settled(const waiting_leg& l) {
    auto& away = load_of(l);
    --away.legs;
    away.bytes -= l.size;
}

void lane::back_off(timestamp now, milliseconds period) {
    if (backs_off(now)) return;
    ++failures_;
    next_at_ = now + period;
    pace_.failed(now);
}

void lane::works(timestamp now) {
    if (failures_ == 0 || backs_off(now)) return;
    failures_ = 0;
    next_at_.reset();
    pace_.begin_slowly();
}

void lane::accepted(timestamp now) {
    works(now);
    if (failures_ == 0) pace_.accepted();
}

void lane::restart() {
    failures_ = 0;
    next_at_.reset();
    pace_.begin_anew();
}

circuit lane::state(timestamp now) const {
    if (failures_ == 0) return circuit::closed;
    return backs_off(now) ? circuit::backing_off : circuit::probing;
}

} // namespace truc::deliver
