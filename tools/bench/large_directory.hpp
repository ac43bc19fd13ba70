#pragma once
#include "figures.hpp"
#include "measurement.hpp"

namespace truc::bench {

/// A node that knows 123,000 agencies, as the national directory has: how long it needs to start and to sign its
/// section, its memory, and how long an old system waits for getAgenciesList, for the first time and then again.
std::vector<figure> measure_large_directory(const settings& s);

} // namespace truc::bench
