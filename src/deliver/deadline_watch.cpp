#include "deadline_watch.hpp"

#include <truc/store/lanes.hpp>

#include <algorithm>

namespace truc::deliver {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t page_rows = 500;
constexpr backoff::range ask_wait{1min, 1h};
/// What is asked about at the same time, in memory; others follow when these are done.
constexpr std::size_t most_asked = 10'000;
/// An offer without an answer is looked into by a person when it takes longer.
constexpr auto patience = 60s;
/// Neighbours take what is late by less than a minute, and their clocks may be behind by as much: who is asked earlier
/// takes what was to end.
constexpr auto too_late_to_take = 2min;

std::string code_name(errc code) { return std::string(describe(code).name); }

} // namespace

timestamp deadline_watch::look() {
    expire();
    warn();
    remind(consigned_);
    remind(relayed_);
    return std::min({queued_.due, consigned_.due, relayed_.due, warn_at_});
}

/// Empty when it is not due. After the last page the round begins anew, a period later.
std::vector<store::dated_delivery> deadline_watch::next_page(round& r) {
    auto page = c_.o.store->read_overdue(r.state, c_.now(), page_rows, r.after);
    if (page.size() < page_rows) {
        r.after = 0;
        r.due = c_.now() + r.period;
    } else {
        r.after = page.back().seq;
    }
    return page;
}

void deadline_watch::expire() {
    if (c_.now() < queued_.due) return;
    if (held_) {
        queued_.due = c_.now() + queued_.period;
        return;
    }
    const auto page = next_page(queued_);
    const auto here = s_.withdraw(page);
    const std::unordered_set<std::int64_t> ended(here.begin(), here.end());
    std::map<std::string, std::vector<std::int64_t>> by_reason;
    std::vector<store::dated_delivery> kept;
    for (const auto& d : page) {
        if (ended.count(d.seq) > 0)
            by_reason[why_queued(d)].push_back(d.seq);
        else
            kept.push_back(d);
    }
    for (auto& [reason, rows] : by_reason) end(std::move(rows), reason);
    ask_for_the_end(kept);
    for (const auto& d : kept)
        if (d.deadline + patience < c_.now()) add(queued_, d.lane.empty() ? d.recipient : d.lane, d);
    if (queued_.after == 0) tell(queued_);
}

/// What is held, or to be ended, is in no lane. A neighbour that may have it is asked all the same.
void deadline_watch::ask_for_the_end(const std::vector<store::dated_delivery>& kept) {
    std::vector<std::int64_t> to_expire, held;
    for (const auto& d : kept) {
        if (d.held == store::held_kind::no || c_.now() < d.deadline + too_late_to_take) continue;
        if (s_.lanes().count(d.lane) == 0 || !s_.lane_of(d.lane).way) continue;
        (d.held == store::held_kind::to_expire ? to_expire : held).push_back(d.seq);
    }
    if (!to_expire.empty()) s_.ask_about(to_expire);
    if (!held.empty()) have_expire(std::move(held));
}

/// A hold does not stop the deadline. From now on the neighbour is asked; its commit brings the next look.
void deadline_watch::have_expire(std::vector<std::int64_t> rows) {
    c_.o.store->expire({std::move(rows), {}, store::held_kind::by_truc}, [](const result<std::size_t>&) {});
}

void deadline_watch::warn() {
    if (c_.now() < warn_at_ || warning_) return;
    warn_at_ = c_.now() + queued_.period;
    if (held_) return;
    auto rows = store::due_warnings(*c_.o.store, c_.now(), page_rows);
    if (rows.empty()) return;
    warning_ = true;
    const bool more = rows.size() == page_rows;
    c_.o.store->warn_expiry(std::move(rows), [this, more, box = c_.box](const result<std::monostate>& r) {
        box->post([this, at_once = more && r.has_value()] {
            warning_ = false;
            if (at_once) warn_at_ = c_.now();
        });
    });
}

/// What the sender is told: a code of the catalogue first, where there is one. Of what is held the store knows more.
std::string deadline_watch::why_queued(const store::dated_delivery& d) const {
    if (d.lane == c_.o.node) return s_.home().last_failure;
    if (d.lane.empty()) {
        const auto home = home_of(s_.directory(), d.recipient, c_.now());
        if (home.empty()) return code_name(errc::recipient_unknown) + ": " + d.recipient;
        return code_name(errc::unreachable) + ": " + home;
    }
    const auto& l = s_.lane_of(d.lane);
    return l.way ? l.last_failure : code_name(errc::unreachable) + ": " + d.lane;
}

void deadline_watch::end(std::vector<std::int64_t> rows, std::string reason) {
    store::ending e;
    e.rows = rows;
    e.to = delivery_state::expired;
    e.event = event_name::expiry;
    e.reason = std::move(reason);
    c_.o.store->end_deliveries(
        std::move(e), [this, rows = std::move(rows), box = c_.box](const result<std::monostate>& r) {
            box->post([this, rows, ended = r.has_value()] { ended ? s_.forget(rows) : s_.still_here(rows); });
        });
}

/// Nothing is ended: custody lies with the neighbour, or the decision with the recipient.
void deadline_watch::remind(round& r) {
    if (c_.now() < r.due) return;
    const bool relayed = r.state == delivery_state::relayed;
    const auto page = next_page(r);
    for (const auto& d : page) add(r, relayed ? d.passed_to : d.recipient, d);
    if (relayed) ask(page);
    if (r.after != 0) return;
    tell(r);
    if (!relayed) return;
    std::erase_if(asked_, [this](const auto& a) { return a.second.round != round_; });
    ++round_;
}

void deadline_watch::add(round& r, const std::string& whom, const store::dated_delivery& d) {
    auto& o = r.found[whom];
    ++o.count;
    o.since = std::min(o.since, d.deadline);
}

void deadline_watch::tell(round& r) {
    std::set<std::string> now;
    for (const auto& [whom, o] : r.found) {
        now.insert(whom);
        c_.raise("overdue", whom,
                 fmt::format("{} deliveries {}, the oldest since {}", o.count, r.what, to_rfc3339(o.since)));
    }
    for (const auto& whom : r.alarmed)
        if (now.count(whom) == 0 && alarmed_by_others(whom, r) == 0) c_.clear("overdue", whom);
    r.alarmed = std::move(now);
    r.found.clear();
}

std::size_t deadline_watch::alarmed_by_others(const std::string& whom, const round& r) const {
    std::size_t others = 0;
    for (const auto* other : {&queued_, &consigned_, &relayed_})
        if (other != &r) others += other->alarmed.count(whom);
    return others;
}

/// Whoever holds it accepts it again, and nothing changes; whoever has lost it takes it anew.
void deadline_watch::ask(const std::vector<store::dated_delivery>& page) {
    std::map<std::pair<std::string, std::int64_t>, std::vector<std::int64_t>> due; // by neighbour and dispatch
    for (const auto& d : page) {
        if (asked_.count(d.seq) == 0 && asked_.size() >= most_asked) continue;
        auto& row = asked_[d.seq];
        row.round = round_;
        if (row.again <= c_.now()) due[{d.passed_to, d.dispatch}].push_back(d.seq);
    }
    for (const auto& [which, rows] : due) {
        const auto asked = offers_.ask(which.first, rows);
        if (asked.empty()) continue;
        // Together now, together later.
        const auto again = c_.now() + c_.jitter.after(asked_[asked.front()].times + 1, ask_wait);
        for (const auto row : asked) asked_[row] = {asked_[row].times + 1, again, round_};
    }
}

} // namespace truc::deliver
