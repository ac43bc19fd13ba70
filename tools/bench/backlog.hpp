#pragma once
#include "figures.hpp"
#include "measurement.hpp"

namespace truc::bench {

/// What a dead neighbour with very many deliveries waiting for it costs the others, in turns with a node without them;
/// how soon the node is at work again after a start; how fast the neighbour gets what waits when it is back.
std::vector<figure> measure_backlog(const settings& s);

} // namespace truc::bench
