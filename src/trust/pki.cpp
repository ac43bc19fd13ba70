#include "pem.hpp"

#include <truc/base/durable.hpp>
#include <truc/trust/pki.hpp>

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace truc::trust {

namespace {

constexpr long x509_v3 = 2;
constexpr long crl_v2 = 1;

void require(bool good, const char* doing) {
    if (!good) throw_openssl(doing);
}

void set_time(ASN1_TIME* to, timestamp from) {
    require(ASN1_TIME_set(to, std::chrono::floor<std::chrono::seconds>(from).time_since_epoch().count()) != nullptr,
            "time");
}

void set_serial(X509* certificate) {
    // 127 random bits: positive, unique without a book of what was issued (RFC 5280, 4.1.2.2).
    unsigned char bytes[16];
    require(RAND_bytes(bytes, sizeof bytes) == 1, "random number");
    bytes[0] &= 0x7f;
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(bytes, sizeof bytes, nullptr), &BN_free);
    require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)), "serial number");
}

void add_name(X509_NAME* name, const char* field, const std::string& value) {
    if (value.empty()) return;
    const auto* const text = reinterpret_cast<const unsigned char*>(value.c_str());
    require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, text, static_cast<int>(value.size()), -1, 0) == 1,
            "subject name");
}

void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &ctx, kind, value.c_str());
    const bool added = extension && X509_add_ext(to, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    require(added, "certificate extension");
}

/// In the syntax of openssl's configuration: URI:…,DNS:…,IP:…
std::string alternative_names(const certificate_request& request) {
    std::string names;
    const auto add = [&names](const char* kind, const std::vector<std::string>& values) {
        for (const auto& value : values) {
            // A comma would start another name.
            if (value.find(',') != std::string::npos) throw std::runtime_error("a comma in the name " + value);
            names += (names.empty() ? "" : ",") + std::string(kind) + value;
        }
    };
    add("URI:", request.uris);
    add("DNS:", request.dns_names);
    add("IP:", request.ip_addresses);
    return names;
}

std::string extended_usage(const certificate_request& request) {
    if (request.for_servers && request.for_clients) return "serverAuth,clientAuth";
    if (request.for_servers) return "serverAuth";
    return request.for_clients ? "clientAuth" : "";
}

std::string usage(const certificate_request& request) {
    if (request.is_authority) return "critical,keyCertSign,cRLSign";
    return request.for_signatures ? "critical,digitalSignature" : "critical,keyAgreement";
}

void add_extensions(X509* to, X509* issuer, const certificate_request& request) {
    add_extension(to, issuer, NID_basic_constraints, request.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(to, issuer, NID_key_usage, usage(request));
    add_extension(to, issuer, NID_subject_key_identifier, "hash");
    add_extension(to, issuer, NID_authority_key_identifier, "keyid:always");
    if (const auto names = alternative_names(request); !names.empty())
        add_extension(to, issuer, NID_subject_alt_name, names);
    if (const auto extended = extended_usage(request); !extended.empty())
        add_extension(to, issuer, NID_ext_key_usage, extended);
}

/// Unsigned; the issuer's name is still missing.
certificate_ptr draft(const certificate_request& request, EVP_PKEY* key) {
    certificate_ptr made(X509_new());
    require(made && X509_set_version(made.get(), x509_v3) == 1 && X509_set_pubkey(made.get(), key) == 1, "certificate");
    set_serial(made.get());
    set_time(X509_getm_notBefore(made.get()), request.not_before);
    set_time(X509_getm_notAfter(made.get()), request.not_after);
    add_name(X509_get_subject_name(made.get()), "O", request.organisation);
    add_name(X509_get_subject_name(made.get()), "CN", request.common_name);
    return made;
}

void finish(X509* made, X509* issuer, EVP_PKEY* issuer_key, const certificate_request& request) {
    require(X509_set_issuer_name(made, X509_get_subject_name(issuer)) == 1, "issuer name");
    add_extensions(made, issuer, request);
    require(X509_sign(made, issuer_key, EVP_sha256()) > 0, "signing a certificate");
}

template <class Write>
std::string pem_text(Write write) {
    const bio_ptr bio(BIO_new(BIO_s_mem()));
    require(bio && write(bio.get()) == 1, "writing PEM");
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string certificate_pem(X509* certificate) {
    return pem_text([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string key_pem(EVP_PKEY* key) {
    return pem_text(
        [&](BIO* bio) { return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

certificate_ptr certificate_from(const std::string& pem) {
    certificate_ptr certificate(PEM_read_bio_X509(memory_bio(pem).get(), nullptr, nullptr, nullptr));
    require(certificate != nullptr, "reading a certificate");
    return certificate;
}

void add_revoked(X509_CRL* list, const std::string& pem, const ASN1_TIME* when) {
    auto certificate = certificate_from(pem);
    X509_REVOKED* const entry = X509_REVOKED_new();
    require(entry && X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.get())) == 1 &&
                X509_REVOKED_set_revocationDate(entry, const_cast<ASN1_TIME*>(when)) == 1 &&
                X509_CRL_add0_revoked(list, entry) == 1,
            "revoking a certificate");
}

void write_or_throw(const std::filesystem::path& path, std::string_view text, unsigned mode) {
    if (auto written = write_file(path, text, mode); !written) throw std::runtime_error(written.error().what);
}

} // namespace

key_ptr make_key(key_kind kind) {
    key_ptr key(kind == key_kind::ec_p256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048));
    require(key != nullptr, "making a key");
    return key;
}

authority authority::make(std::string_view common_name, timestamp not_before, timestamp not_after) {
    certificate_request request;
    request.common_name = common_name;
    request.not_before = not_before;
    request.not_after = not_after;
    request.is_authority = true;
    auto key = make_key(key_kind::ec_p256);
    auto certificate = draft(request, key.get());
    finish(certificate.get(), certificate.get(), key.get(), request);
    return {std::move(certificate), std::move(key)};
}

authority authority::load(const std::filesystem::path& certificate_pem, const std::filesystem::path& key_pem) {
    auto certificate = std::move(load_authorities(certificate_pem).front());
    auto key = load_private_key(key_pem);
    require_pair(certificate.get(), key.get(), key_pem);
    return {std::move(certificate), std::move(key)};
}

authority authority::from(const credentials& own) {
    key_ptr key(PEM_read_bio_PrivateKey(memory_bio(own.key_pem).get(), nullptr, nullptr, nullptr));
    require(key != nullptr, "reading a key");
    return {certificate_from(own.certificate_pem), std::move(key)};
}

credentials authority::issue(const certificate_request& request, key_kind kind) const {
    const auto key = make_key(kind);
    return {certify(request, key.get()), key_pem(key.get())};
}

std::string authority::certify(const certificate_request& request, EVP_PKEY* key) const {
    const auto made = draft(request, key);
    finish(made.get(), certificate_.get(), key_.get(), request);
    return certificate_pem(made.get());
}

std::string authority::revocation_list(const std::vector<std::string>& certificates_pem, timestamp revoked_at,
                                       timestamp this_update, timestamp next_update) const {
    const crl_ptr list(X509_CRL_new());
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> time(ASN1_TIME_new(), &ASN1_TIME_free);
    require(list && time && X509_CRL_set_version(list.get(), crl_v2) == 1 &&
                X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get())) == 1,
            "revocation list");
    set_time(time.get(), this_update);
    require(X509_CRL_set1_lastUpdate(list.get(), time.get()) == 1, "revocation list");
    set_time(time.get(), next_update);
    require(X509_CRL_set1_nextUpdate(list.get(), time.get()) == 1, "revocation list");
    set_time(time.get(), revoked_at);
    for (const auto& pem : certificates_pem) add_revoked(list.get(), pem, time.get());
    require(X509_CRL_sort(list.get()) == 1 && X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) > 0,
            "revocation list");
    return pem_text([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list.get()); });
}

credentials authority::own() const { return {certificate_pem(certificate_.get()), key_pem(key_.get())}; }

void write_credentials(const std::filesystem::path& dir, std::string_view name, const credentials& both) {
    // The key first: a certificate without its key would look complete.
    write_or_throw(dir / (std::string(name) + "-key.pem"), both.key_pem, 0600);
    write_or_throw(dir / (std::string(name) + ".pem"), both.certificate_pem, 0644);
}

} // namespace truc::trust
