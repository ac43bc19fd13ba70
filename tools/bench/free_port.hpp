#pragma once
#include <cstdint>

namespace truc::bench {

/// Free at this moment; nobody else on the loopback hands out the same one soon (the kernel goes round the range).
/// Throws failure.
std::uint16_t free_port();

} // namespace truc::bench
