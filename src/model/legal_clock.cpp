#include <truc/model/legal_clock.hpp>

#include <algorithm>

namespace truc {

namespace {

/// What a clock waits for, and until when; empty while it does not run.
struct span {
    timestamp due;
    std::optional<timestamp> done;
};

std::optional<span> span_of(legal_clock c, const delivery_life& life, const clock_rules& rules) {
    switch (c) {
    case legal_clock::urgent:
        if (life.priority == priority::normal) return std::nullopt;
        return span{life.sent_at + rules.urgent_time, life.handed_over_at};
    case legal_clock::arrived:
        return span{rules.calendar.next_working_morning(life.sent_at), life.arrived_at};
    case legal_clock::received:
        if (!life.handed_over_at || life.business == business_type::recall) return std::nullopt;
        return span{rules.calendar.end_of_attended_day(*life.handed_over_at), life.told_at};
    case legal_clock::accepted:
        if (!life.handed_over_at || !life.told_at || life.business == business_type::recall) return std::nullopt;
        return span{rules.calendar.next_working_morning(*life.told_at), life.decided_at};
    }
    return std::nullopt;
}

/// What ends first, ends the clock: what it waits for, or the delivery without it.
std::optional<timestamp> earlier(std::optional<timestamp> a, std::optional<timestamp> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

} // namespace

std::string_view to_string(legal_clock c) {
    switch (c) {
    case legal_clock::urgent:
        return "late_urgent";
    case legal_clock::arrived:
        return "not_arrived";
    case legal_clock::received:
        return "without_01";
    case legal_clock::accepted:
        return "not_accepted";
    }
    return {};
}

clock_reading read_clock(legal_clock c, const delivery_life& life, const clock_rules& rules, timestamp now) {
    const auto s = span_of(c, life, rules);
    if (!s) return {};
    const auto ended = earlier(s->done, life.given_up_at);
    if (!ended) return {now < s->due ? clock_state::runs : clock_state::late, s->due};
    return {*ended <= s->due ? clock_state::kept : clock_state::missed, s->due};
}

} // namespace truc
