#include "safe_name.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/utf8.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace truc::tdoffice {

namespace {

constexpr std::size_t longest_file_name = 150;
constexpr std::size_t longest_ending = 10;
constexpr std::size_t longest_word = 40;
constexpr std::size_t longest_plain_name = 200; ///< with room for what is put behind it; file systems end at 255

bool is_control(std::string_view character) {
    return character.size() == 1 && (static_cast<unsigned char>(character[0]) < ' ' || character[0] == '\x7F');
}

/// C1 controls, marks of direction, and what has no width: they hide what a name says.
bool is_invisible(std::string_view character) {
    if (character.size() == 2) return character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
    if (character.size() != 3) return false;
    if (character == "\xEF\xBB\xBF") return true; // U+FEFF
    if (!character.starts_with("\xE2\x80") && !character.starts_with("\xE2\x81")) return false;
    const auto last = static_cast<unsigned char>(character[2]);
    return character[1] == '\x80' ? (last >= 0x8B && last <= 0x8F) || (last >= 0xA8 && last <= 0xAE) // U+200B–F, 2028–E
                                  : last >= 0xA0 && last <= 0xAF;                                    // U+2060–F
}

/// CON, PRN, AUX, NUL, COM1 … LPT9, whatever their ending.
bool is_device(std::string_view name) {
    const auto stem = trim(name.substr(0, name.find('.')));
    constexpr std::array<std::string_view, 4> plain = {"con", "prn", "aux", "nul"};
    if (std::any_of(plain.begin(), plain.end(), [&](auto d) { return iequal(stem, d); })) return true;
    return stem.size() == 4 && (istarts_with(stem, "com") || istarts_with(stem, "lpt")) && stem[3] >= '0' &&
           stem[3] <= '9';
}

/// Cut to so many bytes, characters whole.
std::string_view cut(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) return text;
    while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
    return text.substr(0, longest);
}

std::string shortened(const std::string& name) {
    if (name.size() <= longest_file_name) return name;
    const auto dot = name.rfind('.');
    const auto ending = dot != std::string::npos && name.size() - dot <= longest_ending
                            ? std::string_view(name).substr(dot)
                            : std::string_view();
    const auto stem = std::string_view(name).substr(0, name.size() - ending.size());
    return std::string(cut(stem, longest_file_name - ending.size())).append(ending);
}

/// The plain letter of the Vietnamese ones without a mark of tone: those stand in notations.
char plain_letter(std::string_view character) {
    constexpr std::array<std::pair<std::string_view, char>, 14> letters = {{{"Đ", 'D'},
                                                                            {"đ", 'd'},
                                                                            {"Ă", 'A'},
                                                                            {"ă", 'a'},
                                                                            {"Â", 'A'},
                                                                            {"â", 'a'},
                                                                            {"Ê", 'E'},
                                                                            {"ê", 'e'},
                                                                            {"Ô", 'O'},
                                                                            {"ô", 'o'},
                                                                            {"Ơ", 'O'},
                                                                            {"ơ", 'o'},
                                                                            {"Ư", 'U'},
                                                                            {"ư", 'u'}}};
    const auto* const found =
        std::find_if(letters.begin(), letters.end(), [&](const auto& l) { return l.first == character; });
    return found == letters.end() ? '-' : found->second;
}

bool is_ascii_word(char c) { return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z'); }

/// Calls with each character; what is no UTF-8 is left out.
template <class Visitor>
void each_character(std::string_view text, Visitor&& visit) {
    while (!text.empty()) {
        const auto length = utf8_length(text);
        if (length > 0) visit(text.substr(0, length));
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

} // namespace

std::string safe_file_name(std::string_view hostile, std::string_view otherwise) {
    hostile = hostile.substr(std::min(hostile.find_last_of("/\\") + 1, hostile.size()));
    std::string name;
    each_character(hostile, [&name](std::string_view c) {
        if (is_control(c) || is_invisible(c)) return;
        name += c.find_first_of("<>:\"|?*") == 0 ? "_" : c;
    });
    name = std::string(trim(shortened(name), " ."));
    if (name.empty()) return std::string(otherwise);
    return is_device(name) ? "_" + name : name;
}

std::string ascii_word(std::string_view text) {
    std::string word;
    each_character(text, [&word](std::string_view c) {
        const char plain = c.size() == 1 ? c[0] : plain_letter(c);
        if (is_ascii_word(plain))
            word += plain;
        else if (!word.empty() && word.back() != '-')
            word += '-';
    });
    return std::string(trim(cut(word, longest_word), "-"));
}

bool is_plain_name(std::string_view name) {
    if (name.size() > longest_plain_name || !is_utf8(name)) return false;
    return std::none_of(name.begin(), name.end(), [](char c) { return is_control({&c, 1}); });
}

} // namespace truc::tdoffice
