#pragma once
#include <truc/base/bytes.hpp>
#include <truc/xml/document.hpp>

#include <string>
#include <string_view>

namespace truc::pack {

/// Decodes the base64 text of an element piece by piece, straight from the tree's text nodes: an attachment of tens of
/// megabytes is never copied whole. Comments between text nodes mean nothing, as in the canonical form that is signed.
class base64_stream {
  public:
    /// `encoded` must outlive the stream.
    explicit base64_stream(const xmlNode* encoded);

    /// The next decoded piece, valid until the next call; empty at the end. Errors: attachment_mismatch.
    result<std::string_view> next();
    std::uint64_t decoded() const { return decoded_; } ///< bytes given out so far

  private:
    result<std::string_view> end();

    const xmlNode* node_;
    std::string_view rest_; ///< of node_'s text
    base64_decoder decoder_;
    std::string piece_;
    std::uint64_t decoded_ = 0;
};

} // namespace truc::pack
