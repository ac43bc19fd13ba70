#include "text.hpp"

#include <cstdint>

namespace truc::ledger {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

/// XML 1.0 production [2], for characters beyond ASCII.
bool is_xml_character(std::uint32_t c) {
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    return !surrogate && c != 0xFFFE && c != 0xFFFF && c <= 0x10FFFF;
}

/// Length of the sequence at the beginning of `rest`, whose first byte is not ASCII; 0 if it is not the shortest UTF-8
/// form of a character that XML can carry.
std::size_t sequence_length(std::string_view rest) {
    const auto first = static_cast<unsigned char>(rest[0]);
    const std::size_t length = first >= 0xF0 && first <= 0xF4 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || rest.size() < length) return 0;
    std::uint32_t c = first & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(rest[i]);
        if ((next & 0xC0) != 0x80) return 0;
        c = c << 6 | (next & 0x3F);
    }
    const bool overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
    return !overlong && is_xml_character(c) ? length : 0;
}

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
        return static_cast<unsigned char>(c) < 0x20 ? replacement : std::string_view();
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
        return static_cast<unsigned char>(c) < 0x20 ? replacement : std::string_view();
    }
}

/// Copies runs of harmless bytes at once. `escape` gives what stands for an ASCII character, nothing if it stands for
/// itself.
template <std::string_view (*escape)(char)>
void append_escaped(std::string_view text, std::string& out) {
    std::size_t copied = 0;
    for (std::size_t at = 0; at < text.size();) {
        const bool ascii = static_cast<unsigned char>(text[at]) < 0x80;
        const std::size_t length = ascii ? 1 : sequence_length(text.substr(at));
        const std::string_view instead = length == 0 ? replacement : ascii ? escape(text[at]) : std::string_view();
        const std::size_t next = at + (length == 0 ? 1 : length);
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

void append_element(std::string_view name, std::string_view text, std::string& out) {
    out.append("<").append(name).append(">");
    append_text_content(text, out);
    out.append("</").append(name).append(">");
}

} // namespace truc::ledger
