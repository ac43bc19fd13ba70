#include "moments.hpp"

#include "words.hpp"

#include <charconv>
#include <optional>

namespace truc::cli {

namespace {

std::optional<std::chrono::minutes> length_of(std::string_view text) {
    using namespace std::chrono_literals;
    if (text.size() < 2) return std::nullopt;
    const auto unit = text.back() == 'm' ? 1min : text.back() == 'h' ? 60min : text.back() == 'd' ? 1440min : 0min;
    std::int32_t count = 0;
    const auto* const end = text.data() + text.size() - 1;
    const auto read = std::from_chars(text.data(), end, count);
    if (unit == 0min || read.ec != std::errc() || read.ptr != end || count < 0) return std::nullopt;
    return count * unit;
}

/// Day, minute or second precision; what is missing of a moment is its beginning.
std::optional<timestamp> absolute(std::string text, timestamp now) {
    if (text.size() == 5 && text[2] == ':') text = to_rfc3339(now).substr(0, 10) + "T" + text;
    if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
    if (text.size() == 10) text += "T00:00";
    if (text.size() == 16) text += ":00";
    if (text.size() == 19) text += "+07:00";
    return from_rfc3339(text);
}

} // namespace

outcome<std::string> moment_of(const std::string& text, timestamp now) {
    if (text.empty()) return std::string();
    if (const auto ago = length_of(text)) return to_rfc3339(now - *ago);
    if (const auto at = absolute(text, now)) return to_rfc3339(*at);
    return stop(usage_failure(
        words("{} is no time; expected 2026-11-21, 2026-11-21T08:30, 08:30 (today), or how long ago: 30m, 4h, 3d",
              "{} không phải thời điểm; cần dạng 2026-11-21, 2026-11-21T08:30, 08:30 (hôm nay), hoặc cách đây: 30m, "
              "4h, 3d",
              text)));
}

} // namespace truc::cli
