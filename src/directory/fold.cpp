#include "fold.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace truc::directory {

namespace {

struct letters {
    std::uint16_t first;
    std::uint16_t last;
    char base; ///< 0: a combining mark, which vanishes
};

/// The letters of Vietnamese and their neighbours in Unicode, by the letter they are built on; sorted.
constexpr std::array<letters, 25> table = {{
    {0x00C0, 0x00C5, 'a'}, {0x00C8, 0x00CB, 'e'}, {0x00CC, 0x00CF, 'i'}, {0x00D2, 0x00D6, 'o'}, {0x00D9, 0x00DC, 'u'},
    {0x00DD, 0x00DD, 'y'}, {0x00E0, 0x00E5, 'a'}, {0x00E8, 0x00EB, 'e'}, {0x00EC, 0x00EF, 'i'}, {0x00F2, 0x00F6, 'o'},
    {0x00F9, 0x00FC, 'u'}, {0x00FD, 0x00FD, 'y'}, {0x0102, 0x0103, 'a'}, // Ă
    {0x0110, 0x0111, 'd'},                                               // Đ
    {0x0128, 0x0129, 'i'}, {0x0168, 0x0169, 'u'}, {0x01A0, 0x01A1, 'o'}, // Ĩ Ũ Ơ
    {0x01AF, 0x01B0, 'u'},                                               // Ư
    {0x0300, 0x036F, 0},                                                 // combining marks
    {0x1EA0, 0x1EB7, 'a'}, {0x1EB8, 0x1EC7, 'e'}, {0x1EC8, 0x1ECB, 'i'}, {0x1ECC, 0x1EE3, 'o'}, {0x1EE4, 0x1EF1, 'u'},
    {0x1EF2, 0x1EF9, 'y'},
}};

/// Code point of a two- or three-byte sequence and its length; all of the table lies there. Length 0 for anything else.
std::pair<std::uint16_t, std::size_t> decode(std::string_view rest) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
    if (rest.size() >= 2 && (at(0) & 0xE0) == 0xC0)
        return {static_cast<std::uint16_t>((at(0) & 0x1F) << 6 | (at(1) & 0x3F)), 2};
    if (rest.size() >= 3 && (at(0) & 0xF0) == 0xE0)
        return {static_cast<std::uint16_t>((at(0) & 0x0F) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F)), 3};
    return {0, 0};
}

const letters* find_letter(std::uint16_t c) {
    const auto found =
        std::lower_bound(table.begin(), table.end(), c, [](const letters& l, std::uint16_t v) { return l.last < v; });
    return found != table.end() && found->first <= c ? &*found : nullptr;
}

void append_ascii(char c, std::string& out) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (blank && (out.empty() || out.back() == ' ')) return;
    if (blank) c = ' ';
    if (c == '-') c = '.';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    out += c;
}

} // namespace

std::string fold(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto [c, length] = decode(text);
        const letters* letter = length ? find_letter(c) : nullptr;
        if (length == 0)
            append_ascii(text.front(), out);
        else if (!letter)
            out.append(text, 0, length);
        else if (letter->base)
            out += letter->base;
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

} // namespace truc::directory
