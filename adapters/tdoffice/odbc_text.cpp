#include "odbc_text.hpp"

#include <truc/base/utf8.hpp>

namespace truc::tdoffice {

namespace {

char32_t code_point(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    static constexpr unsigned char lead[] = {0x7f, 0x1f, 0x0f, 0x07};
    char32_t c = byte(0) & lead[character.size() - 1];
    for (std::size_t i = 1; i < character.size(); ++i) c = c << 6 | (byte(i) & 0x3fu);
    return c;
}

void append_utf8(std::string& out, char32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xe0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | c >> 18);
        out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    }
}

} // namespace

std::u16string to_utf16(std::string_view text) {
    std::u16string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const char32_t c = length ? code_point(text.substr(0, length)) : 0xfffd;
        text.remove_prefix(length ? length : 1);
        if (c < 0x10000) {
            out += static_cast<char16_t>(c);
        } else {
            out += static_cast<char16_t>(0xd800 + ((c - 0x10000) >> 10));
            out += static_cast<char16_t>(0xdc00 + ((c - 0x10000) & 0x3ff));
        }
    }
    return out;
}

std::string to_utf8(std::u16string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char32_t c = text[i];
        if (c >= 0xd800 && c < 0xe000) {
            const bool paired = c < 0xdc00 && i + 1 < text.size() && text[i + 1] >= 0xdc00 && text[i + 1] < 0xe000;
            c = paired ? 0x10000 + ((c - 0xd800) << 10) + (text[++i] - 0xdc00u) : 0xfffd;
        }
        append_utf8(out, c);
    }
    return out;
}

} // namespace truc::tdoffice
