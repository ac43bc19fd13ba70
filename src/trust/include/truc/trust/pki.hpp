#pragma once
/// A small certificate authority: what `truc demo init` and the tests need. Everything here throws std::runtime_error
/// when OpenSSL refuses; it is used while setting up, never while serving.

#include <truc/trust/certificate_store.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace truc::trust {

enum class key_kind { ec_p256, rsa_2048 };
key_ptr make_key(key_kind kind);

/// What a certificate shall say. Names are UTF-8.
struct certificate_request {
    std::string common_name;
    std::string organisation; ///< left out when empty
    std::vector<std::string> uris;
    std::vector<std::string> dns_names;
    std::vector<std::string> ip_addresses;
    timestamp not_before;
    timestamp not_after;
    bool for_signatures = true; ///< keyUsage digitalSignature (else keyAgreement only)
    bool for_servers = false;   ///< extendedKeyUsage serverAuth
    bool for_clients = false;   ///< extendedKeyUsage clientAuth
    bool is_authority = false;  ///< basicConstraints CA:TRUE; keyUsage keyCertSign, cRLSign
};

/// A certificate with its private key, both as PEM text.
struct credentials {
    std::string certificate_pem;
    std::string key_pem;
};

/// One authority with its key. Immutable; one thread at a time.
class authority {
  public:
    /// Makes an EC P-256 key and a self-signed certificate.
    static authority make(std::string_view common_name, timestamp not_before, timestamp not_after);
    static authority load(const std::filesystem::path& certificate_pem, const std::filesystem::path& key_pem);
    static authority from(const credentials& own);

    /// A new key of that kind and a certificate for it.
    credentials issue(const certificate_request& request, key_kind kind = key_kind::ec_p256) const;
    /// A certificate for a key that exists.
    std::string certify(const certificate_request& request, EVP_PKEY* key) const;

    /// A revocation list of these certificates (PEM), all revoked at `revoked_at`.
    std::string revocation_list(const std::vector<std::string>& certificates_pem, timestamp revoked_at,
                                timestamp this_update, timestamp next_update) const;

    credentials own() const;

  private:
    authority(certificate_ptr certificate, key_ptr key) : certificate_(std::move(certificate)), key_(std::move(key)) {}
    certificate_ptr certificate_;
    key_ptr key_;
};

/// `<dir>/<name>.pem` and `<dir>/<name>-key.pem`, the key readable by its owner only. The directory must exist.
void write_credentials(const std::filesystem::path& dir, std::string_view name, const credentials& both);

} // namespace truc::trust
