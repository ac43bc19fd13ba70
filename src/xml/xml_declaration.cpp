#include "xml_declaration.hpp"

#include "characters.hpp"

#include <algorithm>
#include <optional>

namespace truc::xml {
namespace {

void skip_space(std::string_view& text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

/// Takes ` name="value"` from the front; nullopt if something else stands there.
std::optional<std::string_view> take(std::string_view& text, std::string_view name) {
    std::string_view rest = text;
    if (rest.empty() || !is_space(rest.front())) return std::nullopt;
    skip_space(rest);
    if (!rest.starts_with(name)) return std::nullopt;
    rest.remove_prefix(name.size());
    skip_space(rest);
    if (!rest.starts_with('=')) return std::nullopt;
    rest.remove_prefix(1);
    skip_space(rest);
    if (!rest.starts_with('"') && !rest.starts_with('\'')) return std::nullopt;
    const auto close = rest.find(rest.front(), 1);
    if (close == std::string_view::npos) return std::nullopt;
    const auto value = rest.substr(1, close - 1);
    text = rest.substr(close + 1);
    return value;
}

bool is_utf8(std::string_view name) {
    constexpr std::string_view utf8 = "utf-8";
    return std::equal(name.begin(), name.end(), utf8.begin(), utf8.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a + 32) : a) == b; });
}

} // namespace

result<void> check_declaration(std::string_view text) {
    const auto version = take(text, "version");
    if (!version) return fail(errc::not_xml, "XML declaration without version");
    if (*version != "1.0") return fail(errc::not_xml, "XML version " + std::string(*version) + " instead of 1.0");
    if (const auto encoding = take(text, "encoding"); encoding && !is_utf8(*encoding))
        return fail(errc::encoding, "the document declares " + std::string(*encoding));
    if (const auto standalone = take(text, "standalone"); standalone && *standalone != "yes" && *standalone != "no")
        return fail(errc::not_xml, "standalone is neither yes nor no");
    skip_space(text);
    if (!text.empty()) return fail(errc::not_xml, "malformed XML declaration");
    return {};
}

} // namespace truc::xml
