#include "axis_questions.hpp"

#include <truc/base/ascii.hpp>

#include <charconv>

namespace truc::api {

namespace {

constexpr std::uint64_t longest_idle_body = 4 * 1024;
constexpr std::uint64_t most_rows = 1000;
constexpr std::uint64_t deepest_row = 100'000;
constexpr auto vietnam_offset = std::chrono::hours(7);

tl::unexpected<error> not_understood(std::string_view name, std::string_view value) {
    return fail(errc::bad_request, fmt::format("{}={}", name, value));
}

/// All of `text` as digits; SDKs write 01 as well as 1.
std::optional<unsigned> digits(std::string_view text) {
    unsigned value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The first moment of a day, in Vietnam.
std::optional<timestamp> day_of(std::string_view text) {
    if (text.size() != 10) return std::nullopt;
    const bool year_first = text[4] == '/' || text[4] == '-';
    const std::size_t first = year_first ? 4 : 2, second = year_first ? 7 : 5;
    if (text[first] != text[second] || (text[first] != '/' && text[first] != '-')) return std::nullopt;
    const auto begin = digits(text.substr(0, first));
    const auto month = digits(text.substr(first + 1, second - first - 1));
    const auto end = digits(text.substr(second + 1));
    if (!begin || !month || !end) return std::nullopt;
    const auto year = year_first ? *begin : *end;
    const auto day = year_first ? *end : *begin;
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(*month),
                                           std::chrono::day(day));
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) - vietnam_offset;
}

result<std::optional<timestamp>> day_asked(const axis_call& c, std::string_view name) {
    const auto text = c.parameter(name);
    if (text.empty()) return std::nullopt;
    const auto day = day_of(text);
    if (!day) return not_understood(name, text);
    return day;
}

result<std::uint64_t> number_asked(const axis_call& c, std::string_view name, std::uint64_t otherwise) {
    const auto text = c.parameter(name);
    if (text.empty()) return otherwise;
    const auto value = parse_number(text);
    if (!value) return not_understood(name, text);
    return *value;
}

} // namespace

net::awaitable<result<void>> drop_body(http::request& r) {
    r.limit_body(longest_idle_body);
    for (;;) {
        const auto piece = co_await r.read();
        if (!piece) co_return fail(piece.error());
        if (piece->empty()) co_return result<void>();
    }
}

result<std::optional<dispatch_kind>> kind_asked(const axis_call& c) {
    const auto word = to_lower(c.parameter("messagetype"));
    if (word.empty()) return std::nullopt;
    for (const auto kind : {dispatch_kind::edoc, dispatch_kind::status})
        if (word == to_string(kind)) return kind;
    return not_understood("messagetype", word);
}

result<period> period_asked(const axis_call& c) {
    const auto first = day_asked(c, "fromDate");
    const auto last = day_asked(c, "toDate");
    if (!first) return fail(first.error());
    if (!last) return fail(last.error());
    period p;
    p.since = *first;
    if (*last) p.until = **last + std::chrono::days(1);
    if (p.since && p.until && *p.since >= *p.until)
        return fail(errc::bad_request,
                    fmt::format("fromDate={} toDate={}", c.parameter("fromDate"), c.parameter("toDate")));
    return p;
}

result<stretch> stretch_asked(const axis_call& c) {
    const auto size = number_asked(c, "pageSize", most_rows);
    const auto page = number_asked(c, "pageIndex", 1);
    if (!size) return fail(size.error());
    if (!page) return fail(page.error());
    const auto max = std::clamp<std::uint64_t>(*size, 1, most_rows);
    const auto before = *page == 0 ? 0 : *page - 1;
    if (before > deepest_row / max)
        return fail(errc::bad_request, fmt::format("pageIndex={}: ask by fromDate and toDate", *page));
    stretch s;
    s.max = static_cast<std::size_t>(max);
    s.skip = static_cast<std::size_t>(before * max);
    return s;
}

} // namespace truc::api
