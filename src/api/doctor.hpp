#pragma once
/// GET /admin/doctor: what is wrong with this node, and what to do. Each check is independent of the others; what it
/// measures and what it makes of that are apart, so that the latter can be tested with any measurement.

#include "answers.hpp"

#include <truc/api/upkeep.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace truc::api {

enum class health : std::uint8_t { ok, warn, bad };
std::string_view to_string(health h);

/// A text in both languages.
struct both {
    std::string english, vietnamese;
    const std::string& in(language l) const { return l == language::vietnamese ? vietnamese : english; }
};

/// What one check has found.
struct finding {
    std::string_view check; ///< stable name
    health state = health::ok;
    both found;
    both advice; ///< empty when all is well
};

/// What the checks look at.
struct examined {
    const services& s;
    const upkeep& u;
    bool deep = false; ///< all of it, however long it takes
};

/// All checks. One that fails itself says so and is bad. Blocks, for seconds.
std::vector<finding> examine(const examined& e);

result<http::response> show_doctor(const services& s, const upkeep& u, const http::request_head& head);

} // namespace truc::api
