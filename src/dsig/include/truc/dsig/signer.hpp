#pragma once
#include <truc/base/result.hpp>
#include <truc/trust/signing_key.hpp>

#include <string>
#include <string_view>

namespace truc::dsig {

/// Puts an enveloped signature into an edXML document, as last child of edXMLHeader: exc-c14n, SHA-256, RSA or ECDSA by
/// the kind of the key, X509Data with the key's certificate. The text is spliced in; every other byte stays as it was.
/// Thread-safe. Errors: those of xml::first_pass and xml::document; schema when there is no edXMLHeader;
/// signature_invalid when the document carries a signature already (signing once and resending those bytes is the
/// rule); not_ready when the key does not sign.
result<std::string> sign(std::string_view edxml, const trust::signing_key& key);

} // namespace truc::dsig
