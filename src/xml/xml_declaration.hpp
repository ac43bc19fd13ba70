#pragma once
#include <truc/base/result.hpp>

#include <string_view>

namespace truc::xml {

/// Checks what stands between "<?xml" and "?>" (XML 1.0, section 2.8): version 1.0, and if an encoding is named, UTF-8.
/// Errors: not_xml, encoding.
result<void> check_declaration(std::string_view text);

} // namespace truc::xml
