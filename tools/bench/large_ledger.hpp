#pragma once
#include "figures.hpp"
#include "measurement.hpp"

namespace truc::bench {

/// How long a node whose ledger has very many events makes an administrator wait who asks after one document of them.
std::vector<figure> measure_large_ledger(const settings& s);

} // namespace truc::bench
