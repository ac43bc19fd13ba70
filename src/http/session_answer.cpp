// How a session writes answers.
#include "session.hpp"

#include <truc/base/ascii.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace truc::http {

namespace {

/// Answers up to this size leave in one write: one TLS record, one packet train.
constexpr std::size_t one_write = 16 * 1024;
constexpr std::size_t stream_piece = 64 * 1024;

/// The Date field (RFC 9110, 5.6.7), made once a second.
const std::string& http_date() {
    thread_local std::time_t made_for = 0;
    thread_local std::string text;
    const auto now = std::time(nullptr);
    if (now != made_for) {
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        text = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", parts);
        made_for = now;
    }
    return text;
}

/// A value with a line break would begin a field, or an answer, of somebody else's making.
void append_value(std::string& out, std::string_view value) {
    for (const char c : value) out.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
}

bool has_no_body(unsigned status) { return status < 200 || status == 204 || status == 304; }

std::string head_of(const response& r, bool keep_alive) {
    std::string out;
    out.reserve(512);
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", r.status, reason_phrase(r.status),
                   http_date());
    for (const auto& f : r.fields) {
        append_value(out, f.name);
        out += ": ";
        append_value(out, f.value);
        out += "\r\n";
    }
    if (!has_no_body(r.status)) fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", r.body_size());
    out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return out;
}

} // namespace

awaitable<bool> session::send(const response& r, bool keep_alive) {
    server_.count(r.status);
    net::pace pace(server_.options().download);
    std::string out = head_of(r, keep_alive);
    const bool only_head = has_no_body(r.status) || (!refusal_ && head().verb == method::head);
    if (only_head || r.source) {
        const bool sent = co_await write_all(out, pace);
        if (!sent || only_head) co_return sent;
        co_return co_await send_stream(r, pace);
    }
    const bool together = out.size() + r.body.size() <= one_write;
    if (together) out += r.body;
    const bool sent = co_await write_all(out, pace);
    if (!sent || together) co_return sent;
    co_return co_await write_all(r.body, pace);
}

awaitable<bool> session::send_stream(const response& r, net::pace& pace) {
    std::uint64_t sent = 0;
    while (sent < r.length) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(stream_piece, r.length - sent));
        const auto piece = r.source->piece(r.offset + sent, most);
        if (!piece || piece->empty()) co_return false; // the length was promised: only breaking off tells the truth
        const bool written = co_await write_all(piece->substr(0, most), pace);
        if (!written) co_return false;
        sent += std::min(piece->size(), most);
    }
    co_return true;
}

awaitable<bool> session::write_all(std::string_view bytes, net::pace& pace) {
    while (!bytes.empty()) {
        const auto start = std::chrono::steady_clock::now();
        const auto n = co_await connection_->write_some(bytes, pace.deadline(start));
        if (!n) co_return false;
        pace.waited(std::chrono::steady_clock::now() - start);
        pace.moved(*n);
        bytes.remove_prefix(*n);
    }
    co_return true;
}

} // namespace truc::http
