#pragma once
/// Between our UTF-8 and the UTF-16 of ODBC's wide functions. Pure.

#include <string>
#include <string_view>

namespace truc::tdoffice {

/// Bytes that are no UTF-8 become U+FFFD.
std::u16string to_utf16(std::string_view text);
/// Halves of a surrogate pair that stand alone become U+FFFD.
std::string to_utf8(std::u16string_view text);

} // namespace truc::tdoffice
