#pragma once
#include <truc/trust/handshake_fault.hpp>

#include <openssl/x509_vfy.h>

namespace truc::trust {

/// Called by OpenSSL for what it finds in the chain of the other side. Tolerates revocation lists that are missing or
/// old; what ends the handshake is kept on its connection, once. Throws nothing.
int judge_link(int good, X509_STORE_CTX* ctx) noexcept;

/// What judge_link() kept; null: the certificate was not what ended the handshake.
const handshake_fault* certificate_fault(const SSL* connection);

} // namespace truc::trust
