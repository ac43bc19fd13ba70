#pragma once
#include <string>
#include <string_view>

namespace truc::xml {

/// A library's message as one short line: it goes into answers, and may quote the document at length.
std::string trimmed(std::string_view message);
/// Without white space (XML 1.0, section 2.3) at either end.
std::string_view without_outer_space(std::string_view text);

} // namespace truc::xml
