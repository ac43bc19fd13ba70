#pragma once
#include <truc/api/services.hpp>

namespace truc::api {

/// What is to be written must not wait longer; then the disk, or what stands in front of it, is stuck.
inline constexpr std::chrono::seconds longest_wait{10};

/// Why this node takes no new documents now, each a sentence for people that begins with a stable word; empty: it does.
std::vector<std::string> not_ready_because(const services& s);

} // namespace truc::api
