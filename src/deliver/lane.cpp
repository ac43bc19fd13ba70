#include "lane.hpp"

#include <algorithm>

namespace truc::deliver {

std::vector<waiting_leg> lane::put(waiting_leg l) {
    std::vector<waiting_leg> without_room;
    if (horizon_ && !(l.key() < *horizon_)) {
        without_room.push_back(std::move(l));
        return without_room;
    }
    put_back(std::move(l));
    // The last one stays as long as the window is not full without it: a leg larger than what is left has to fit, too.
    while (ready_rows_ - std::prev(ready_.end())->second.rows.size() >= limits_.window) {
        const auto last = std::prev(ready_.end());
        horizon_ = last->first;
        ready_rows_ -= last->second.rows.size();
        without_room.push_back(std::move(last->second));
        ready_.erase(last);
    }
    return without_room;
}

void lane::put_back(waiting_leg l) {
    ready_rows_ += l.rows.size();
    const auto key = l.key();
    ready_.emplace(key, std::move(l));
}

void lane::delay(waiting_leg l, timestamp until, bool lost) {
    delayed_rows_ += l.rows.size();
    delayed_.emplace(until, delayed_leg{std::move(l), lost});
}

void lane::wake(timestamp now) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        auto found = delayed_.extract(delayed_.begin());
        delayed_rows_ -= found.mapped().leg.rows.size();
        put_back(std::move(found.mapped().leg));
    }
}

void lane::wake_lost() {
    for (auto it = delayed_.begin(); it != delayed_.end();) {
        const auto next = std::next(it);
        if (it->second.lost) {
            auto found = delayed_.extract(it);
            delayed_rows_ -= found.mapped().leg.rows.size();
            put_back(std::move(found.mapped().leg));
        }
        it = next;
    }
}

void lane::wake_all() { wake(timestamp::max()); }

waiting_leg lane::take_first() {
    auto found = ready_.extract(ready_.begin());
    ready_rows_ -= found.mapped().rows.size();
    return std::move(found.mapped());
}

void lane::take_out(const std::unordered_set<std::int64_t>& rows) {
    const auto without = [&rows](waiting_leg& l) {
        std::erase_if(l.rows, [&rows](std::int64_t row) { return rows.count(row) > 0; });
        return !l.rows.empty();
    };
    auto ready = std::exchange(ready_, {});
    auto delayed = std::exchange(delayed_, {});
    ready_rows_ = delayed_rows_ = 0;
    for (auto& [key, l] : ready)
        if (without(l)) put_back(std::move(l));
    for (auto& [until, d] : delayed)
        if (without(d.leg)) delay(std::move(d.leg), until, d.lost);
}

std::vector<waiting_leg> lane::drop() {
    std::vector<waiting_leg> legs;
    for (auto& [key, l] : ready_) legs.push_back(std::move(l));
    for (auto& [until, d] : delayed_) legs.push_back(std::move(d.leg));
    ready_.clear();
    delayed_.clear();
    ready_rows_ = delayed_rows_ = 0;
    horizon_.reset();
    return legs;
}

bool lane::holds_rejected() const {
    return std::any_of(delayed_.begin(), delayed_.end(), [](const auto& d) { return d.second.leg.rejected; }) ||
           std::any_of(ready_.begin(), ready_.end(), [](const auto& l) { return l.second.rejected; });
}

std::optional<timestamp> lane::next_delayed() const {
    if (delayed_.empty()) return std::nullopt;
    return delayed_.begin()->first;
}

bool lane::may_offer(timestamp now) const {
    if (!way || ready_.empty() || backs_off(now)) return false;
    return away_legs_ < (failures_ ? 1 : limits_.legs);
}

bool lane::fits(std::uint64_t size) const {
    if (away_legs_ == 0) return true;
    if (size >= limits_.large && away_large_ >= limits_.large_legs) return false;
    return away_bytes_ + size <= limits_.bytes;
}

void lane::sent(const waiting_leg& l) {
    ++away_legs_;
    away_bytes_ += l.size;
    if (l.size >= limits_.large) ++away_large_;
}

void lane::settled(const waiting_leg& l) {
    --away_legs_;
    away_bytes_ -= l.size;
    if (l.size >= limits_.large) --away_large_;
}

void lane::back_off(timestamp now, milliseconds period) {
    if (backs_off(now)) return;
    ++failures_;
    next_at_ = now + period;
}

void lane::succeeded(timestamp now) {
    if (!backs_off(now)) restart();
}

void lane::restart() {
    failures_ = 0;
    next_at_.reset();
}

} // namespace truc::deliver
