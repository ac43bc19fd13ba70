#pragma once
#include <xercesc/sax/InputSource.hpp>
#include <xercesc/util/BinInputStream.hpp>

#include <string_view>

namespace truc::xml {

/// The document for the schema check, with most of every very long run of base64 left out: the validator would keep all
/// of an element's text, in UTF-16, for a type that does not look at it. Nothing in such a run is markup, so what is
/// left has the same elements in the same places, and line ends stay, so that faults are reported where they are. A run
/// that begins with nothing but white space is kept: white space alone may stand where text may not.
///
/// What is cut is longer than any text that is read (pack), so no enumeration of the schema can be met by the rest.
class shortened_source final : public xercesc::InputSource {
  public:
    /// `bytes` must outlive the source.
    explicit shortened_source(std::string_view bytes);
    xercesc::BinInputStream* makeStream() const override;

  private:
    std::string_view bytes_;
};

} // namespace truc::xml
