#include <truc/pack/edxml_record.hpp>
#include <truc/pack/vietnamese.hpp>

#include <algorithm>
#include <array>

namespace truc::pack {

namespace {

constexpr std::size_t longest_head = 256; // bytes; a mark stands at the beginning

bool is_blank(char32_t c) {
    return c <= U' ' || c == 0x00A0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000;
}
/// It is not seen: zero-width characters and marks of direction.
bool is_hidden(char32_t c) { return c == 0x00AD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF; }
bool is_opening(char32_t c) { return std::u32string_view(U"([{（［【〔〈《").find(c) != std::u32string_view::npos; }
bool is_letter(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'0' && c <= U'9') || (c >= 0x00C0 && c < 0x2000);
}
/// Who only begins a sentence with the word goes on with a letter.
bool separates(char32_t c) {
    return std::u32string_view(U")]}）］】〕〉》,-:;./|–—−：，、").find(c) != std::u32string_view::npos;
}

/// The beginning of a subject as it is compared: one form for each letter, lower case, one blank between words.
std::u32string head_of(std::string_view subject) {
    std::u32string head;
    for (char32_t c : letters_of(subject.substr(0, longest_head))) {
        if (is_hidden(c)) continue;
        if (is_blank(c)) c = U' ';
        if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0; // full-width ASCII
        if (c == U' ' && (head.empty() || head.back() == U' ')) continue;
        head += lower_letter(c);
    }
    return head;
}

/// "mật" begins many harmless words: cipher, density, password, honey, …
bool makes_another_word(std::u32string_view rest) {
    constexpr std::array<std::u32string_view, 8> words = {U"mã",  U"độ",  U"khẩu", U"ong",
                                                          U"thư", U"ngữ", U"danh", U"hoa"};
    return std::any_of(words.begin(), words.end(), [&](std::u32string_view word) {
        return rest.starts_with(word) && (rest.size() == word.size() || !is_letter(rest[word.size()]));
    });
}

/// `rest` follows the mark. In brackets it needs no more than the end of the word.
bool ends_mark(std::u32string_view rest, bool in_brackets, bool is_plain) {
    if (rest.empty()) return true;
    if (is_letter(rest.front())) return false;
    const bool blank = rest.front() == U' ';
    if (blank) rest.remove_prefix(1);
    if (rest.empty() || separates(rest.front())) return true;
    return in_brackets && !(blank && is_plain && makes_another_word(rest));
}

struct mark {
    std::u32string_view written;
    std::string_view name;
};
constexpr std::array<mark, 3> marks = {{{U"tuyệt mật", "TUYỆT MẬT"}, {U"tối mật", "TỐI MẬT"}, {U"mật", "MẬT"}}};

} // namespace

std::string_view secrecy_mark(std::string_view subject) {
    const auto head = head_of(subject);
    std::u32string_view rest = head;
    bool in_brackets = false;
    while (!rest.empty() && (is_opening(rest.front()) || rest.front() == U' ')) {
        in_brackets = in_brackets || is_opening(rest.front());
        rest.remove_prefix(1);
    }
    for (const auto& m : marks)
        if (rest.starts_with(m.written) && ends_mark(rest.substr(m.written.size()), in_brackets, &m == &marks.back()))
            return m.name;
    return {};
}

} // namespace truc::pack
