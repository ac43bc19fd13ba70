#pragma once
#include <truc/xml/document.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace truc::dsig {

/// What a kind of signed document allows. Documents by agencies are met with what common signers write; tree heads are
/// written by Truc alone and have one form.
struct signature_profile {
    std::string_view reference;                       ///< the only Reference's URI
    std::vector<std::string_view> canonicalizations;  ///< of SignedInfo, and of the content
    bool canonicalization_transform_optional = false; ///< without one, c14n 1.0 applies (xmldsig 4.4.3.2)
    std::vector<std::string_view> signature_methods;
    std::vector<std::string_view> digest_methods;
};

const signature_profile& document_profile();
const signature_profile& head_profile();

/// What a Signature element says, once it was found to have the form of the profile.
struct signature_form {
    std::string certificate_base64; ///< of the signer, as it stands in the document
    std::string weakness;           ///< an algorithm that proves nothing any more; empty when there is none
};

/// Reads a Signature of the xmldsig namespace. Whatever the profile does not name is refused, without regard to what it
/// would do: elements, attributes, comments, order, algorithms, sizes. Error: signature_invalid, with the place.
result<signature_form> read_form(const xmlNode* signature, const signature_profile& profile);

} // namespace truc::dsig
