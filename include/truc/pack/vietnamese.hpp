#pragma once
/// Letters of Vietnamese as they are compared. Old systems and some file systems write one letter as several
/// characters, and marks in any order. Pure functions; what is no UTF-8 stands as U+FFFD.

#include <string>
#include <string_view>

namespace truc::pack {

/// The characters of a text, each Vietnamese letter as one: NFC as far as this language needs it.
std::u32string letters_of(std::string_view text);
/// The same as UTF-8.
std::string composed(std::string_view text);
/// A Latin letter of Vietnamese in lower case, anything else as it is.
char32_t lower_letter(char32_t c);

} // namespace truc::pack
