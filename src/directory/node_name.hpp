#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace truc::directory {

inline constexpr std::string_view a_node = "a node's name of a-z, 0-9 and '-', at most 63 characters";

/// As in the id of the node's log and in its certificate.
inline std::optional<std::string> node_name(std::string_view text) {
    const bool known = std::all_of(text.begin(), text.end(),
                                   [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    if (text.empty() || text.size() > 63 || !known) return std::nullopt;
    return std::string(text);
}

} // namespace truc::directory
