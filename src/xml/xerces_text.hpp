#pragma once
#include <string>
#include <string_view>

namespace truc::xml {

/// UTF-16 of xerces-c as UTF-8; a lone surrogate becomes U+FFFD.
std::string to_utf8(std::u16string_view text);

} // namespace truc::xml
