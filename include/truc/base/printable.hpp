#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace truc {

/// What a stranger wrote, fit for a quoted part of one log line: controls, quotation marks, backslashes, characters
/// that turn the direction of a line or hide in it, and bytes that are no UTF-8 stand there as \xNN. At most `longest`
/// bytes, with … behind what was cut; characters stay whole. Pure.
std::string printable(std::string_view text, std::size_t longest);

} // namespace truc
