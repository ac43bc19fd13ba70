#include "conversation.hpp"

#include <fmt/format.h>

#include <cstring>

namespace truc::client {

namespace {

constexpr std::size_t buffer_size = 64 * 1024;
/// Head and body up to this size leave in one write: one TLS record, one packet train.
constexpr std::size_t one_write = 16 * 1024;
/// How long the body is held back for a server that says neither yes nor no.
constexpr auto continue_time = std::chrono::milliseconds(1000);

} // namespace

conversation::conversation(channel c, const server_address& where, const http_options& options)
    : channel_(std::move(c)),
      where_(where),
      options_(options),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_size)) {}

bool conversation::is_open() { return open_ && begin_ == end_ && channel_.is_fresh(); }

result<http_response> conversation::exchange(const http_request& request) {
    answered_ = false;
    begin_ = end_ = 0;
    const bool own_time = request.answer_time.count() > 0;
    until_ = std::chrono::steady_clock::now() + (own_time ? request.answer_time : options_.answer_time);
    const auto written = write_request(request);
    if (!written) open_ = false;
    // A server that refuses early closes while we still write; what it said counts more than that it did not listen.
    if (!written && written.error().code != errc::unreachable) return fail(written.error());
    auto response = read_answer(request);
    if (!response) open_ = false;
    if (!response && !written) return fail(written.error());
    return response;
}

std::string conversation::head_of(const http_request& request) const {
    std::string head = fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\n", request.method, where_.base(), request.target,
                                   where_.host_field());
    for (const auto& f : request.fields) fmt::format_to(std::back_inserter(head), "{}: {}\r\n", f.name, f.value);
    const bool carries = !request.body.empty() || request.method == "POST" || request.method == "PUT";
    if (carries) fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", request.body.size());
    if (request.expect_continue && !request.body.empty()) head += "Expect: 100-continue\r\n";
    head += "\r\n";
    return head;
}

result<void> conversation::write_request(const http_request& request) {
    const bool ask = request.expect_continue && !request.body.empty();
    out_ = head_of(request);
    const bool together = !ask && out_.size() + request.body.size() <= one_write;
    if (together) out_ += request.body;
    if (auto written = channel_.write_all(out_, until_); !written || together) return written;
    if (ask) {
        const auto may = may_send_body();
        if (!may) return fail(may.error());
        if (!*may) {
            open_ = false; // the server cannot know whether the body still comes
            return {};
        }
    }
    return channel_.write_all(request.body, until_);
}

/// False: the server has given its final answer, which stays in the buffer.
result<bool> conversation::may_send_body() {
    if (!channel_.readable(continue_time)) return true;
    const auto size = find_head();
    if (!size) return fail(size.error());
    const bool go_on = input().starts_with("HTTP/1.1 100");
    if (go_on) begin_ += *size;
    return go_on;
}

result<std::size_t> conversation::fill() {
    if (begin_ > 0) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == buffer_size) return fail(errc::bad_request, "answer: header too large");
    auto n = channel_.read_some(std::span<char>(buffer_.get() + end_, buffer_size - end_), until_);
    if (n) {
        end_ += *n;
        if (*n > 0) answered_ = true;
    }
    return n;
}

/// Size of the head at the beginning of the input.
result<std::size_t> conversation::find_head() {
    std::size_t searched = 0;
    for (;;) {
        const auto end = input().find("\r\n\r\n", searched);
        if (end != std::string_view::npos) return end + 4;
        searched = input().size() < 3 ? 0 : input().size() - 3;
        const auto n = fill();
        if (!n) return fail(n.error());
        if (*n == 0) return fail(errc::unreachable, "no answer");
    }
}

result<http_response> conversation::read_answer(const http_request& request) {
    for (;;) {
        const auto size = find_head();
        if (!size) return fail(size.error());
        response_parser parser(request.method == "HEAD");
        if (auto parsed = parser.parse_head(input().substr(0, *size)); !parsed) return fail(parsed.error());
        begin_ += *size;
        if (parser.response().status / 100 == 1) continue;
        if (auto read = read_body(parser, request); !read) return fail(read.error());
        if (!parser.keep_alive()) open_ = false;
        return std::move(parser.response());
    }
}

result<void> conversation::read_body(response_parser& parser, const http_request& request) {
    while (!parser.done()) {
        const auto step = parser.parse_body(input());
        if (!step) return fail(step.error());
        if (!step->piece.empty())
            if (auto taken = take(parser.response(), step->piece, request); !taken) return taken;
        begin_ += step->used;
        if (parser.done() || step->used > 0) continue;
        const auto n = fill();
        if (!n) return fail(n.error());
        if (*n > 0) continue;
        if (auto ended = parser.parse_end(); !ended) return ended;
    }
    return {};
}

result<void> conversation::take(http_response& response, std::string_view piece, const http_request& request) const {
    if (request.sink && response.status / 100 == 2) return request.sink(piece);
    if (response.body.size() + piece.size() > options_.body_limit) return fail(errc::too_large, "answer");
    response.body.append(piece);
    return {};
}

} // namespace truc::client
