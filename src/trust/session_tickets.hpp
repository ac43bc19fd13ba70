#pragma once
#include <truc/base/clock.hpp>

#include <openssl/ssl.h>

namespace truc::trust {

/// Lets clients resume sessions (RFC 8446, 2.2; RFC 5077). Nothing is kept here: the client keeps a ticket that only
/// this context can open, with the certificate it has shown in it. A ticket is good for an hour, and however often it
/// is renewed for no longer than a day and than each certificate of the chain that was checked; later the handshake is
/// a full one, which judges the certificate anew. `clock` outlives the context.
void allow_resumption(SSL_CTX* ctx, const clock& clock);

} // namespace truc::trust
