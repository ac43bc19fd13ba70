#include "sentences.hpp"

namespace truc::adapter {

namespace {

constexpr std::string_view gap = "{what}";

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
    const auto what = what_of(describe(*known).detail[static_cast<unsigned>(language::english)], english);
    return explain(error(*known, std::string(what.value_or(english))), language::vietnamese);
}

error about_legacy(const error& e) {
    if (e.code == errc::legacy_away) return e;
    const auto title = describe(e.code).title[static_cast<unsigned>(language::english)];
    return error(errc::legacy_away, e.what.empty() ? std::string(title) : e.what);
}

} // namespace truc::adapter
