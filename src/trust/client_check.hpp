#pragma once
#include <openssl/ssl.h>

namespace truc::trust {

/// Whether a client's certificate is good now by the authorities and revocation lists of a context, as in a handshake.
/// `between` came with it and is not trusted; null: there is none. Throws std::runtime_error when OpenSSL has no
/// memory.
bool is_good_client(SSL_CTX* context, X509* certificate, STACK_OF(X509) * between);

} // namespace truc::trust
