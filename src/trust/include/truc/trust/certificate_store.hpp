#pragma once
#include <truc/base/bytes.hpp>
#include <truc/base/clock.hpp>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string_view>

namespace truc::trust {

struct openssl_free {
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
};
using certificate_ptr = std::unique_ptr<X509, openssl_free>;
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_free>;

/// A certificate whose chain to one of the store's authorities was checked.
struct trusted_certificate {
    certificate_ptr certificate;
    key_ptr key; ///< the public key, decoded once
    sha256_digest digest; ///< of the DER form: the name by which the directory knows it
    timestamp not_before;
    timestamp not_after;
};

/// Authorities and revocation lists for one purpose, and the certificates they vouch for, cached by digest. Immutable but for the
/// cache; thread-safe. Reload: build a new one and swap the shared_ptr. Knows no agencies.
class certificate_store {
  public:
    /// Throws std::runtime_error when a file cannot be used: a start-up failure.
    certificate_store(const std::filesystem::path& authorities_pem, const std::filesystem::path& crl_pem_or_empty);
    ~certificate_store();

    /// Chain, validity at that moment, key usage for signatures, key size (RSA ≥ 2048, P-256 and up), revocation.
    /// Errors: certificate_unknown, certificate_expired, certificate_revoked.
    result<std::shared_ptr<const trusted_certificate>> check(std::string_view der, timestamp at) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace truc::trust
