#pragma once
/// Small pieces of the texts that the ledger writes and reads.

#include <string>
#include <string_view>

namespace truc::ledger {

/// Appends character data as canonical XML writes it (C14N 1.0 section 2.3, which xml-exc-c14n# shares). What is not
/// UTF-8 or not a character of XML 1.0 becomes U+FFFD: a leaf must parse, whatever a sender put into its DocumentId.
void append_text_content(std::string_view text, std::string& out);
void append_attribute_value(std::string_view text, std::string& out);

/// Appends `<name>text</name>`.
void append_element(std::string_view name, std::string_view text, std::string& out);

} // namespace truc::ledger
