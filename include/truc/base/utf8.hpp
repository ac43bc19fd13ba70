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

/// The character that utf8_length() found, with nothing behind it.
char32_t utf8_character(std::string_view character);
void append_utf8(std::string& out, char32_t character);

bool is_utf8(std::string_view text);

/// The text with U+FFFD for each byte that belongs to no character.
std::string to_valid_utf8(std::string_view text);

/// Bytes that are no UTF-8 become U+FFFD.
std::u16string to_utf16(std::string_view text);
/// Halves of a surrogate pair that stand alone become U+FFFD.
std::string to_utf8(std::u16string_view text);

} // namespace truc
