#pragma once
#include <truc/base/bytes.hpp>
#include <truc/base/clock.hpp>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace truc::trust {

struct openssl_free {
    void operator()(X509* p) const { X509_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
};
using certificate_ptr = std::unique_ptr<X509, openssl_free>;
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_free>;

/// A certificate whose chain to one of the store's authorities was checked. Immutable, shared between threads.
struct trusted_certificate {
    certificate_ptr certificate;
    key_ptr key;          ///< the public key, decoded once
    sha256_digest digest; ///< of the DER form: the name by which the directory knows it
    timestamp not_before; ///< the certificate's own validity (RFC 5280, 4.1.2.5); as with OpenSSL, not_after itself is
                          ///< too late
    timestamp not_after;
};

/// Authorities and revocation lists for one purpose, and the certificates they vouch for, cached by digest.
/// Thread-safe. Reload: build a new one, and either swap the shared_ptr or let the one that everybody has follow it.
/// Knows no agencies and no nodes: whose a certificate has to be is said by the directory or by node_name_of().
///
/// Every authority of the file is an anchor, so an issuing authority may stand there without its root; intermediate
/// authorities are taken from the file only, never from a message. A revocation list counts whatever its age (the
/// newest one that the operator has is better than none), and a certificate is revoked from its revocation date on:
/// what was signed and accepted before stays valid.
class certificate_store {
  public:
    static constexpr std::size_t default_cache_size = 4096;

    /// PEM files with one or more authorities and, unless the path is empty, one or more revocation lists of theirs.
    /// Throws std::runtime_error when a file cannot be used: a start-up failure.
    certificate_store(const std::filesystem::path& authorities_pem, const std::filesystem::path& crl_pem_or_empty,
                      std::size_t cache_size = default_cache_size);
    ~certificate_store();

    /// May this certificate make signatures at that moment? Chain, validity of the whole chain, key usage
    /// (digitalSignature or nonRepudiation where the extension is present), not an authority itself, key (RSA ≥ 2048,
    /// EC ≥ P-256), revocation. A certificate seen before costs a hash, a look-up under a shared lock and a comparison
    /// of times. Errors: certificate_unknown, certificate_expired (also: not valid yet), certificate_revoked.
    result<std::shared_ptr<const trusted_certificate>> check(std::string_view der, timestamp at) const;

    /// The certificates that were found good since the last time that somebody asked; each once.
    std::vector<std::shared_ptr<const trusted_certificate>> take_used() const;

    /// From now on vouches for what the other one does, to all who refer to it.
    void follow(const certificate_store& newer);

  private:
    struct state;
    std::atomic<std::shared_ptr<state>> state_;
};

/// Nullptr unless the bytes are one certificate in DER form and nothing else.
certificate_ptr parse_certificate(std::string_view der);
std::string der_of(const X509* certificate);
/// SHA-256 of the DER form, as for a TLS peer's certificate (SSL_get0_peer_certificate).
sha256_digest digest_of(const X509* certificate);
/// The subject for people, in the form of RFC 2253 with Vietnamese letters readable, cut after 256 bytes.
std::string subject_of(const X509* certificate);

} // namespace truc::trust
