#pragma once
/// What people are told about both sides. Pure functions.

#include <truc/base/result.hpp>

#include <string>
#include <string_view>

namespace truc::adapter {

/// The catalogue's sentence for what the node refused, as people of the legacy system read it: the particulars are
/// taken out of its English one where it is the catalogue's, else it stands there as it came.
std::string in_vietnamese(std::string_view code, std::string_view english);

/// What a legacy system, or a library on the way to it, says of its absence, with the code that says whose it is: the
/// sentences of the other codes speak of the node.
error about_legacy(const error& e);

} // namespace truc::adapter
