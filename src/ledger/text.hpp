#pragma once
/// Small pieces of the texts that the ledger writes and reads.

#include <string>
#include <string_view>

namespace truc::ledger {

/// Appends `<name>text</name>`.
void append_element(std::string_view name, std::string_view text, std::string& out);

} // namespace truc::ledger
