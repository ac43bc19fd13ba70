#include "table.hpp"

#include "text.hpp"

#include <sys/ioctl.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <unistd.h>

namespace truc::cli {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest_flexible = 6;
/// A flexible column is worth so much more than a column of a higher rank.
constexpr std::size_t comfortable = 28;
constexpr std::size_t note_indent = 4;

/// What the shown columns take together.
std::size_t total(const std::vector<std::size_t>& widths, const std::vector<bool>& shown) {
    std::size_t sum = 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < widths.size(); ++i)
        if (shown[i]) sum += widths[i], ++count;
    return count ? sum + gap * (count - 1) : 0;
}

void append_line(const std::string& line, std::string& out) {
    out.append(line, 0, line.find_last_not_of(' ') + 1).append("\n");
}

/// In as many lines as it needs: what people look for often stands at its end.
void append_note(const std::string& note, std::size_t width, std::string& out) {
    // As if the indent were a first word: what is broken is the text behind it.
    const std::string filler(note_indent, 'x');
    const auto broken = wrapped(filler + note, width, note_indent);
    append_line(std::string(note_indent, ' ') + broken.substr(note_indent), out);
}

} // namespace

void table::add(const std::vector<std::string>& cells, std::string_view note) {
    row r;
    for (const auto& cell : cells) r.cells.push_back(printable(cell));
    r.cells.resize(columns_.size());
    r.note = printable(note);
    rows_.push_back(std::move(r));
}

void table::add_heading(std::string_view text) {
    row r;
    r.cells.resize(columns_.size());
    r.heading = printable(text);
    rows_.push_back(std::move(r));
}

std::vector<std::size_t> table::natural_widths() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t widest = display_width(columns_[i].title);
        for (const auto& r : rows_) widest = std::max(widest, display_width(r.cells[i]));
        widths.push_back(widest);
    }
    return widths;
}

std::vector<bool> table::shown_columns(const std::vector<std::size_t>& widths, std::size_t width) const {
    std::vector<bool> shown(columns_.size(), true);
    auto least = widths;
    for (std::size_t i = 0; i < columns_.size(); ++i)
        if (columns_[i].flexible) least[i] = std::min(widths[i], comfortable);
    while (total(least, shown) > width) {
        std::size_t drop = columns_.size();
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (shown[i] && columns_[i].rank && (drop == columns_.size() || columns_[i].rank >= columns_[drop].rank))
                drop = i;
        if (drop == columns_.size()) break;
        shown[drop] = false;
    }
    return shown;
}

/// Takes from the widest flexible column until the row fits.
void table::shrink(std::vector<std::size_t>& widths, const std::vector<bool>& shown, std::size_t width) const {
    while (total(widths, shown) > width) {
        std::size_t widest = columns_.size();
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (shown[i] && columns_[i].flexible && widths[i] > narrowest_flexible &&
                (widest == columns_.size() || widths[i] > widths[widest]))
                widest = i;
        if (widest == columns_.size()) return;
        --widths[widest];
    }
}

std::string table::render(std::size_t width) const {
    auto widths = natural_widths();
    const auto shown = shown_columns(widths, width);
    shrink(widths, shown, width);
    std::string out;
    const auto write = [&](const auto& cell_of) {
        std::string line;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (!shown[i]) continue;
            if (!line.empty()) line.append(gap, ' ');
            line += padded(shortened(cell_of(i), widths[i]), widths[i], columns_[i].number);
        }
        append_line(line, out);
    };
    write([this](std::size_t i) { return columns_[i].title; });
    for (const auto& r : rows_) {
        if (!r.heading.empty()) {
            append_line(shortened(r.heading, width), out);
            continue;
        }
        write([&r](std::size_t i) { return r.cells[i]; });
        if (!r.note.empty()) append_note(r.note, width, out);
    }
    return out;
}

namespace {

std::optional<std::size_t> columns_wanted() {
    const char* const text = std::getenv("COLUMNS");
    if (!text) return std::nullopt;
    std::size_t columns = 0;
    const auto* const end = text + std::strlen(text);
    const auto read = std::from_chars(text, end, columns);
    if (read.ec != std::errc() || read.ptr != end || columns == 0) return std::nullopt;
    return columns;
}

} // namespace

std::size_t terminal_width() {
    constexpr std::size_t usual = 80;
    constexpr std::size_t narrowest = 40;
    winsize size{};
    std::size_t columns = usual;
    if (const auto wanted = columns_wanted())
        columns = *wanted;
    else if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        columns = size.ws_col;
    return std::max(columns, narrowest);
}

} // namespace truc::cli
