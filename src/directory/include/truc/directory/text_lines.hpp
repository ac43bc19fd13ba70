#pragma once
/// Files of one record a line, as administrators write them: empty lines and those that begin with '#' say nothing.

#include <string_view>

namespace truc::directory {

/// Cuts the first line off, without its end.
inline std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

inline bool is_record(std::string_view line) {
    const auto first = line.find_first_not_of(" \t\r");
    return first != std::string_view::npos && line[first] != '#';
}

} // namespace truc::directory
