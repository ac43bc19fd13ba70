#pragma once
/// How the node's answers about deliveries read to people.

#include "failure.hpp"

#include <string>

namespace truc::cli {

/// `destination` of an answer: a node, an inbox, or that there is no way.
std::string destination_of(const json::object& o);
bool is_held(const json::object& delivery);
/// Why it is held, what the last attempt came to, when it is tried next; empty when there is nothing to say.
std::string remark_on(const json::object& delivery);

} // namespace truc::cli
