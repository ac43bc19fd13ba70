#pragma once
#include <truc/net/connection.hpp>

#include <string_view>

namespace truc::api {

/// Says in the log that somebody has a good certificate which no client of the directory has: mostly a renewed one that
/// was not registered. Once a minute for each certificate. `door`: for people. Thread-safe.
void mention_stranger(const net::peer_info& peer, std::string_view door);

} // namespace truc::api
