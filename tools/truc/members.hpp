#pragma once
#include "context.hpp"

namespace truc::cli {

/// Every member of an answer that says something, one a line; with --json the object as it is.
void show_members(const context& c, const boost::json::object& o);

} // namespace truc::cli
