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

} // namespace

std::u32string letters_of(std::string_view text) {
    std::u32string letters;
    letters.reserve(text.size());
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const char32_t c = length ? utf8_character(text.substr(0, length)) : U'\uFFFD';
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
    for (const char32_t c : letters_of(text)) append_utf8(out, c);
    return out;
}

char32_t lower_letter(char32_t c) {
    if (c >= U'A' && c <= U'Z') return c - U'A' + U'a';
    if (c == U'Đ') return U'đ';
    const auto at = vowels.find(c, capitals);
    return at == std::u32string_view::npos ? c : vowels[at - capitals];
}

} // namespace truc::pack
