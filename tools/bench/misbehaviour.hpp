#pragma once
#include "figures.hpp"
#include "measurement.hpp"

namespace truc::bench {

/// What a well-behaved client feels of many connections that misbehave, as ratios of its latencies with and without
/// them, taken in turns: of a document submitted on a connection that is kept, and of a small question that needs a new
/// connection with its TLS handshake.
std::vector<figure> measure_misbehaviour(const settings& s);

} // namespace truc::bench
