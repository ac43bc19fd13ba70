#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace truc::directory {

/// The name of a member that stands twice in one object of the text. The JSON tree cannot tell: there the last one has
/// silently won. Text that is not JSON has none as far as it could be read.
std::optional<std::string> repeated_member(std::string_view json);

} // namespace truc::directory
