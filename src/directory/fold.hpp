#pragma once
#include <string>
#include <string_view>

namespace truc::directory {

/// What people mean the same when they search: lower case, Vietnamese letters without their marks (Đ as d, composed or
/// with combining marks), '-' as '.' because codes are written both ways, white space as one blank. Other characters
/// stay.
std::string fold(std::string_view text);

} // namespace truc::directory
