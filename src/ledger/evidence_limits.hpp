#pragma once
#include <truc/xml/first_pass.hpp>

namespace truc::ledger {

/// A receipt of a dispatch to some thousand recipients has about half of this.
inline constexpr xml::limits evidence_limits{
    .bytes = std::size_t{1} << 20, .depth = 16, .attributes = 8, .nodes = 50'000};

} // namespace truc::ledger
