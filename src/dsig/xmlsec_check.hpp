#pragma once
#include <truc/xml/document.hpp>

#include <openssl/evp.h>

namespace truc::dsig {

/// What a signature has to cover.
struct signed_part {
    const xmlNode* apex;        ///< the element that the reference names
    std::string_view reference; ///< "" or "#id"; an id must be registered with the document
    bool look_at_bytes;         ///< keep what was digested and see that it is the apex from its first to its last tag
};

/// Lets xmlsec compute a signature whose form was read by read_form(). The key is the only one it gets. Error:
/// signature_invalid.
result<void> compute(xmlNode* signature, EVP_PKEY* key, const signed_part& part);

} // namespace truc::dsig
