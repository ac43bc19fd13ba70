#pragma once
#include <truc/model/vocabulary.hpp>
#include <truc/model/working_calendar.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace truc {

/// What the law gives an agency a time for.
enum class legal_clock : std::uint8_t {
    urgent,   ///< an urgent document is handed over at once (QĐ 28/2018 Art. 6.2; NĐ 30/2020 Art. 4.2c)
    arrived,  ///< a document has come to its recipient by the next working morning (QĐ 28/2018 Art. 6.2, 8.2)
    received, ///< the sender is told of receipt, status 01, on the same day (NĐ 30/2020 Art. 21.2c)
    accepted, ///< after that it is accepted (03) or refused (02) by the next working morning
};
inline constexpr std::array legal_clocks_all = {legal_clock::urgent, legal_clock::arrived, legal_clock::received,
                                                legal_clock::accepted};
/// As in alarms and reports: late_urgent, not_arrived, without_01, not_accepted.
std::string_view to_string(legal_clock c);

/// When the steps of one delivery of a document happened; those that have not are empty.
struct delivery_life {
    truc::priority priority = truc::priority::normal;
    business_type business{};            ///< a recall is answered by 15 or 16, which no time is set for
    timestamp sent_at;                   ///< accepted by the node that has to watch it
    std::optional<timestamp> arrived_at; ///< in the recipient's inbox
    std::optional<timestamp> handed_over_at;
    std::optional<timestamp> told_at;     ///< the first status of the recipient
    std::optional<timestamp> decided_at;  ///< the first status other than 01
    std::optional<timestamp> given_up_at; ///< ended without hand-over: rejected, recalled, expired, undeliverable
};

/// How a clock stands for one delivery.
enum class clock_state : std::uint8_t {
    idle, ///< does not run: what starts it has not happened, or it does not concern this delivery
    runs, ///< there is still time
    kept,
    late,   ///< the time is over and what should have happened has not
    missed, ///< it happened, or the delivery ended without it, too late
};

struct clock_reading {
    clock_state state = clock_state::idle;
    timestamp due; ///< unless it is idle
};

/// The times that the law leaves to the exchange, beside the calendar.
struct clock_rules {
    working_calendar calendar;
    std::chrono::minutes urgent_time{30}; ///< "at once" for an urgent document
};

clock_reading read_clock(legal_clock c, const delivery_life& life, const clock_rules& rules, timestamp now);

} // namespace truc
