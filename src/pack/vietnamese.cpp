#include <truc/base/utf8.hpp>
#include <truc/pack/vietnamese.hpp>

#include <array>
#include <optional>

namespace truc::pack {

namespace {

/// Each vowel without a tone, then with each of them.
constexpr std::u32string_view vowels = U"aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
                                       U"AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬEÈÉẺẼẸÊỀẾỂỄỆIÌÍỈĨỊOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢUÙÚỦŨỤƯỪỨỬỮỰYỲÝỶỸỴ";
constexpr std::size_t rank = 6;
constexpr std::size_t capitals = vowels.size() / 2;
static_assert(capitals == 12 * rank);

constexpr std::u32string_view tones = U"\u0300\u0301\u0309\u0303\u0323"; // in the order of a rank

struct shape {
    char32_t plain, mark, shaped;
};
constexpr std::array<shape, 12> shapes = {{
    {U'a', 0x0306, U'ă'},
    {U'a', 0x0302, U'â'},
    {U'e', 0x0302, U'ê'},
    {U'o', 0x0302, U'ô'},
    {U'o', 0x031B, U'ơ'},
    {U'u', 0x031B, U'ư'},
    {U'A', 0x0306, U'Ă'},
    {U'A', 0x0302, U'Â'},
    {U'E', 0x0302, U'Ê'},
    {U'O', 0x0302, U'Ô'},
    {U'O', 0x031B, U'Ơ'},
    {U'U', 0x031B, U'Ư'},
}};

/// The letter with one mark more; nullopt where Vietnamese has none.
std::optional<char32_t> with_mark(char32_t letter, char32_t mark) {
    const auto at = vowels.find(letter);
    if (at == std::u32string_view::npos) return std::nullopt;
    const auto tone = at % rank;
    if (const auto t = tones.find(mark); t != std::u32string_view::npos)
        return tone == 0 ? std::optional(vowels[at + t + 1]) : std::nullopt;
    for (const auto& s : shapes)
        if (s.plain == vowels[at - tone] && s.mark == mark) return vowels[vowels.find(s.shaped) + tone];
    return std::nullopt;
}

char32_t decode(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    constexpr std::array<unsigned char, 5> first_bits = {0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t c = byte(0) & first_bits[character.size()];
    for (std::size_t i = 1; i < character.size(); ++i) c = c << 6 | (byte(i) & 0x3F);
    return c;
}

void append(char32_t c, std::string& out) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | c >> 12);
        tail(6), tail(0);
    } else {
        out += static_cast<char>(0xF0 | c >> 18);
        tail(12), tail(6), tail(0);
    }
}

} // namespace

std::u32string letters_of(std::string_view text) {
    std::u32string letters;
    letters.reserve(text.size());
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const char32_t c = length ? decode(text.substr(0, length)) : U'\uFFFD';
        const auto marked = letters.empty() ? std::nullopt : with_mark(letters.back(), c);
        if (marked)
            letters.back() = *marked;
        else
            letters += c;
        text.remove_prefix(length ? length : 1);
    }
    return letters;
}

std::string composed(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char32_t c : letters_of(text)) append(c, out);
    return out;
}

char32_t lower_letter(char32_t c) {
    if (c >= U'A' && c <= U'Z') return c - U'A' + U'a';
    if (c == U'Đ') return U'đ';
    const auto at = vowels.find(c, capitals);
    return at == std::u32string_view::npos ? c : vowels[at - capitals];
}

} // namespace truc::pack
