#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace truc::cli {

/// One column of a table. `rank` 0 is always shown; where the terminal is narrow, columns of the highest rank go first,
/// and then the flexible ones are cut.
struct column {
    std::string title;
    unsigned rank = 0;
    bool flexible = false;
    bool number = false; ///< stands on the right
};

/// A table for people: two spaces between columns, no lines. Cells are made printable when they are added.
class table {
  public:
    explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}

    /// As many cells as columns. A note that is not empty stands below the row, in as many lines as it needs.
    void add(const std::vector<std::string>& cells, std::string_view note = {});
    /// A line of its own, over the rows that follow.
    void add_heading(std::string_view text);
    bool empty() const { return rows_.empty(); }

    /// Lines of at most `width` columns, as far as the columns of rank 0 that are not flexible permit.
    std::string render(std::size_t width) const;

  private:
    struct row {
        std::vector<std::string> cells;
        std::string note;
        std::string heading; ///< then it has no cells
    };
    std::vector<std::size_t> natural_widths() const;
    std::vector<bool> shown_columns(const std::vector<std::size_t>& widths, std::size_t width) const;
    void shrink(std::vector<std::size_t>& widths, const std::vector<bool>& shown, std::size_t width) const;

    std::vector<column> columns_;
    std::vector<row> rows_;
};

/// COLUMNS where it is set, also in a pipe; else the columns of the terminal on standard output, 80 where it is none.
/// Never below 40.
std::size_t terminal_width();

} // namespace truc::cli
