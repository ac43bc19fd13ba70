// What this life of the node knows of where its deliveries are: the schedule's part that keeps custody single.
#include "schedule.hpp"

#include <algorithm>

namespace truc::deliver {

bool schedule::may_be_elsewhere(std::int64_t row, const known_row& known, bool was_offered) const {
    return known.unsettled || (row <= left_behind_ && !known.settled && was_offered);
}

bool schedule::may_be_elsewhere(const store::dated_delivery& d) const {
    static const known_row unknown;
    const auto known = rows_.find(d.seq);
    return may_be_elsewhere(d.seq, known == rows_.end() ? unknown : known->second, !d.offered_to.empty());
}

bool schedule::in_doubt(const std::vector<std::int64_t>& rows) const {
    return std::any_of(rows.begin(), rows.end(), [this](std::int64_t row) {
        const auto known = rows_.find(row);
        return known != rows_.end() && may_be_elsewhere(row, known->second, true);
    });
}

void schedule::keep_only(waiting_leg& l, const std::vector<std::int64_t>& rows) {
    if (l.rows.size() == rows.size()) return;
    const std::unordered_set<std::int64_t> left(rows.begin(), rows.end());
    std::vector<std::int64_t> gone;
    for (const auto row : l.rows)
        if (left.count(row) == 0) gone.push_back(row);
    std::erase_if(l.rows, [&left](std::int64_t row) { return left.count(row) == 0; });
    let_go(gone);
}

void schedule::let_go(const std::vector<std::int64_t>& rows) {
    if (rows.empty()) return;
    const auto waiting = store::read_rows(*c_.o.store, rows);
    const auto held = store::held_among(*c_.o.store, rows);
    std::unordered_set<std::int64_t> still(held.begin(), held.end());
    for (const auto& d : waiting) still.insert(d.seq);
    std::vector<std::int64_t> ended;
    for (const auto row : rows) still.count(row) ? release(row) : ended.push_back(row);
    forget(ended);
    place(waiting);
}

void schedule::take_off(waiting_leg& l, const std::vector<std::int64_t>& rows) {
    const std::unordered_set<std::int64_t> gone(rows.begin(), rows.end());
    std::erase_if(l.rows, [&gone](std::int64_t row) { return gone.count(row) > 0; });
    forget(rows);
    place(store::read_rows(*c_.o.store, rows));
}

void schedule::forget(const std::vector<std::int64_t>& rows) {
    std::vector<store::queued_delivery> back;
    for (const auto row : rows)
        if (auto found = rows_.extract(row))
            if (found.mapped().returned) back.push_back(std::move(*found.mapped().returned));
    if (!back.empty()) place(back);
}

void schedule::set_aside(const std::vector<std::int64_t>& rows) {
    for (const auto row : rows) release(row);
}

void schedule::withhold(const std::vector<std::int64_t>& rows) {
    std::unordered_set<std::int64_t> waiting;
    for (const auto row : rows) {
        const auto known = rows_.find(row);
        if (known == rows_.end()) continue;
        known->second.withheld = true;
        if (known->second.where != whereabouts::waiting) continue;
        waiting.insert(row);
        release(row);
    }
    if (waiting.empty()) return;
    for (auto& [name, l] : lanes_) l.take_out(waiting);
    home_.take_out(waiting);
}

bool schedule::drop_returned(waiting_leg& l) {
    std::vector<std::int64_t> back;
    std::erase_if(l.rows, [&](std::int64_t row) {
        const auto known = rows_.find(row);
        if (known == rows_.end() || !known->second.returned) return false;
        back.push_back(row);
        return true;
    });
    forget(back);
    return l.rows.empty();
}

bool schedule::drop_withheld(waiting_leg& l) {
    std::erase_if(l.rows, [this](std::int64_t row) {
        if (!rows_[row].withheld) return false;
        release(row);
        return true;
    });
    return l.rows.empty();
}

void schedule::ask_about(const std::vector<std::int64_t>& rows) {
    std::vector<std::int64_t> unknown;
    for (const auto row : rows) {
        const auto known = rows_.find(row);
        if (known == rows_.end() || known->second.where == whereabouts::nowhere) unknown.push_back(row);
    }
    for (const auto& d : store::read_rows(*c_.o.store, unknown, store::held_kind::to_expire)) {
        bool bound = false;
        if (!claim(d, bound)) continue;
        rows_[d.seq].withheld = true;
        std::vector<found_leg> one;
        add(one, d, bound);
        lane_named(d.lane).put_back(std::move(one.front().leg));
    }
    flush_moves();
}

void schedule::keep_away(const std::vector<std::int64_t>& rows) {
    for (const auto row : rows) rows_[row].where = whereabouts::away;
}

void schedule::take_away(const std::vector<std::int64_t>& rows) {
    keep_away(rows);
    for (const auto row : rows) rows_[row].unsettled = true;
}

void schedule::settle(const std::vector<std::int64_t>& rows) {
    for (const auto row : rows) {
        auto& known = rows_[row];
        known.unsettled = false;
        if (row <= left_behind_) known.settled = true;
    }
}

void schedule::bring_back(const std::vector<std::int64_t>& rows) {
    for (const auto row : rows) rows_[row].where = whereabouts::waiting;
}

void schedule::find_again(const waiting_leg& l) {
    for (const auto row : l.rows) {
        rows_[row].returned.reset();
        release(row);
    }
    place(store::read_rows(*c_.o.store, l.rows));
}

std::vector<std::int64_t> schedule::withdraw(const std::vector<store::dated_delivery>& late) {
    std::vector<std::int64_t> here;
    std::map<std::string, std::unordered_set<std::int64_t>> waiting; // by lane
    for (const auto& d : late) {
        if (may_be_elsewhere(d)) continue;
        auto& where = rows_[d.seq].where;
        if (where == whereabouts::away || where == whereabouts::ending) continue;
        if (where == whereabouts::waiting) waiting[d.lane].insert(d.seq);
        where = whereabouts::ending;
        here.push_back(d.seq);
    }
    for (const auto& [name, rows] : waiting) lane_named(name).take_out(rows);
    return here;
}

void schedule::still_here(const std::vector<std::int64_t>& rows) {
    for (const auto row : rows) rows_[row].where = whereabouts::not_ended;
}

} // namespace truc::deliver
