#pragma once
#include <proton/types.h>

#include <string>

namespace truc::amqp {

/// Our side of the SASL exchange of one connection. The engine's own implementation could do EXTERNAL only over TLS of
/// its own, which is not used here.
///
/// One mechanism so far: EXTERNAL, the identity that TLS has proven. A mechanism that needs time to decide leaves
/// `process_init` without an outcome and sets it later on the strand; the engine waits.
struct sasl_exchange {
    bool external = false; ///< server: the peer showed a certificate. Client: we did
    std::string user;      ///< server: whom EXTERNAL proves; must not change during the exchange
};

/// Installs it, and makes authentication mandatory. To be called after the transport's side is set; `exchange` outlives
/// the transport.
void use_sasl(pn_transport_t* transport, sasl_exchange& exchange);

} // namespace truc::amqp
