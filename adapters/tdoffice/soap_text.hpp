#pragma once
#include <truc/base/result.hpp>

#include <string>
#include <string_view>

namespace truc::tdoffice {

/// An answer's XML in UTF-8 and without its declaration, whatever the server wrote it in. A byte order mark counts more
/// than the Content-Type, that more than the XML declaration; with none of them it is UTF-8. UTF-16 and the
/// code pages of Vietnamese Windows (windows-1258, windows-1252, ISO-8859-1) are converted, for that loses nothing.
/// Error: encoding (bytes that are not of the declared form, one that is not known, or a text that is declared in a
/// code page and is plainly UTF-8: nobody could tell which of the two was meant).
result<std::string> to_utf8(std::string bytes, std::string_view content_type);

} // namespace truc::tdoffice
