#include <truc/model/working_calendar.hpp>

#include <fmt/format.h>

#include <charconv>

namespace truc {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr milliseconds vietnam_offset = std::chrono::hours(7);
/// Longer than any run of days off; keeps a calendar that says nonsense from being searched for ever.
constexpr int longest_search = 366;
/// A range that is longer is a slip of the pen.
constexpr days longest_range(60);

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

template <class Number>
bool read_digits(std::string_view text, Number& into) {
    const auto* const end = text.data() + text.size();
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos &&
           std::from_chars(text.data(), end, into).ptr == end;
}

struct entry {
    sys_days first, last;
    bool working = false;
};

std::optional<entry> read_entry(std::string_view line) {
    constexpr std::string_view word = "working ";
    entry e;
    e.working = line.starts_with(word);
    if (e.working) line = trimmed(line.substr(word.size()));
    const auto dots = line.find("..");
    const auto first = day_from(trimmed(line.substr(0, dots)));
    const auto last = dots == std::string_view::npos ? first : day_from(trimmed(line.substr(dots + 2)));
    if (!first || !last || *last < *first || *last - *first > longest_range) return std::nullopt;
    e.first = *first;
    e.last = *last;
    return e;
}

} // namespace

std::optional<sys_days> day_from(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    int year = 0;
    unsigned month = 0, day = 0;
    const bool read = read_digits(text.substr(0, 4), year) && read_digits(text.substr(5, 2), month) &&
                      read_digits(text.substr(8, 2), day);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!read || !date.ok()) return std::nullopt;
    return sys_days(date);
}

std::string to_string(sys_days day) {
    const std::chrono::year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

result<working_calendar> working_calendar::parse(std::string_view text, std::string_view name, working_hours h) {
    working_calendar c(h);
    for (int number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto line = trimmed(text.substr(0, end).substr(0, text.substr(0, end).find('#')));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (line.empty()) continue;
        const auto e = read_entry(line);
        if (!e)
            return fail(errc::bad_configuration,
                        fmt::format("{}:{}: \"{}\", expected yyyy-mm-dd, yyyy-mm-dd..yyyy-mm-dd, or \"working\" "
                                    "before either",
                                    name, number, line));
        for (auto d = e->first; d <= e->last; d += days(1)) (e->working ? c.working_ : c.off_).insert(d);
    }
    return c;
}

bool working_calendar::knows(std::chrono::year year) const {
    const auto next = off_.lower_bound(sys_days(year / std::chrono::January / 1));
    return next != off_.end() && std::chrono::year_month_day(*next).year() == year;
}

bool working_calendar::is_working_day(day d) const {
    if (working_.contains(d)) return true;
    const std::chrono::weekday name(d);
    return name != std::chrono::Saturday && name != std::chrono::Sunday && !off_.contains(d);
}

sys_days working_calendar::day_of(timestamp t) { return std::chrono::floor<days>(t + vietnam_offset); }

timestamp working_calendar::start_of(day d) { return timestamp(d) - vietnam_offset; }

sys_days working_calendar::first_working_day(day from) const {
    for (int i = 0; i < longest_search && !is_working_day(from); ++i) from += days(1);
    return from;
}

sys_days working_calendar::attended_day(timestamp t) const {
    const auto today = day_of(t);
    const bool too_late = t >= start_of(today) + hours_.end;
    return first_working_day(too_late ? today + days(1) : today);
}

timestamp working_calendar::end_of_attended_day(timestamp t) const { return start_of(attended_day(t) + days(1)); }

timestamp working_calendar::next_working_morning(timestamp t) const {
    return start_of(first_working_day(day_of(t) + days(1))) + hours_.morning_end;
}

} // namespace truc
