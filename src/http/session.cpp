#include "session.hpp"

#include <truc/base/log.hpp>

#include <fmt/format.h>

namespace truc::http {

namespace {

constexpr std::uint64_t default_body_limit = 64 * 1024;

std::chrono::steady_clock::time_point in(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

} // namespace

session::session(const server& owner, std::shared_ptr<net::connection> peer)
    : server_(owner), connection_(std::move(peer)), upload_pace_(owner.options().upload) {}

session::~session() {
    give_back_long_head();
    connection_->close();
}

awaitable<void> session::run() {
    auto next = outcome::keep_alive;
    for (std::uint32_t n = 1; next == outcome::keep_alive; ++n) {
        last_request_ = n >= server_.options().max_requests;
        const auto got = co_await receive_head();
        if (got == arrival::nothing) co_return;
        next = got == arrival::request ? co_await answer_request() : co_await answer_refused();
    }
    if (next == outcome::linger)
        co_await connection_->linger(server_.options().linger_bytes, in(server_.options().linger_time));
}

/// Between requests a connection costs no buffer. False: there will be no further request.
awaitable<bool> session::await_first_byte() {
    const auto& o = server_.options();
    const auto deadline = in(peer().certificate ? o.idle_time : o.stranger_time);
    while (input_.empty()) {
        input_.reserve(server_.options().header_limit);
        const auto got = connection_->read_now(input_.room());
        if (!got || (*got && **got == 0)) co_return false;
        if (*got) {
            input_.filled(**got);
            break;
        }
        input_.release();
        const auto ready = co_await connection_->wait_idle(deadline);
        if (!ready) co_return false;
    }
    co_return true;
}

awaitable<session::arrival> session::receive_head() {
    begin_request();
    const bool arrived = co_await await_first_byte();
    if (!arrived) co_return arrival::nothing;
    input_.reserve(server_.options().header_limit);
    const auto deadline = in(server_.options().header_time);
    for (;;) {
        if (const auto known = examine_head()) co_return *known;
        const auto got = co_await connection_->read_some(input_.room(), deadline);
        if (!got && got.error().code == errc::timeout) co_return refuse(error(errc::timeout, "request header"));
        if (!got || *got == 0) co_return arrival::nothing;
        input_.filled(*got);
    }
}

/// What can be said about the head from what has arrived of it; nullopt: more is needed.
std::optional<session::arrival> session::examine_head() {
    // An empty line before a request is forgiven (RFC 9112, 2.2): old clients end their bodies with one.
    while (searched_ == 0 && input_.view().starts_with("\r\n")) input_.consume(2);
    auto text = input_.view();
    if (text.empty() || text == "\r") return std::nullopt;
    if (text.front() < 'A' || text.front() > 'Z') return refuse(error(errc::bad_request, "not an HTTP request"));
    const auto end = text.find("\r\n\r\n", searched_);
    const auto size = end == std::string_view::npos ? text.size() : end + 4;
    const bool arrived = end != std::string_view::npos;
    if (size > server_.options().header_limit || (!arrived && input_.full())) {
        if (auto refused = lengthen_head(arrived ? size : size + 1)) return refused;
        text = input_.view();
    }
    if (!arrived) {
        searched_ = text.size() < 3 ? 0 : text.size() - 3;
        return std::nullopt;
    }
    auto parsed = parser_->parse_head(text.substr(0, size));
    input_.consume(size);
    if (!parsed) return refuse(std::move(parsed.error()));
    return arrival::request;
}

/// The head is longer than usual: it has at least `size` bytes. A refusal when it may not be.
std::optional<session::arrival> session::lengthen_head(std::size_t size) {
    const auto& o = server_.options();
    const auto limit = std::max(o.header_limit, o.long_header_limit);
    if (size > limit) return refuse(error(errc::header_too_large, fmt::format("{} bytes", limit)));
    if (!long_head_ && !server_.take_long_header()) return refuse(error(errc::not_ready, "too many long headers"));
    long_head_ = true;
    input_.reserve(limit);
    return std::nullopt;
}

/// What was lent is given back with the memory: a next request may have come behind the long head.
void session::shorten_head() {
    if (!long_head_ || !input_.empty()) return;
    input_.release();
    give_back_long_head();
}

void session::give_back_long_head() {
    if (std::exchange(long_head_, false)) server_.give_back_long_header();
}

session::arrival session::refuse(error why) {
    refusal_ = std::move(why);
    return arrival::refused;
}

void session::begin_request() {
    shorten_head();
    parser_.emplace();
    refusal_.reset();
    body_failure_.reset();
    upload_pace_ = net::pace(server_.options().upload);
    body_limit_ = default_body_limit;
    body_size_ = 0;
    searched_ = taken_ = 0;
    reading_body_ = abandoned_ = false;
}

awaitable<session::outcome> session::answer_request() {
    const response r = co_await ask_application();
    end_watching();
    input_.consume(std::exchange(taken_, 0));
    // A body that was not read to its end would be taken for the next request.
    const bool keep_alive =
        parser_->done() && parser_->keep_alive() && !last_request_ && !connection_->draining() && !body_failure_;
    const bool more_may_come = !parser_->done() || !input_.empty();
    const bool sent = co_await send(r, keep_alive);
    if (!sent) co_return outcome::close;
    if (keep_alive) co_return outcome::keep_alive;
    co_return more_may_come ? outcome::linger : outcome::close;
}

awaitable<session::outcome> session::answer_refused() {
    const response r = server_.app().refuse(*refusal_, nullptr);
    const bool sent = co_await send(r, false);
    co_return sent ? outcome::linger : outcome::close;
}

awaitable<response> session::ask_application() {
    try {
        co_return co_await server_.app().handle(*this);
    } catch (const std::exception& e) {
        spdlog::error("answering {} failed: {}", head().target, e.what());
    }
    const error fault(errc::internal);
    co_return server_.app().refuse(fault, &head());
}

std::shared_ptr<net::wakeup> session::bell() {
    if (!bell_) {
        bell_ = std::make_shared<net::wakeup>();
        connection_->on_drain([this] { bell_->notify(); });
        watch_peer();
    }
    return bell_;
}

void session::abandon() {
    abandoned_ = true;
    bell_->notify();
}

/// While the application waits, an end of the stream is noticed; further requests that come meanwhile are kept.
void session::watch_peer() {
    if (!parser_->done()) return; // what comes is the body, and nobody reads it
    input_.reserve(server_.options().header_limit);
    while (!input_.full()) {
        const auto got = connection_->read_now(input_.room());
        if (!got || (*got && **got == 0)) return abandon();
        if (!*got) return connection_->watch([this] { watch_peer(); });
        input_.filled(**got);
    }
}

void session::end_watching() {
    if (!bell_) return;
    connection_->stop_watching();
    connection_->on_drain(nullptr);
    bell_.reset();
}

} // namespace truc::http
