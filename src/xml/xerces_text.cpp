#include "xerces_text.hpp"

namespace truc::xml {
namespace {

void append(std::string& out, char32_t c) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | c >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0 | c >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

constexpr bool is_high(char16_t c) { return c >= 0xD800 && c <= 0xDBFF; }
constexpr bool is_low(char16_t c) { return c >= 0xDC00 && c <= 0xDFFF; }

} // namespace

std::string to_utf8(std::u16string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char16_t c = text[i];
        if (is_high(c) && i + 1 < text.size() && is_low(text[i + 1]))
            append(out, 0x10000 + ((char32_t{c} - 0xD800) << 10) + (char32_t{text[++i]} - 0xDC00));
        else
            append(out, is_high(c) || is_low(c) ? char32_t{0xFFFD} : char32_t{c});
    }
    return out;
}

} // namespace truc::xml
