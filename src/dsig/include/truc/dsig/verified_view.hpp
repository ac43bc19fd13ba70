#pragma once
#include <truc/base/bytes.hpp>
#include <truc/model/vocabulary.hpp>
#include <truc/xml/document.hpp>

#include <optional>

namespace truc::dsig {

/// The tree that routing may read. Only dsig makes one: where the outcome is `valid`, everything in the document
/// outside the Signature element is covered by the signer's signature (one reference, URI="", enveloped-signature).
/// Where it is `absent` or `not_verifiable` the policy of the entrance let the message in, and the outcome goes into
/// its acceptance event.
class verified_view {
  public:
    verified_view(verified_view&&) = default;
    verified_view& operator=(verified_view&&) = default;

    xmlNode* root() const { return doc_.root(); }
    signature_outcome outcome() const { return outcome_; }
    /// SHA-256 of the signer's certificate (DER); set exactly when the outcome is `valid`.
    const std::optional<sha256_digest>& signer() const { return signer_; }
    /// Why the outcome is `not_verifiable`, for the refusal where the policy requires a signature; else empty.
    const std::string& why_not_verifiable() const { return why_; }

  private:
    friend class verifier;
    verified_view(xml::document doc, signature_outcome outcome, std::optional<sha256_digest> signer,
                  std::string why = {})
        : doc_(std::move(doc)), outcome_(outcome), signer_(signer), why_(std::move(why)) {}

    xml::document doc_;
    signature_outcome outcome_;
    std::optional<sha256_digest> signer_;
    std::string why_;
};

} // namespace truc::dsig
