#include "certificate_fault.hpp"

#include "pem.hpp"

#include <truc/base/printable.hpp>
#include <truc/trust/mention.hpp>

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>

namespace truc::trust {

namespace {

constexpr std::size_t longest_name = 200;  // bytes of the log line that a stranger may fill
constexpr std::size_t longest_serial = 40; // hex digits: 20 octets (RFC 5280, 4.1.2.2)

// --- what strangers wrote ----------------------------------------------------------------------------------------

std::string common_name(const X509_NAME* name) {
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0) return "without a common name";
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) return "whose common name cannot be read";
    const std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return "\"" + printable(text, longest_name) + "\"";
}

std::string serial_of(const X509* certificate) {
    BIGNUM* const number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
    char* const hex = number ? BN_bn2hex(number) : nullptr;
    const std::string text(hex ? std::string_view(hex).substr(0, longest_serial) : "?");
    OPENSSL_free(hex);
    BN_free(number);
    return text;
}

std::string moment(const ASN1_TIME* time) {
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? to_rfc3339(to_timestamp(time)) : "a time that cannot be read";
}

// --- what is wrong with it ---------------------------------------------------------------------------------------

std::string revocation_text(X509_STORE_CTX* ctx, X509* certificate) {
    X509_CRL* const list = X509_STORE_CTX_get0_current_crl(ctx);
    X509_REVOKED* entry = nullptr;
    const bool found = list && X509_CRL_get0_by_cert(list, &entry, certificate) == 1;
    return fmt::format("revoked by {}{}", common_name(X509_get_issuer_name(certificate)),
                       found ? " on " + moment(X509_REVOKED_get0_revocationDate(entry)) : "");
}

struct finding {
    std::string_view reason;
    std::string what;
    std::string_view advice;
};

finding find_usage(const X509_STORE_CTX* ctx, const SSL* connection) {
    const bool of_client = SSL_is_server(connection) == 1;
    if (X509_STORE_CTX_get_error_depth(ctx) > 0)
        return {"wrong_usage", "what issued it is no authority", "the authority has to issue it anew"};
    return {"wrong_usage",
            fmt::format("its key usage or extended key usage does not allow {} authentication",
                        of_client ? "client" : "server"),
            "a certificate for this purpose is needed"};
}

finding find(X509_STORE_CTX* ctx, const SSL* connection, X509* link) {
    const int code = X509_STORE_CTX_get_error(ctx);
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return {"expired", "expired on " + moment(X509_get0_notAfter(link)),
                "its owner needs a new certificate, to be registered in the directory"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return {"not_yet_valid", "valid only from " + moment(X509_get0_notBefore(link)),
                "wait, or compare this machine's clock with the authority's"};
    case X509_V_ERR_CERT_REVOKED:
        return {"revoked", revocation_text(ctx, link), "if that is wrong, its authority has to issue a new one"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return {"unknown_authority", "not issued by an authority that is trusted here (agency_ca, exchange_ca)",
                "a certificate of such an authority is needed, or its issuer in that file"};
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_INVALID_CA:
        return find_usage(ctx, connection);
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return {"weak", "its key or signature is weaker than 112 bits (RSA 2048, SHA-256)", "a new one is needed"};
    default:
        return {"bad_certificate", X509_verify_cert_error_string(code), "its authority has to issue a sound one"};
    }
}

handshake_fault describe_fault(X509_STORE_CTX* ctx, const SSL* connection) {
    X509* const leaf = X509_STORE_CTX_get0_cert(ctx);
    X509* const link = X509_STORE_CTX_get_current_cert(ctx) ? X509_STORE_CTX_get_current_cert(ctx) : leaf;
    auto found = find(ctx, connection, link);
    if (link != leaf && found.reason != "unknown_authority")
        found.what = fmt::format("that of its issuer {}: {}", common_name(X509_get_subject_name(link)), found.what);
    return {found.reason, digest_of(leaf).hex(),
            fmt::format("{} is refused: {}; {}", mention(leaf), found.what, found.advice)};
}

// --- where it is kept --------------------------------------------------------------------------------------------

void forget(void*, void* fault, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<handshake_fault*>(fault); }

/// A place in every connection that is used only in those that fail.
int place() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, forget);
    return index;
}

bool is_tolerable(int code) {
    return code == X509_V_ERR_UNABLE_TO_GET_CRL || code == X509_V_ERR_CRL_HAS_EXPIRED ||
           code == X509_V_ERR_CRL_NOT_YET_VALID;
}

void keep_fault(X509_STORE_CTX* ctx) {
    auto* const connection = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx()));
    if (!connection || SSL_get_ex_data(connection, place())) return;
    auto fault = std::make_unique<handshake_fault>(describe_fault(ctx, connection));
    if (SSL_set_ex_data(connection, place(), fault.get()) == 1) static_cast<void>(fault.release());
}

} // namespace

std::string mention(X509* certificate) {
    return fmt::format("the certificate of {} (issuer {}, serial {}, SHA-256 {})",
                       common_name(X509_get_subject_name(certificate)), common_name(X509_get_issuer_name(certificate)),
                       serial_of(certificate), digest_of(certificate).hex());
}

int judge_link(int good, X509_STORE_CTX* ctx) noexcept {
    if (good) return 1;
    // A list that is missing or old is the administrator's alarm, not a reason to cut everybody off; whoever is on it
    // stays out.
    if (is_tolerable(X509_STORE_CTX_get_error(ctx))) {
        X509_STORE_CTX_set_error(ctx, X509_V_OK);
        return 1;
    }
    const int code = X509_STORE_CTX_get_error(ctx);
    try {
        keep_fault(ctx);
    } catch (...) { // what cannot be described is refused all the same
        ERR_clear_error();
    }
    X509_STORE_CTX_set_error(ctx, code);
    return 0;
}

const handshake_fault* certificate_fault(const SSL* connection) {
    return static_cast<const handshake_fault*>(SSL_get_ex_data(connection, place()));
}

} // namespace truc::trust
