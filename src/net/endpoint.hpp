#pragma once
#include <truc/base/durable.hpp>
#include <truc/net/listener.hpp>

namespace truc::net {

/// A bound, listening, non-blocking socket. Throws std::system_error.
file_handle listen_at(const endpoint& where);
/// The port a socket is bound to; 0 for a Unix socket.
std::uint16_t port_of(int socket);
/// Whom an address "192.0.2.7:50312" stands for when places are counted: the host. Of IPv6 it is the network of 64
/// bits, since each host has all of its addresses; an IPv4 address is the same in both notations. Empty: nobody, as on
/// a Unix socket.
std::string origin_of(const std::string& address);
/// What the kernel says about the other end of a connection.
peer_info peer_of(int socket);

} // namespace truc::net
