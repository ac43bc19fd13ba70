#pragma once
#include <truc/dsig/verified_view.hpp>
#include <truc/trust/certificate_store.hpp>

#include <memory>

namespace truc::dsig {

/// Checks enveloped XML signatures of edXML documents: the Signature stands as child of edXMLHeader or of the root, exactly one;
/// any other place is refused. Thread-safe: state is per thread or immutable.
class verifier {
  public:
    /// `agencies` answers for the signers' certificates.
    explicit verifier(std::shared_ptr<const trust::certificate_store> agencies);

    /// Takes the document over and gives it back as a view. `at` is the moment for which certificates are judged.
    /// Under `required` a missing signature is signature_missing and one that cannot be checked signature_invalid;
    /// under `if_present` these two are outcomes. An invalid signature is refused under both.
    /// Errors: signature_missing, signature_invalid, certificate_unknown, certificate_expired, certificate_revoked.
    result<verified_view> verify(xml::document doc, std::size_t bytes, signature_policy policy, timestamp at) const;

  private:
    std::shared_ptr<const trust::certificate_store> agencies_;
};

} // namespace truc::dsig
