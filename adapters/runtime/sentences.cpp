#include "sentences.hpp"

namespace truc::adapter {

namespace {

constexpr std::string_view gap = "{what}";

std::string filled(std::string_view pattern, std::string_view what) {
    std::string text(pattern);
    if (const auto at = text.find(gap); at != std::string::npos) text.replace(at, gap.size(), what);
    return text;
}

/// What stands in the sentence in place of `{what}`; nothing when the sentence is another one.
std::optional<std::string_view> what_of(std::string_view pattern, std::string_view sentence) {
    const auto at = pattern.find(gap);
    if (at == std::string_view::npos) {
        if (!sentence.starts_with(pattern)) return std::nullopt;
        return std::string_view();
    }
    const auto before = pattern.substr(0, at);
    const auto after = pattern.substr(at + gap.size());
    if (!sentence.starts_with(before)) return std::nullopt;
    const auto end = after.empty() ? sentence.size() : sentence.rfind(after);
    if (end == std::string_view::npos || end < before.size()) return std::nullopt;
    return sentence.substr(before.size(), end - before.size());
}

} // namespace

std::string in_vietnamese(std::string_view code, std::string_view english) {
    const auto known = errc_from_name(code);
    if (!known) return std::string(english);
    const auto& entry = describe(*known);
    const auto detail = [&entry](language l) { return entry.detail[static_cast<unsigned>(l)]; };
    const auto what = what_of(detail(language::english), english);
    return filled(detail(language::vietnamese), what.value_or(english));
}

} // namespace truc::adapter
