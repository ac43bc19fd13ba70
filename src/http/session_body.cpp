// How a session reads the body of a request.
#include "session.hpp"

#include <fmt/format.h>

namespace truc::http {

namespace {

constexpr std::size_t body_capacity = 64 * 1024;
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

awaitable<result<std::string_view>> session::read() {
    input_.consume(std::exchange(taken_, 0));
    if (!body_failure_ && !reading_body_) co_await begin_body();
    while (!body_failure_) {
        auto step = parser_->parse_body(input_.view());
        if (!step) {
            body_failure_ = std::move(step.error());
            break;
        }
        body_size_ += step->piece.size();
        if (body_size_ > body_limit_) {
            body_failure_ = over_limit();
            break;
        }
        if (!step->piece.empty()) {
            taken_ = step->used;
            co_return step->piece;
        }
        input_.consume(step->used);
        if (parser_->done()) co_return std::string_view();
        if (step->used == 0) co_await fill();
    }
    co_return fail(*body_failure_);
}

error session::over_limit() const { return error(errc::too_large, fmt::format("{} bytes", body_limit_)); }

awaitable<void> session::begin_body() {
    reading_body_ = true;
    const auto length = head().content_length;
    if (parser_->done()) co_return;
    if (length && *length > body_limit_) {
        body_failure_ = over_limit();
        co_return;
    }
    if (!length || *length > server_.options().header_limit) input_.reserve(body_capacity);
    // A client that has begun to send already need not be told (RFC 9110, 10.1.1).
    if (parser_->expects_continue() && input_.empty()) {
        net::pace pace(server_.options().download);
        const bool sent = co_await write_all(go_on, pace);
        if (!sent) body_failure_ = error(errc::unreachable);
    }
}

/// Waits for more of the body, as long as the client keeps its pace.
awaitable<void> session::fill() {
    if (input_.full()) { // of a chunk header
        body_failure_ = error(errc::bad_request, "chunk header");
        co_return;
    }
    const auto start = std::chrono::steady_clock::now();
    const auto got = co_await connection_->read_some(input_.room(), upload_pace_.deadline(start));
    upload_pace_.waited(std::chrono::steady_clock::now() - start);
    if (!got) {
        body_failure_ = error(got.error().code, "request body");
    } else if (*got == 0) {
        body_failure_ = error(errc::unreachable, "request body");
    } else {
        upload_pace_.moved(*got);
        input_.filled(*got);
    }
}

} // namespace truc::http
