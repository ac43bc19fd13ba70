#include "test_pki.hpp"

#include <truc/base/durable.hpp>

#include <openssl/pem.h>

#include <stdexcept>

namespace truc::test {

namespace {

constexpr auto first_day = "2020-01-01T00:00:00Z";
constexpr auto last_day = "2049-01-01T00:00:00Z";

trust::authority make_authority(std::string_view name) {
    return trust::authority::make(name, test_pki::moment(first_day), test_pki::moment(last_day));
}

std::string der_from(const std::string& pem) {
    BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    const trust::certificate_ptr certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
    BIO_free(bio);
    return trust::der_of(certificate.get());
}

} // namespace

test_pki::test_pki()
    : node_authority_(make_authority("CA của trục liên thông")),
      agency_authority_(make_authority("CA của các cơ quan")) {
    trust::write_credentials(dir(), "node-ca", node_authority_.own());
    trust::write_credentials(dir(), "agency-ca", agency_authority_.own());
}

trust::certificate_request test_pki::request(const std::string& common_name) {
    trust::certificate_request asked;
    asked.common_name = common_name;
    asked.not_before = moment(first_day);
    asked.not_after = moment(last_day);
    return asked;
}

identity test_pki::make(const trust::authority& by, const std::string& name, const trust::certificate_request& asked,
                        trust::key_kind kind) const {
    identity made;
    made.pem = by.issue(asked, kind);
    trust::write_credentials(dir(), name, made.pem);
    made.certificate = dir() / (name + ".pem");
    made.key = dir() / (name + "-key.pem");
    made.der = der_from(made.pem.certificate_pem);
    made.digest = sha256(made.der);
    return made;
}

identity test_pki::agency(const std::string& name, trust::key_kind kind) const {
    auto asked = request("Sở Thông tin và Truyền thông " + name);
    asked.for_clients = true;
    return make(agency_authority_, name, asked, kind);
}

identity test_pki::node(const std::string& name) const {
    auto asked = request("Nút " + name);
    asked.uris = {"urn:truc:node:" + name};
    asked.dns_names = {"localhost"};
    asked.ip_addresses = {"127.0.0.1"};
    asked.for_servers = true;
    asked.for_clients = true;
    return make(node_authority_, name, asked);
}

std::filesystem::path test_pki::revoke(const identity& who, timestamp at) const {
    const auto path = dir() / "agency-ca.crl.pem";
    const auto list = agency_authority_.revocation_list({who.pem.certificate_pem}, at, at, moment(last_day));
    if (!write_file(path, list)) throw std::runtime_error("writing a revocation list");
    return path;
}

timestamp test_pki::moment(std::string_view rfc3339) {
    const auto parsed = from_rfc3339(rfc3339);
    if (!parsed) throw std::invalid_argument("not a time of RFC 3339");
    return *parsed;
}

timestamp test_pki::now() { return system_clock().now(); }

} // namespace truc::test
