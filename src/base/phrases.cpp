#include "phrases.hpp"

#include <optional>

namespace truc {

extern const phrase phrases[]; // the longest text first, so that the first that fits fits best
extern const unsigned phrases_size;

namespace {

/// Fragments are nested no deeper; what a stranger writes into one must not decide how long we look.
constexpr int deepest = 4;

using fillings = std::array<std::string_view, 2>;

/// What stands in the holes if `what` is this phrase.
std::optional<fillings> match(const phrase& p, std::string_view what) {
    const auto& text = p.english;
    if (p.holes == 0) return what == text[0] ? std::optional(fillings()) : std::nullopt;
    const auto& last = text[p.holes];
    if (!what.starts_with(text[0])) return std::nullopt;
    what.remove_prefix(text[0].size());
    if (!what.ends_with(last)) return std::nullopt;
    what.remove_suffix(last.size());
    if (p.holes == 1) return fillings{what};
    const auto middle = what.find(text[1]);
    if (middle == std::string_view::npos) return std::nullopt;
    return fillings{what.substr(0, middle), what.substr(middle + text[1].size())};
}

void append(std::string_view what, int depth, std::string& out) {
    for (unsigned i = 0; i < phrases_size && depth < deepest; ++i) {
        const auto& p = phrases[i];
        const auto filled = match(p, what);
        if (!filled) continue;
        out += p.vietnamese[0];
        for (unsigned hole = 0; hole < p.holes; ++hole) {
            append((*filled)[hole], depth + 1, out);
            out += p.vietnamese[hole + 1];
        }
        return;
    }
    out += what;
}

} // namespace

std::string to_vietnamese(std::string_view what) {
    std::string out;
    append(what, 0, out);
    return out;
}

} // namespace truc
