#pragma once
#include <string>
#include <string_view>

namespace truc::xml {

/// Appends character data as canonical XML writes it (C14N 1.0 section 2.3, which xml-exc-c14n# shares). What is not
/// UTF-8 or not a character of XML 1.0 becomes U+FFFD: the text must parse, whatever a stranger put into it.
void append_text_content(std::string_view text, std::string& out);
void append_attribute_value(std::string_view text, std::string& out);

} // namespace truc::xml
