#pragma once
#include "figures.hpp"
#include "measurement.hpp"

namespace truc::bench {

/// Documents a second through one node: a stand-in of its parent gives legs of signed documents of that size with the
/// receipts of their acceptance, a stand-in of its child takes them. Throws failure.
std::vector<figure> measure_relay(const settings& s, std::size_t size);

} // namespace truc::bench
