#include "mapping.hpp"

#include <truc/base/ascii.hpp>
#include <truc/model/agency_code.hpp>
#include <truc/pack/edxml_record.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace truc::tdoffice {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::array<std::string_view, 9> status_codes{"01", "02", "03", "04", "05", "06", "13", "15", "16"};
constexpr std::array<std::string_view, 5> priority_codes{"0", "1", "2", "3", "4"};

/// The number that exactly these digits write.
std::optional<unsigned> digits(std::string_view text) {
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

std::optional<calendar_day> day_of(std::string_view year, std::string_view month, std::string_view day) {
    const auto y = digits(year), m = digits(month), d = digits(day);
    if (!y || !m || !d) return std::nullopt;
    return calendar_day(std::chrono::year(static_cast<int>(*y)), std::chrono::month(*m), std::chrono::day(*d));
}

/// HH:mm:ss, or HH:mm; nullopt when it is no time of a day.
std::optional<std::string> clock_time(std::string_view text) {
    if (text.size() != 5 && text.size() != 8) return std::nullopt;
    if (text[2] != ':' || (text.size() == 8 && text[5] != ':')) return std::nullopt;
    const auto h = digits(text.substr(0, 2)), m = digits(text.substr(3, 2));
    const auto s = text.size() == 8 ? digits(text.substr(6, 2)) : 0U;
    if (!h || !m || !s || *h > 23 || *m > 59 || *s > 59) return std::nullopt;
    return fmt::format("{:02}:{:02}:{:02}", *h, *m, *s);
}

struct day_and_time {
    std::string_view day;
    std::string_view time; ///< empty: none
};

day_and_time cut(std::string_view text) {
    text = trim(text, blanks);
    const auto gap = text.find(' ');
    if (gap == std::string_view::npos) return {text, {}};
    return {text.substr(0, gap), trim(text.substr(gap), blanks)};
}

result<calendar_day> existing_day(std::string_view text, std::string_view name) {
    const auto day = day_from_legacy(text);
    if (!day) return fail(errc::record_invalid, fmt::format("{} '{}' is not a day as dd/MM/yyyy", name, text));
    if (!day->ok()) return fail(errc::record_invalid, fmt::format("{} '{}' is a day that does not exist", name, text));
    return *day;
}

/// A key of the configuration whose values are codes of edXML.
template <std::size_t N>
void read_codes(settings& table, std::string_view key, std::map<std::string, std::string>& into,
                const std::array<std::string_view, N>& known, bool codes_are_keys) {
    table.read_map(key, into);
    for (const auto& [from, to] : into)
        if (std::ranges::find(known, codes_are_keys ? from : to) == known.end())
            table.refuse(key, fmt::format("codes among {}", fmt::join(known, ", ")));
}

} // namespace

std::optional<calendar_day> day_from_legacy(std::string_view text) {
    if (text.size() != 10 || text[2] != '/' || text[5] != '/') return std::nullopt;
    return day_of(text.substr(6), text.substr(3, 2), text.substr(0, 2));
}

std::optional<calendar_day> day_from_edxml(std::string_view text) {
    if (text.size() != 10 || (text[4] != '/' && text[4] != '-') || text[7] != text[4]) return std::nullopt;
    return day_of(text.substr(0, 4), text.substr(5, 2), text.substr(8));
}

std::string legacy_day(calendar_day day) {
    return fmt::format("{:02}/{:02}/{:04}", unsigned(day.day()), unsigned(day.month()), int(day.year()));
}

std::string edxml_day(calendar_day day) {
    return fmt::format("{:04}/{:02}/{:02}", int(day.year()), unsigned(day.month()), unsigned(day.day()));
}

result<std::string> day_to_edxml(std::string_view legacy, std::string_view name) {
    const auto [text, time] = cut(legacy);
    if (text.empty()) return std::string();
    const auto day = existing_day(text, name);
    if (!day) return fail(day.error());
    if (!time.empty() && !clock_time(time))
        return fail(errc::record_invalid, fmt::format("{} '{}' is not a day as dd/MM/yyyy", name, legacy));
    return edxml_day(*day);
}

result<std::string> moment_to_edxml(std::string_view legacy, std::string_view name) {
    const auto [text, time] = cut(legacy);
    if (text.empty()) return std::string();
    const auto day = existing_day(text, name);
    if (!day) return fail(day.error());
    const auto of_day = clock_time(time.empty() ? "00:00" : time);
    if (!of_day)
        return fail(errc::record_invalid, fmt::format("{} '{}' is not a moment as dd/MM/yyyy HH:mm:ss", name, legacy));
    return edxml_day(*day) + " " + *of_day;
}

std::string day_to_legacy(std::string_view edxml) {
    const auto day = day_from_edxml(edxml);
    return day ? legacy_day(*day) : std::string(edxml);
}

std::string moment_to_legacy(std::string_view edxml) {
    const auto [text, time] = cut(edxml);
    const auto day = day_from_edxml(text);
    const auto of_day = clock_time(time);
    return day && of_day ? legacy_day(*day) + " " + *of_day : std::string(edxml);
}

std::string legacy_moment(timestamp t) { return moment_to_legacy(pack::edxml_time(t)); }

result<std::string> dotted_code(std::string_view legacy, std::string_view name) {
    const auto code = agency_code::parse(legacy);
    if (!code) return fail(errc::record_invalid, fmt::format("{} '{}' is no agency code", name, legacy));
    return code->str();
}

std::string dashed_code(std::string_view code) {
    std::string out(code);
    std::ranges::replace(out, '.', '-');
    return out;
}

vocabulary::vocabulary()
    : priorities_out{{"Thường", "0"},          {"Bình thường", "0"},    {"Khẩn", "1"},
                     {"Thượng khẩn", "2"},     {"Hỏa tốc", "3"},        {"Hoả tốc", "3"},
                     {"Hỏa tốc hẹn giờ", "4"}, {"Hoả tốc hẹn giờ", "4"}},
      not_secret{"0", "", "Thường", "thường", "THƯỜNG", "Bình thường", "Không", "không", "Không mật"} {
    for (const auto code : status_codes) {
        statuses_out.emplace(code, code);
        statuses_in.emplace(code, code);
    }
    for (const auto code : priority_codes) {
        priorities_out.emplace(code, code);
        priorities_in.emplace(code, code);
    }
}

void vocabulary::read(settings& table) {
    read_codes(table, "statuses_out", statuses_out, status_codes, false);
    read_codes(table, "statuses_in", statuses_in, status_codes, true);
    read_codes(table, "priorities_out", priorities_out, priority_codes, false);
    read_codes(table, "priorities_in", priorities_in, priority_codes, true);
    table.read_list("not_secret", not_secret);
    if (not_secret.empty()) table.refuse("not_secret", "at least one level of secrecy that means \"none\"");
    table.read("dashed_codes", dashed_codes);
}

result<std::string> vocabulary::status_to_edxml(std::string_view legacy) const {
    const auto found = statuses_out.find(std::string(trim(legacy, blanks)));
    if (found == statuses_out.end())
        return fail(errc::record_invalid, fmt::format("the status '{}' is not known", legacy));
    return found->second;
}

result<std::string> vocabulary::status_to_legacy(std::string_view code) const {
    const auto found = statuses_in.find(std::string(code));
    if (found == statuses_in.end())
        return fail(errc::legacy_refused, fmt::format("the status '{}' is not known", code));
    return found->second;
}

priority vocabulary::priority_to_edxml(std::string_view legacy) const {
    const auto found = priorities_out.find(std::string(trim(legacy, blanks)));
    return found == priorities_out.end() ? priority::normal : static_cast<priority>(found->second.front() - '0');
}

std::string vocabulary::priority_to_legacy(priority p) const {
    const std::string code(1, static_cast<char>('0' + static_cast<int>(p)));
    const auto found = priorities_in.find(code);
    return found == priorities_in.end() ? code : found->second;
}

std::string vocabulary::code_to_legacy(std::string_view code) const {
    return dashed_codes ? dashed_code(code) : std::string(code);
}

result<void> vocabulary::may_leave(std::string_view secrecy, std::string_view subject) const {
    const auto level = trim(secrecy, blanks);
    if (std::ranges::find(not_secret, level) == not_secret.end())
        return fail(errc::secret_document, std::string(level));
    if (const auto mark = pack::secrecy_mark(subject); !mark.empty())
        return fail(errc::secret_document, std::string(mark));
    return {};
}

} // namespace truc::tdoffice
