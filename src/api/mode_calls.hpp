#pragma once
#include "answers.hpp"

namespace truc::api {

/// GET /admin/mode: whether the node takes new documents; if not, why, and who closed it.
result<http::response> show_mode(const services& s);
/// POST /admin/mode {"read_only": true, "reason": …}, or {"read_only": false}. Errors: bad_request, reason_missing,
/// no_space, internal.
result<http::response> set_mode(const services& s, const std::string& body, const std::string& administrator);

} // namespace truc::api
