#pragma once
#include "relay_core.hpp"

namespace truc::api {

/// The name of the node whose certificate the other end showed; empty when it is no node's. Its chain was checked in
/// the handshake.
std::string node_at(const net::peer_info& peer);

/// Keeps a session with one neighbour: dials while there is none, after a pause that grows with each failure. A
/// connection that comes from the other side serves as well. Runs until the relay stops.
void start_dialling(std::shared_ptr<relay_core> core, const relay_neighbour& neighbour);

} // namespace truc::api
