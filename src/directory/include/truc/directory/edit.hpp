#pragma once
/// Changing the directory's text. Lines that are not concerned, comments among them, stay as they are.

#include <truc/directory/directory.hpp>

#include <string>
#include <string_view>

namespace truc::directory {

/// The text with the lines of these agencies replaced, or added at the end, and without those of the codes `gone`.
/// Error: bad_directory when a line of `text` cannot be read.
result<std::string> with_agencies(std::string_view text, const std::vector<agency>& agencies,
                                  const std::vector<std::string>& gone = {});
/// The same of clients.
result<std::string> with_clients(std::string_view text, const std::vector<client>& clients);

} // namespace truc::directory
