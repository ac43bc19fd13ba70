#pragma once
#include <openssl/ssl.h>

#include <string>
#include <string_view>

namespace truc::trust {

/// Why a TLS handshake failed, for an administrator who has to tell somebody what to do.
struct handshake_fault {
    /// For counting: expired, not_yet_valid, revoked, unknown_authority, wrong_usage, weak, bad_certificate (of the
    /// other side's certificate); old_protocol, no_common_cipher, not_tls, refused_by_peer, broken_off, other.
    std::string_view reason;
    std::string certificate; ///< SHA-256 of the other side's certificate, where that was the reason; else empty
    std::string text;        ///< one line; what came from the other side is escaped and cut
};

/// Of an SSL_accept() or SSL_connect() that has just failed on this thread, on a connection of a `tls_context`. Empties
/// OpenSSL's queue of errors.
handshake_fault fault_of(const SSL* connection);

} // namespace truc::trust
