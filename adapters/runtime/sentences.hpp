#pragma once
/// What people of the legacy system read: Vietnamese. Pure functions.

#include <truc/base/result.hpp>

#include <string>
#include <string_view>

namespace truc::adapter {

/// The catalogue's sentence for what the node refused: the particulars are taken out of its English one where it is
/// the catalogue's, else it stands there as it came.
std::string in_vietnamese(std::string_view code, std::string_view english);

} // namespace truc::adapter
