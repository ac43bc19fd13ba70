#include <truc/base/ascii.hpp>
#include <truc/model/agency_code.hpp>

namespace truc {

namespace {

constexpr std::size_t longest = 35; // QĐ 20/2020/QĐ-TTg

} // namespace

std::optional<agency_code> agency_code::parse(std::string_view text) {
    text = trim(text, " \t\r\n");
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
