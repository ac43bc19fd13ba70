#pragma once
/// Text on a terminal: how wide it is, and what may not reach it. Pure functions on UTF-8.

#include <string>
#include <string_view>

namespace truc::cli {

/// Columns that the text takes: one for each code point, none for combining marks and joiners, two for the wide letters
/// of East Asia. Vietnamese takes the same whether its letters are composed or not.
std::size_t display_width(std::string_view text);

/// Text that others wrote, made safe to print: control characters, line breaks, changes of direction and broken UTF-8
/// become U+FFFD, so that a subject cannot move the cursor or rewrite the line above it.
std::string printable(std::string_view text);

/// At most `width` columns; what is cut off is marked by "…".
std::string shortened(std::string_view text, std::size_t width);

/// Broken between words into lines of at most `width` columns, all but the first of which begin with `indent` spaces. A
/// word that is longer than a line is broken where the line ends; line breaks of the text stay.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent = 0);

/// Filled with spaces to `width` columns, on the right or (for numbers) on the left.
std::string padded(std::string_view text, std::size_t width, bool to_the_right = false);

} // namespace truc::cli
