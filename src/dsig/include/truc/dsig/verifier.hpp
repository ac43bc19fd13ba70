#pragma once
#include <truc/dsig/verified_view.hpp>
#include <truc/trust/certificate_store.hpp>

#include <memory>

namespace truc::dsig {

/// xmlsec1 is initialised once per process, before threads start, and for its whole life; calling it again does
/// nothing. Takes away xmlsec's ways to files and to the network. Needs xml::initialise() before. Throws
/// std::runtime_error.
void initialise();

/// Checks enveloped XML signatures of edXML documents: the Signature stands as child of edXMLHeader or of the root,
/// exactly one; any other place is refused. Thread-safe: nothing is kept between calls.
///
/// What is checked is one narrow form of XML Signature, read by our own code before xmlsec sees it: SignedInfo,
/// SignatureValue, KeyInfo; c14n 1.0 or exc-c14n without comments; RSA or ECDSA with SHA-256/384/512; one Reference
/// with URI="" and the transforms enveloped-signature and then at most one of the two c14n; SHA-256/384/512; one
/// X509Data whose first X509Certificate is the signer's. Further certificates and names in it are ignored: the chain is
/// built from the store's own authorities. Prefix lists (InclusiveNamespaces) are refused because no producer of edXML
/// needs them. Comments of the document are covered by no signature and may not be read; everything else outside the
/// Signature is.
///
/// Not verifiable (rather than invalid) is a signature in the namespace of QCVN 102, one with SHA-1 or MD5, and one
/// whose certificate is no certificate: forms that real systems write and that prove nothing. An empty DigitalSignature
/// counts as none.
class verifier {
  public:
    /// `agencies` answers for the signers' certificates.
    explicit verifier(std::shared_ptr<const trust::certificate_store> agencies);

    /// Takes the document over and gives it back as a view. `bytes` is the document's size: up to 1 MiB the bytes that
    /// were digested are kept and looked at. `at` is the moment for which certificates are judged. Under `required` a
    /// missing signature is signature_missing and one that cannot be checked signature_invalid; under `if_present`
    /// these two are outcomes. An invalid signature is refused under both. Errors: signature_missing,
    /// signature_invalid, certificate_unknown, certificate_expired, certificate_revoked.
    result<verified_view> verify(xml::document doc, std::size_t bytes, signature_policy policy, timestamp at) const;

  private:
    std::shared_ptr<const trust::certificate_store> agencies_;
};

} // namespace truc::dsig
