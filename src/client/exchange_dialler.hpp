#pragma once
#include "exchange_core.hpp"

#include <truc/net/connection.hpp>

namespace truc::client {

/// Throws std::runtime_error when the files cannot be used.
std::shared_ptr<const trust::tls_context> make_tls(const exchange_options& o);

/// Keeps a connection to the node: dials while there is none, after a pause that grows with each failure. Ends when
/// the core stops. Spawn it on that strand. `tls` is of make_tls(); for later connections the files are read anew.
net::awaitable<void> keep_connected(std::shared_ptr<exchange_core> core, net::connection::strand strand,
                                    std::shared_ptr<const trust::tls_context> tls);

} // namespace truc::client
