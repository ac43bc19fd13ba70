#pragma once
#include <truc/http/request.hpp>

namespace truc::api {

/// What a path of REST v1 may be asked for, as the field Allow says it; empty when there is no such path. `path`
/// without the leading v1.
std::string_view allowed_at(const std::vector<std::string>& path);

/// Whether `allowed` names it.
bool allows(std::string_view allowed, http::method verb);

} // namespace truc::api
