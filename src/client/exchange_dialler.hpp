#pragma once
#include "exchange_core.hpp"

#include <truc/net/connection.hpp>

namespace truc::client {

/// Keeps a connection to the node: dials while there is none, after a pause that grows with each failure. Ends when
/// the core stops. Spawn it on that strand.
net::awaitable<void> keep_connected(std::shared_ptr<exchange_core> core, net::connection::strand strand,
                                    std::shared_ptr<const trust::tls_context> tls);

} // namespace truc::client
