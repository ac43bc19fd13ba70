#pragma once
#include <truc/base/durable.hpp>
#include <truc/net/listener.hpp>

namespace truc::net {

/// A bound, listening, non-blocking socket. Throws std::system_error.
file_handle listen_at(const endpoint& where);
/// The port a socket is bound to; 0 for a Unix socket.
std::uint16_t port_of(int socket);
/// What the kernel says about the other end of a connection.
peer_info peer_of(int socket);

} // namespace truc::net
