#pragma once
/// Names of files out of what strangers wrote. Pure functions.

#include <string>
#include <string_view>

namespace truc::tdoffice {

/// The name of an attachment as a file's name that every share can hold: no path, no control, nothing that turns the
/// direction of a line, none of Windows' reserved characters and names, at most 150 bytes of whole characters with the
/// ending kept. `otherwise` when nothing is left.
std::string safe_file_name(std::string_view hostile, std::string_view otherwise);

/// Letters, digits and single dashes of ASCII; of Vietnamese letters the plain one: "315/VPCP-TTĐT" → "315-VPCP-TTDT".
/// At most 40 bytes.
std::string ascii_word(std::string_view text);

/// Whether a file's name can be kept as it is, here and on a share: UTF-8, no controls, at most 200 bytes.
bool is_plain_name(std::string_view name);

} // namespace truc::tdoffice
