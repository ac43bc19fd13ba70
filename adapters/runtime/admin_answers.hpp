#pragma once
/// What the doors for people answer, as values: no connection is needed for them. Errors: not_found,
/// method_not_allowed, bad_request.

#include "admin.hpp"

#include <boost/json.hpp>

#include <string_view>

namespace truc::http {
class request_head;
}

namespace truc::adapter {

namespace json = boost::json;

/// GET /v1/adapter, GET /v1/items, POST /v1/items/retry.
result<json::object> administer(const observed& o, const http::request_head& head, std::string_view body);
/// Which side does not work, since when and why, a line each; empty when all do.
std::string what_is_away(const observed& o);

} // namespace truc::adapter
