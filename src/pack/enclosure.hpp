#pragma once
#include <truc/pack/message.hpp>
#include <truc/xml/document.hpp>

#include <functional>
#include <string_view>
#include <vector>

namespace truc::pack {

/// An attachment as both halves of the document describe it, and where its base64 text is.
struct enclosure {
    attachment_info info;
    const xmlNode* encoded; ///< ContentTransferEncoded
};

/// Brings manifest and attachments together by ContentId without "cid:" (the .NET SDK drops it in one of the two
/// places), in the order of the manifest. Errors: schema, attachment_mismatch.
result<std::vector<enclosure>> enclosures(const xmlNode* root);

/// The Java SDK of the axis wraps each file in a zip; a real .zip is not unwrapped, nor is a .docx, which is one
/// inside.
bool is_wrapped(std::string_view content_type, std::string_view name);

/// As the public one, of a tree whose signature nobody vouches for.
result<void> decode_attachments(const xmlNode* root,
                                const std::function<result<void>(std::size_t, std::string_view)>& sink);

} // namespace truc::pack
