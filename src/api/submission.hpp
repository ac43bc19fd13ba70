#pragma once
#include "answers.hpp"

#include <truc/http/request.hpp>

namespace truc::api {

/// POST /v1/documents: streams the body into intake and answers when the outcome is durable.
net::awaitable<result<http::response>> submit(const services& s, http::request& r, const intake::channel& from);
/// POST /v1/check: the same checks, nothing stored.
net::awaitable<result<http::response>> check(const services& s, http::request& r, const intake::channel& from);

} // namespace truc::api
