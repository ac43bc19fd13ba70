#pragma once
/// Words of protocols: letters and blanks of ASCII, whatever the locale. Pure functions.

#include <algorithm>
#include <string>
#include <string_view>

namespace truc {

inline char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string to_lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = to_lower(c);
    return out;
}

inline bool iequal(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

inline bool istarts_with(std::string_view text, std::string_view start) {
    return text.size() >= start.size() && iequal(text.substr(0, start.size()), start);
}

/// Without the blanks at both ends.
inline std::string_view trim(std::string_view text, std::string_view blanks = " \t") {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace truc
