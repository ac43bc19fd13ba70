#include <truc/model/agency_code.hpp>

namespace truc {

namespace {

constexpr std::size_t longest = 35; // QĐ 20/2020/QĐ-TTg

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
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

} // namespace truc
