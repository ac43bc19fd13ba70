#pragma once
/// The Vietnamese of the fragments that fill `{what}`: "phrases" of schemas/errors.json, generated into the catalogue.

#include <array>
#include <string>
#include <string_view>

namespace truc {

/// A fragment in both languages, cut at its holes: `holes` + 1 texts count, the others are empty.
struct phrase {
    unsigned holes; ///< 0, 1 or 2; what fills a hole in one language fills the same one in the other
    std::array<std::string_view, 3> english;
    std::array<std::string_view, 3> vietnamese;
};

/// `what` in Vietnamese as far as the phrases go; names and the words of libraries stay as they are. Thread-safe.
std::string to_vietnamese(std::string_view what);

} // namespace truc
