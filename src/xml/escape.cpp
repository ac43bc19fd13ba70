#include <truc/base/utf8.hpp>
#include <truc/xml/escape.hpp>

#include <algorithm>

namespace truc::xml {

namespace {

/// The two at the end of Unicode's first plane, which XML cannot carry (XML 1.0, production [2]; what is below U+0020
/// is escaped elsewhere).
bool is_noncharacter(std::string_view character) { return character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF"; }

std::string_view escape_in_text(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\r':
        return "&#xD;";
    case '\t':
    case '\n':
        return {};
    default:
        return static_cast<unsigned char>(c) < 0x20 ? replacement_character : std::string_view();
    }
}

std::string_view escape_in_attribute(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '"':
        return "&quot;";
    case '\t':
        return "&#x9;";
    case '\n':
        return "&#xA;";
    case '\r':
        return "&#xD;";
    default:
        return static_cast<unsigned char>(c) < 0x20 ? replacement_character : std::string_view();
    }
}

/// Copies runs of harmless bytes at once. `escape` gives what stands for an ASCII character, nothing if it stands for
/// itself.
template <std::string_view (*escape)(char)>
void append_escaped(std::string_view text, std::string& out) {
    std::size_t copied = 0;
    for (std::size_t at = 0; at < text.size();) {
        const bool ascii = static_cast<unsigned char>(text[at]) < 0x80;
        const std::size_t length = ascii ? 1 : utf8_length(text.substr(at));
        const bool carried = length != 0 && !is_noncharacter(text.substr(at, length));
        const std::string_view instead = !carried ? replacement_character
                                         : ascii  ? escape(text[at])
                                                  : std::string_view();
        const std::size_t next = at + std::max<std::size_t>(length, 1);
        if (!instead.empty()) {
            out.append(text, copied, at - copied).append(instead);
            copied = next;
        }
        at = next;
    }
    out.append(text, copied, text.size() - copied);
}

} // namespace

void append_text_content(std::string_view text, std::string& out) { append_escaped<escape_in_text>(text, out); }
void append_attribute_value(std::string_view text, std::string& out) { append_escaped<escape_in_attribute>(text, out); }

} // namespace truc::xml
