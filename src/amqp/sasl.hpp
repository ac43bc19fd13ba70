#pragma once
#include <proton/types.h>

#include <functional>
#include <string>

namespace truc::amqp {

/// Our side of the SASL exchange of one connection. The engine's own implementation could do EXTERNAL only over TLS of
/// its own, which is not used here.
///
/// EXTERNAL is the identity that TLS has proven (RFC 4422, appendix A), PLAIN a name and a password (RFC 4616), which
/// only a server takes. A password needs time: PLAIN has no outcome until `end_plain`, and the engine waits.
struct sasl_exchange {
    bool external = false; ///< server: the peer showed a certificate that counts. Client: we did
    std::string user;      ///< server: whom EXTERNAL proves, or who PLAIN says it is
    /// Server: begins to check name and password; null where PLAIN is not offered. Called once at most, from inside the
    /// engine: `end_plain` must not be called before it returns.
    std::function<void(std::string user, std::string password)> plain;
};

/// Installs it, and makes authentication mandatory. To be called after the transport's side is set; `exchange` outlives
/// the transport.
void use_sasl(pn_transport_t* transport, sasl_exchange& exchange);

/// The outcome of PLAIN.
void end_plain(pn_transport_t* transport, bool good);

} // namespace truc::amqp
