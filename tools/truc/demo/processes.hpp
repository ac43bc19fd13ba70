#pragma once
#include "../network.hpp"

#include <sys/types.h>

namespace truc::cli::demo {

/// Of the running node; 0 while there is none.
pid_t pid_of(const network_node& n);
/// The same; throws broken_expectation while there is none.
pid_t pid_to_kill(const network_node& n);

} // namespace truc::cli::demo
