#pragma once
#include "pem.hpp"

#include <optional>

namespace truc::trust {

/// Revocation lists whose issuers are among the given authorities. Immutable, thread-safe.
class revocation {
  public:
    revocation() = default;
    /// Throws std::runtime_error when a list is not signed by one of the authorities or is of a kind that says less or
    /// more than "these certificates of mine are revoked" (delta, indirect).
    revocation(const std::filesystem::path& pem, const std::vector<certificate_ptr>& authorities);

    /// The earliest moment from which a list of its issuer calls the certificate revoked.
    std::optional<timestamp> revoked_since(X509* certificate) const;

  private:
    std::vector<crl_ptr> lists_;
};

} // namespace truc::trust
