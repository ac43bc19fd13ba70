#pragma once
#include <truc/pack/message.hpp>
#include <truc/xml/document.hpp>

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

} // namespace truc::pack
