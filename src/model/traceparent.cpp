#include <truc/base/bytes.hpp>
#include <truc/model/traceparent.hpp>

#include <algorithm>

namespace truc {

namespace {

constexpr std::size_t length = 55; // of version 00
constexpr std::size_t trace_id_at = 3;
constexpr std::size_t trace_id_length = 32;
constexpr std::size_t parent_id_at = 36;
constexpr std::size_t parent_id_length = 16;
constexpr std::size_t flags_at = 53;

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

/// Version 00 ends behind the flags; a later one may go on behind a dash.
bool is_long_enough(std::string_view text) {
    if (text.size() < length) return false;
    if (text.starts_with("00-")) return text.size() == length;
    return text.size() == length || text[length] == '-';
}

} // namespace

std::optional<std::string> read_traceparent(std::string_view text) {
    if (!is_long_enough(text)) return std::nullopt;
    const auto version = text.substr(0, 2);
    const auto trace_id = text.substr(trace_id_at, trace_id_length);
    const auto parent_id = text.substr(parent_id_at, parent_id_length);
    const auto flags = text.substr(flags_at, 2);
    const bool dashes = text[2] == '-' && text[35] == '-' && text[52] == '-';
    if (!dashes || !is_hex(version) || version == "ff" || !is_hex(flags)) return std::nullopt;
    if (!is_hex(trace_id) || is_zero(trace_id) || !is_hex(parent_id) || is_zero(parent_id)) return std::nullopt;
    return "00" + std::string(text.substr(2, length - 2));
}

std::string make_traceparent(const uuid& dispatch) {
    const auto digits = to_hex(dispatch.view());
    return "00-" + digits + "-" + digits.substr(trace_id_length - parent_id_length) + "-00";
}

std::string_view trace_id_of(std::string_view traceparent) {
    return traceparent.size() < length ? std::string_view() : traceparent.substr(trace_id_at, trace_id_length);
}

} // namespace truc
