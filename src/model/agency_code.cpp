#include <truc/model/agency_code.hpp>

#include <algorithm>

namespace truc {

namespace {

constexpr std::size_t longest = 35; // QĐ 20/2020/QĐ-TTg

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::vector<std::string_view> groups_of(std::string_view text) {
    std::vector<std::string_view> groups;
    for (;;) {
        const auto dot = text.find('.');
        groups.push_back(text.substr(0, dot));
        if (dot == std::string_view::npos) return groups;
        text.remove_prefix(dot + 1);
    }
}

bool is_number(std::string_view group, std::size_t length) {
    return group.size() == length &&
           std::all_of(group.begin(), group.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_zero(std::string_view group) { return group.find_first_not_of('0') == std::string_view::npos; }

/// A level-1 group: a letter and two digits (H43, G22).
bool is_root(std::string_view group) {
    return group.size() == 3 && group[0] >= 'A' && group[0] <= 'Z' && is_number(group.substr(1), 2);
}

} // namespace

std::optional<agency_code> agency_code::parse(std::string_view text) {
    text = trimmed(text);
    if (text.empty() || text.size() > longest) return std::nullopt;
    std::string code(text);
    for (char& c : code) {
        if (c == '-') c = '.';
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        const bool known = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
        if (!known) return std::nullopt;
    }
    if (code.front() == '.' || code.back() == '.' || code.find("..") != std::string::npos) return std::nullopt;
    return agency_code(std::move(code));
}

std::optional<agency_code> agency_code::converted() const {
    const auto g = groups_of(text_);
    if (g.size() == 4 && is_number(g[0], 3) && is_number(g[1], 2) && is_number(g[2], 2) && is_root(g[3])) {
        std::string code(g[3]);
        for (const auto& group : {g[2], g[1], g[0]}) {
            if (is_zero(group)) break;
            code.append(".").append(group);
        }
        return agency_code(std::move(code));
    }
    const bool root_first = !g.empty() && g.size() <= 4 && is_root(g[0]) && (g.size() < 2 || is_number(g[1], 2)) &&
                            (g.size() < 3 || is_number(g[2], 2)) && (g.size() < 4 || is_number(g[3], 3));
    if (!root_first) return std::nullopt;
    const auto group = [&](std::size_t i, std::string_view none) { return g.size() > i ? g[i] : none; };
    std::string code;
    code.append(group(3, "000"))
        .append(".")
        .append(group(2, "00"))
        .append(".")
        .append(group(1, "00"))
        .append(".")
        .append(g[0]);
    return agency_code(std::move(code));
}

} // namespace truc
