#pragma once
#include <truc/net/connection.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace truc::net {

/// Connects to `host` (a name or an address; all its addresses are tried in turn) and does the client's part of the TLS
/// handshake. The server's chain must lead to an authority of `tls`; the host's name is not compared with the
/// certificate: a node is known by the URI in `peer().certificate_der`, which is for the caller to check.
///
/// Runs on `executor`, which becomes the connection's strand: spawn the calling coroutine there.
/// Errors: timeout, unreachable (no such host, refused, or the handshake failed).
awaitable<result<std::shared_ptr<connection>>> dial(connection::strand executor, std::string host, std::uint16_t port,
                                                    std::shared_ptr<const trust::tls_context> tls,
                                                    steady_time deadline);

} // namespace truc::net
