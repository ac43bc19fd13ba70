#include "text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace truc::cli {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct code_point {
    std::uint32_t value = 0;
    std::size_t bytes = 1;
    bool sound = false;
};

/// The first code point of a text that is not empty. Overlong forms and surrogates are not sound.
code_point first_of(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {lead, 1, true};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (size == 0 || lead > 0xF4 || text.size() < size) return {};
    std::uint32_t value = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0) != 0x80) return {};
        value = value << 6 | (next & 0x3F);
    }
    constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest[size] || value > 0x10FFFF || surrogate) return {};
    return {value, size, true};
}

using range = std::pair<std::uint32_t, std::uint32_t>;

template <std::size_t n>
bool is_in(std::uint32_t c, const std::array<range, n>& ranges) {
    for (const auto& [first, last] : ranges)
        if (c >= first && c <= last) return true;
    return false;
}

std::size_t width_of(std::uint32_t c) {
    constexpr std::array<range, 7> none = {{{0x0300, 0x036F},
                                            {0x1AB0, 0x1AFF},
                                            {0x1DC0, 0x1DFF},
                                            {0x200B, 0x200D},
                                            {0x20D0, 0x20FF},
                                            {0xFE00, 0xFE0F},
                                            {0xFE20, 0xFE2F}}};
    constexpr std::array<range, 6> two = {
        {{0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFF00, 0xFF60}, {0x1F300, 0x1FAFF}}};
    if (is_in(c, none)) return 0;
    return is_in(c, two) ? 2 : 1;
}

bool may_be_shown(std::uint32_t c) {
    constexpr std::array<range, 6> never = {
        {{0x00, 0x1F}, {0x7F, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}}};
    return !is_in(c, never);
}

} // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const auto c = first_of(text);
        width += c.sound ? width_of(c.value) : 1;
        text.remove_prefix(c.bytes);
    }
    return width;
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto c = first_of(text);
        out.append(c.sound && may_be_shown(c.value) ? text.substr(0, c.bytes) : replacement);
        text.remove_prefix(c.bytes);
    }
    return out;
}

std::string shortened(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::size_t used = 0;
    std::string out;
    while (!text.empty()) {
        const auto c = first_of(text);
        used += c.sound ? width_of(c.value) : 1;
        if (used > width - 1) break;
        out.append(text.substr(0, c.bytes));
        text.remove_prefix(c.bytes);
    }
    return out + "…";
}

namespace {

/// The whole letters at the beginning of a text that take at most so many columns; one at least.
std::string_view beginning(std::string_view text, std::size_t width) {
    std::size_t bytes = 0;
    std::size_t used = 0;
    while (bytes < text.size()) {
        const auto c = first_of(text.substr(bytes));
        used += c.sound ? width_of(c.value) : 1;
        if (used > width && bytes > 0) break;
        bytes += c.bytes;
    }
    return text.substr(0, bytes);
}

/// Puts words one behind the other, each line at most so wide.
class line_filler {
  public:
    line_filler(std::size_t width, std::size_t indent) : width_(width), indent_(indent) {}

    void add(std::string_view word) {
        const auto taken = display_width(word);
        if (!at_begin_ && used_ + 1 + taken > width_) next_line();
        if (!at_begin_) out_ += ' ', ++used_;
        at_begin_ = false;
        while (!word.empty()) { // in pieces, when it is longer than a line
            if (used_ >= width_ && used_ > indent_) next_line();
            const auto piece = beginning(word, width_ > used_ ? width_ - used_ : 1);
            out_ += piece;
            used_ += display_width(piece);
            word.remove_prefix(piece.size());
        }
        at_begin_ = false;
    }
    void next_line() {
        out_.append("\n").append(indent_, ' ');
        used_ = indent_;
        at_begin_ = true;
    }
    std::string text() { return std::move(out_); }

  private:
    const std::size_t width_;
    const std::size_t indent_;
    std::string out_;
    std::size_t used_ = 0;
    bool at_begin_ = true;
};

} // namespace

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
    line_filler lines(width, indent);
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \n"), text.size());
        lines.add(text.substr(0, end));
        if (end < text.size() && text[end] == '\n') lines.next_line();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines.text();
}

std::string padded(std::string_view text, std::size_t width, bool to_the_right) {
    const auto taken = display_width(text);
    const std::string space(taken < width ? width - taken : 0, ' ');
    return to_the_right ? space + std::string(text) : std::string(text) + space;
}

} // namespace truc::cli
