#pragma once
#include "decision.hpp"

#include <truc/http/request.hpp>

namespace truc::api {

/// POST /v1/documents: streams the body into intake and answers when the outcome is durable.
net::awaitable<result<http::response>> submit(const services& s, http::request& r, const intake::channel& from);
/// POST /v1/check: the same checks, nothing stored.
net::awaitable<result<http::response>> check(const services& s, http::request& r, const intake::channel& from);

/// What the body of a request goes through on its way into a reception, piece by piece; an empty piece ends it. May run
/// on the pool, never twice at a time.
using piece_taker = std::function<result<void>(std::string_view)>;

/// Takes a message in and has it judged; the same for every entrance over HTTP. `take` feeds `message`. Errors are
/// those of which there is no evidence: the body did not arrive as a whole (too_large and hash_mismatch are decisions).
net::awaitable<result<decision>> take_in(const services& s, http::request& r, intake::reception& message,
                                         const piece_taker& take);

} // namespace truc::api
