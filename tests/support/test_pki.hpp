#pragma once
#include "temporary_directory.hpp"

#include <truc/trust/pki.hpp>
#include <truc/trust/signing_key.hpp>

#include <memory>
#include <string>

namespace truc::test {

/// A certificate with its key, as files and as text.
struct identity {
    std::filesystem::path certificate;
    std::filesystem::path key;
    trust::credentials pem;
    std::string der;
    sha256_digest digest;

    std::shared_ptr<const trust::signing_key> signing_key() const { return trust::signing_key::load(certificate, key); }
};

/// The authorities of a small exchange, one for nodes (and TLS servers) and one for agencies, in a directory of their
/// own. Making one costs about a millisecond, an RSA identity about a hundred. Everything is valid from 2020 to 2049.
class test_pki {
  public:
    test_pki();

    const std::filesystem::path& dir() const { return dir_.path(); }
    std::filesystem::path node_ca() const { return dir() / "node-ca.pem"; }
    std::filesystem::path agency_ca() const { return dir() / "agency-ca.pem"; }
    const trust::authority& node_authority() const { return node_authority_; }
    const trust::authority& agency_authority() const { return agency_authority_; }

    /// Issued by the agencies' authority; good for signatures and as a TLS client.
    identity agency(const std::string& name, trust::key_kind kind = trust::key_kind::ec_p256) const;
    /// Issued by the nodes' authority: SAN URI urn:truc:node:<name>, DNS:localhost, IP:127.0.0.1; TLS server and
    /// client.
    identity node(const std::string& name) const;
    /// Anything else: issues what is asked for and writes it to `<name>.pem` and `<name>-key.pem`.
    identity make(const trust::authority& by, const std::string& name, const trust::certificate_request& request,
                  trust::key_kind kind = trust::key_kind::ec_p256) const;
    /// A revocation list of the agencies' authority, as a file.
    std::filesystem::path revoke(const identity& who, timestamp at) const;

    static trust::certificate_request request(const std::string& common_name);
    static timestamp moment(std::string_view rfc3339);
    /// A moment at which everything here is valid, not far from the machine's clock.
    static timestamp now();

  private:
    temporary_directory dir_;
    trust::authority node_authority_;
    trust::authority agency_authority_;
};

} // namespace truc::test
