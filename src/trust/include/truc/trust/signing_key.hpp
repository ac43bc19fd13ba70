#pragma once
#include <truc/trust/certificate_store.hpp>

#include <string>

namespace truc::trust {

/// A private key with its certificate. Immutable, thread-safe. The key never leaves it.
class signing_key {
  public:
    /// PEM files; a chain after the certificate is ignored. RSA (≥ 2048) or EC P-256, not encrypted. Throws
    /// std::runtime_error when they do not belong together or others than the owner may read the key file: a start-up
    /// failure.
    static std::shared_ptr<const signing_key> load(const std::filesystem::path& certificate_pem,
                                                   const std::filesystem::path& key_pem);

    X509* certificate() const { return certificate_.get(); }
    EVP_PKEY* key() const { return key_.get(); }
    const std::string& certificate_der() const { return der_; }
    const sha256_digest& digest() const { return digest_; }
    /// Whether the certificate is within its own validity at that moment.
    bool is_valid(timestamp at) const;
    bool is_rsa() const;

    /// ECDSA with SHA-256 over `message` in the form of XML signatures: r‖s, 32 bytes each (RFC 4051 / xmldsig-more).
    /// Of the two s that are good always the lower one. Error: not_ready.
    result<std::string> sign_ecdsa_p256(std::string_view message) const;
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2). Error: not_ready.
    result<std::string> sign_rsa_sha256(std::string_view message) const;

  private:
    signing_key() = default;
    certificate_ptr certificate_;
    key_ptr key_;
    std::string der_;
    sha256_digest digest_;
};

/// Whether sign_ecdsa_p256() of the private half made this signature. A signature with the higher s is refused: with
/// it, anybody could make a second one out of the first. Thread-safe.
bool verify_ecdsa_p256(EVP_PKEY* key, std::string_view message, std::string_view signature);

/// The value of a certificate's SAN URI `urn:truc:node:<node>`; empty when it has none, or more than one.
std::string node_name_of(const X509* certificate);

} // namespace truc::trust
