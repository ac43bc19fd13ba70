#pragma once
#include <truc/base/clock.hpp>
#include <truc/base/result.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace truc {

/// When work is done on a working day, counted from midnight.
struct working_hours {
    std::chrono::minutes morning_end{11 * 60 + 30};
    std::chrono::minutes end{17 * 60};
};

/// The working days of Vietnam's state agencies, in Vietnam time (+07:00): Monday to Friday but for public holidays,
/// and those Saturdays and Sundays on which a bridging day off is made up for. Which days these are is data
/// (conf/holidays-vn.txt), since the Prime Minister's decision names them year by year. A value; never fails.
class working_calendar {
  public:
    /// Knows no holidays: every Monday to Friday is a working day.
    working_calendar() = default;
    explicit working_calendar(working_hours h) : hours_(h) {}

    /// One entry a line: `2026-01-01` or `2026-02-16..2026-02-20` are days off, `working 2026-08-22` is worked on
    /// although it is a weekend. What follows '#' is for people. `name` is the file's. Error: bad_configuration (what =
    /// "name:line: …, expected …").
    static result<working_calendar> parse(std::string_view text, std::string_view name, working_hours h = {});

    /// Whether it was told of any day off in that year: without, next year's were forgotten.
    bool knows(std::chrono::year year) const;
    bool is_working_day(std::chrono::sys_days day) const;
    /// Vietnam's date at that moment.
    static std::chrono::sys_days day_of(timestamp t);
    /// The moment at which that day of Vietnam begins.
    static timestamp start_of(std::chrono::sys_days day);

    /// The day on which an agency deals with what reaches it now: today, but after work or on a day off the next
    /// working day.
    std::chrono::sys_days attended_day(timestamp t) const;
    /// Midnight after the attended day.
    timestamp end_of_attended_day(timestamp t) const;
    /// The end of the morning of the first working day after the calendar day of `t`.
    timestamp next_working_morning(timestamp t) const;

  private:
    using day = std::chrono::sys_days;
    day first_working_day(day from) const;

    working_hours hours_{};
    std::set<day> off_;
    std::set<day> working_;
};

/// yyyy-mm-dd; nullopt for anything else, and for days that do not exist.
std::optional<std::chrono::sys_days> day_from(std::string_view text);
std::string to_string(std::chrono::sys_days day);

} // namespace truc
