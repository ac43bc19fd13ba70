#pragma once
/// Classes of characters in XML, and fast runs over those that mean nothing.

#include <array>
#include <cstdint>
#include <cstring>

namespace truc::xml {

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_wide(char c) { return static_cast<unsigned char>(c) >= 0x80; }
/// C0 controls other than tab and line ends are no XML characters (XML 1.0, section 2.2).
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 && !is_space(c); }
constexpr bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

inline constexpr auto name_characters = [] {
    std::array<bool, 256> table{};
    for (int c = 0; c < 0x80; ++c)
        table[static_cast<std::size_t>(c)] =
            is_name_start(static_cast<char>(c)) || (c >= '0' && c <= '9') || c == '-' || c == '.';
    return table;
}();
constexpr bool is_name_character(char c) { return name_characters[static_cast<unsigned char>(c)]; }

namespace detail {
inline constexpr std::uint64_t ones = 0x0101010101010101u;
inline constexpr std::uint64_t highs = 0x8080808080808080u;
constexpr std::uint64_t zero_bytes(std::uint64_t w) { return (w - ones) & ~w & highs; }
} // namespace detail

/// The first byte of [at, end) that is `stop`, not ASCII, or below 0x20; eight bytes at a time.
inline const char* plain_run(const char* at, const char* end, char stop) {
    const std::uint64_t stops = detail::ones * static_cast<unsigned char>(stop);
    while (end - at >= 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        const std::uint64_t below_space = (word - detail::ones * 0x20) & ~word & detail::highs;
        if (((word & detail::highs) | below_space | detail::zero_bytes(word ^ stops)) != 0) break;
        at += 8;
    }
    while (at != end && *at != stop && static_cast<unsigned char>(*at) >= 0x20 && !is_wide(*at)) ++at;
    return at;
}

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Runs over the common characters of two and three bytes (all of Vietnamese) that lie whole in [at, end). Stops at
/// anything that needs a closer look: ASCII, the end, first bytes with a narrower range, what is not UTF-8.
inline const char* wide_run(const char* at, const char* end) {
    while (end - at >= 3) {
        const auto lead = static_cast<unsigned char>(*at);
        if (lead >= 0xC2 && lead <= 0xDF && is_continuation(at[1]))
            at += 2;
        else if (lead >= 0xE1 && lead <= 0xEC && is_continuation(at[1]) && is_continuation(at[2]))
            at += 3;
        else
            break;
    }
    return at;
}

} // namespace truc::xml
