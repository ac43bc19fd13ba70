#include "certificate_fault.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>

namespace truc::trust {

namespace {

handshake_fault find(unsigned long code) {
    if (code == 0 || ERR_GET_LIB(code) != ERR_LIB_SSL) return {"broken_off", {}, "the connection ended"};
    const int reason = ERR_GET_REASON(code);
    const char* const said = ERR_reason_error_string(code);
    if (reason > SSL_AD_REASON_OFFSET)
        return {"refused_by_peer", {}, fmt::format("the other side ended it: {}", said ? said : "an unknown alert")};
    switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_UNKNOWN_PROTOCOL:
        return {"old_protocol", {}, "it offers neither TLS 1.2 nor TLS 1.3; its TLS library is too old or set so"};
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
        return {"no_common_cipher", {}, "it offers no cipher that is good enough (ECDHE with AES-GCM or ChaCha20)"};
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
        return {"not_tls", {}, "it speaks HTTP without TLS; its address has to begin with https://"};
    case SSL_R_WRONG_VERSION_NUMBER:
        return {"not_tls", {}, "it speaks something else than TLS"};
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return {"broken_off", {}, "the connection ended"};
    default:
        return {"other", {}, said ? said : "an error without a name"};
    }
}

} // namespace

handshake_fault fault_of(const SSL* connection) {
    const auto code = ERR_peek_error();
    ERR_clear_error();
    const auto* const judged = certificate_fault(connection);
    return judged ? *judged : find(code);
}

} // namespace truc::trust
