#pragma once
#include <truc/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace truc::xml {

/// What a document may contain before any tree is built.
struct limits {
    std::size_t bytes = std::size_t{64} << 20;
    std::uint32_t depth = 64;
    std::uint32_t attributes = 32; ///< per element, namespace declarations included
    std::uint32_t name = 128;      ///< bytes of an element's or attribute's name
    std::uint32_t attribute_value = 16 * 1024;
    std::uint32_t nodes = 100'000; ///< elements, attributes, comments and CDATA sections together
};

/// The first look at hostile bytes, piece by piece as they arrive, in constant memory: only UTF-8 (a byte order mark is
/// allowed), XML 1.0, no NUL, no DOCTYPE, no processing instruction, nothing beyond the limits. It does not replace the parser:
/// what it lets through may still not be well-formed. One thread.
///
/// Errors: not_xml, encoding, doctype_forbidden, too_deep, too_large, with line and column.
class first_pass {
  public:
    explicit first_pass(const limits& l = {});
    /// After an error every further call returns the same error.
    result<void> feed(std::string_view piece);
    /// The document ended: an open tag, comment or character at the end is not_xml.
    result<void> finish();

  private:
    // state of the scanner
};

} // namespace truc::xml
