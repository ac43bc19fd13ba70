#include "request_parser.hpp"

#include <truc/base/ascii.hpp>

#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

namespace truc::http {

namespace {

namespace beast = boost::beast::http;

constexpr std::size_t max_fields = 100;
constexpr std::size_t smallest_final_chunk = 5;

method method_of(beast::verb v) {
    switch (v) {
    case beast::verb::get:
        return method::get;
    case beast::verb::head:
        return method::head;
    case beast::verb::post:
        return method::post;
    case beast::verb::put:
        return method::put;
    case beast::verb::delete_:
        return method::del;
    case beast::verb::options:
        return method::options;
    default:
        return method::other;
    }
}

} // namespace

request_parser::request_parser() {
    body_limit(boost::none); // the reader of the body counts
    header_limit(1 << 20);   // the session has limited it already
}

result<void> request_parser::parse_head(std::string_view head) {
    error_code ec;
    const auto used = put(boost::asio::const_buffer(head.data(), head.size()), ec);
    if (ec) return fail(errc::bad_request, ec.message());
    if (!is_header_done() || used != head.size()) return fail(errc::bad_request, "request header");
    in_body_ = true;
    return accept_head();
}

result<void> request_parser::accept_head() {
    if (auto parsed = http::parse_target(std::string(head_.target), head_); !parsed) return parsed;
    if (version_ == 11 && hosts_ != 1) return fail(errc::bad_request, "Host");
    const bool only_chunked = codings_ == 1 && iequal(head_.header("Transfer-Encoding"), "chunked");
    if (codings_ > 0 && (!only_chunked || version_ == 10)) return fail(errc::bad_request, "Transfer-Encoding");
    if (const auto length = content_length()) head_.content_length = *length;
    expects_continue_ = version_ == 11 && iequal(head_.header("Expect"), "100-continue");
    return {};
}

result<request_parser::step> request_parser::parse_body(std::string_view input) {
    step s;
    if (done()) return s;
    const bool between_chunks = chunked() && chunk_left_ == 0;
    if (input.size() < (between_chunks ? smallest_final_chunk : 1)) return s;
    piece_ = {};
    error_code ec;
    s.used = put(boost::asio::const_buffer(input.data(), input.size()), ec);
    s.piece = piece_;
    if (ec && ec != beast::error::need_more) return fail(errc::bad_request, ec.message());
    return s;
}

void request_parser::on_request_impl(verb v, string_view, string_view target, int version, error_code&) {
    head_.verb = method_of(v);
    head_.target.assign(target.data(), target.size());
    version_ = version;
}

void request_parser::on_field_impl(field_id id, string_view name, string_view value, error_code& ec) {
    if (in_body_ || head_.fields.size() >= max_fields) { // a trailer, or too much of a good thing
        ec = beast::error::bad_field;
        return;
    }
    if (id == field_id::host) ++hosts_;
    if (id == field_id::transfer_encoding) ++codings_;
    head_.fields.push_back(field{std::string(name.data(), name.size()), std::string(value.data(), value.size())});
}

std::size_t request_parser::on_body_impl(string_view body, error_code&) {
    piece_ = std::string_view(body.data(), body.size());
    return body.size();
}

void request_parser::on_chunk_header_impl(std::uint64_t size, string_view, error_code&) { chunk_left_ = size; }

std::size_t request_parser::on_chunk_body_impl(std::uint64_t left, string_view body, error_code&) {
    piece_ = std::string_view(body.data(), body.size());
    chunk_left_ = left - body.size();
    return body.size();
}

} // namespace truc::http
