#pragma once
#include <truc/base/clock.hpp>
#include <truc/trust/certificate_store.hpp>
#include <truc/xml/document.hpp>

#include <memory>

namespace truc::dsig {

/// Checks the signature of a tree head: `head` is the element `<SignedTreeHead xmlns="urn:truc:receipt:1" Id="sth">` of
/// `doc`, its root or a child of `<Receipt>`, and carries the document's only Signature as a child. One reference
/// "#sth" with the transforms enveloped-signature and xml-exc-c14n (no prefix list), ECDSA-SHA256, SHA-256, X509Data.
/// `at` is the moment for which the certificate is judged against `authorities`. Success means: every child of `head`
/// but the Signature is covered. Whose certificate it has to be (trust::node_name_of) is for the caller to say. The
/// tree is the same afterwards as before. Thread-safe for different documents. Errors: signature_missing,
/// signature_invalid, certificate_unknown, certificate_expired, certificate_revoked.
result<std::shared_ptr<const trust::trusted_certificate>>
verify_head_signature(const xml::document& doc, const xmlNode* head, const trust::certificate_store& authorities,
                      timestamp at);

} // namespace truc::dsig
