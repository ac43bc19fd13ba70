#include <truc/base/clock.hpp>

#include <fmt/format.h>

namespace truc {

namespace {

constexpr milliseconds vietnam_offset = std::chrono::hours(7);

class wall_clock final : public clock {
  public:
    timestamp now() const override {
        return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
    }
};

/// Reads exactly `digits` digits at `pos` and moves it on.
std::optional<int> digits(std::string_view text, std::size_t& pos, std::size_t count) {
    if (pos + count > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i, ++pos) {
        if (text[pos] < '0' || text[pos] > '9') return std::nullopt;
        value = value * 10 + (text[pos] - '0');
    }
    return value;
}

bool skip(std::string_view text, std::size_t& pos, char a, char b) {
    if (pos >= text.size() || (text[pos] != a && text[pos] != b)) return false;
    ++pos;
    return true;
}

/// ".358" as milliseconds; more digits are cut. Nothing there is zero.
std::optional<milliseconds> fraction(std::string_view text, std::size_t& pos) {
    if (pos >= text.size() || text[pos] != '.') return milliseconds(0);
    const std::size_t start = ++pos;
    int value = 0;
    for (int i = 0; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, ++i)
        if (i < 3) value = value * 10 + (text[pos] - '0');
    if (pos == start) return std::nullopt;
    for (std::size_t i = pos - start; i < 3; ++i) value *= 10;
    return milliseconds(value);
}

std::optional<milliseconds> offset(std::string_view text, std::size_t& pos) {
    if (pos >= text.size()) return std::nullopt;
    const char sign = text[pos++];
    if (sign == 'Z' || sign == 'z') return milliseconds(0);
    if (sign != '+' && sign != '-') return std::nullopt;
    const auto hours = digits(text, pos, 2);
    if (!hours || !skip(text, pos, ':', ':')) return std::nullopt;
    const auto minutes = digits(text, pos, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const milliseconds value = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return sign == '-' ? -value : value;
}

} // namespace

const clock& system_clock() {
    static const wall_clock instance;
    return instance;
}

std::string to_rfc3339(timestamp t) {
    const timestamp local = t + vietnam_offset;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(local - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+07:00", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::optional<timestamp> from_rfc3339(std::string_view text) {
    std::size_t pos = 0;
    const auto year = digits(text, pos, 4);
    if (!year || !skip(text, pos, '-', '-')) return std::nullopt;
    const auto month = digits(text, pos, 2);
    if (!month || !skip(text, pos, '-', '-')) return std::nullopt;
    const auto day = digits(text, pos, 2);
    if (!day || !skip(text, pos, 'T', 't')) return std::nullopt;
    const auto hour = digits(text, pos, 2);
    if (!hour || !skip(text, pos, ':', ':')) return std::nullopt;
    const auto minute = digits(text, pos, 2);
    if (!minute || !skip(text, pos, ':', ':')) return std::nullopt;
    const auto second = digits(text, pos, 2);
    if (!second) return std::nullopt;
    const auto part = fraction(text, pos);
    if (!part) return std::nullopt;
    const auto zone = offset(text, pos);
    if (!zone || pos != text.size()) return std::nullopt;

    const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return timestamp(std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(*hour) +
                     std::chrono::minutes(*minute) + std::chrono::seconds(*second) + *part - *zone);
}

} // namespace truc
