#pragma once
/// Texts whose bytes came from strangers. Pure functions.

#include <cstddef>
#include <string>
#include <string_view>

namespace truc {

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD"; ///< U+FFFD

/// Length of the character at the beginning of `rest`, which must not be empty; 0 if it is not the shortest UTF-8 form
/// of one (RFC 3629, section 3).
std::size_t utf8_length(std::string_view rest);

bool is_utf8(std::string_view text);

/// The text with U+FFFD for each byte that belongs to no character.
std::string to_valid_utf8(std::string_view text);

} // namespace truc
