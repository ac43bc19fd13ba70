#include "response_parser.hpp"

#include <boost/beast/http/error.hpp>

namespace truc::client {

namespace {

namespace beast = boost::beast::http;

constexpr std::size_t max_fields = 200;
constexpr std::size_t smallest_final_chunk = 5;

} // namespace

response_parser::response_parser(bool answer_to_head) {
    body_limit(boost::none); // whoever keeps the body counts
    header_limit(1 << 20);
    base::skip(answer_to_head);
}

result<void> response_parser::parse_head(std::string_view head) {
    error_code ec;
    const auto used = put(boost::asio::const_buffer(head.data(), head.size()), ec);
    if (ec) return fail(errc::bad_request, "answer: " + ec.message());
    if (!is_header_done() || used != head.size()) return fail(errc::bad_request, "answer: header");
    return {};
}

result<response_parser::step> response_parser::parse_body(std::string_view input) {
    step s;
    const bool between_chunks = chunked() && chunk_left_ == 0;
    if (done() || input.size() < (between_chunks ? smallest_final_chunk : 1)) return s;
    piece_ = {};
    error_code ec;
    s.used = put(boost::asio::const_buffer(input.data(), input.size()), ec);
    s.piece = piece_;
    if (ec && ec != beast::error::need_more) return fail(errc::bad_request, "answer: " + ec.message());
    return s;
}

result<void> response_parser::parse_end() {
    error_code ec;
    put_eof(ec);
    if (ec) return fail(errc::unreachable, "the answer broke off");
    return {};
}

void response_parser::on_response_impl(int code, string_view, int, error_code&) {
    response_.status = static_cast<unsigned>(code);
}

void response_parser::on_field_impl(beast::field, string_view name, string_view value, error_code& ec) {
    if (response_.fields.size() >= max_fields) {
        ec = beast::error::bad_field;
        return;
    }
    http_field f;
    f.name.assign(name.data(), name.size());
    f.value.assign(value.data(), value.size());
    response_.fields.push_back(std::move(f));
}

std::size_t response_parser::on_body_impl(string_view body, error_code&) {
    piece_ = std::string_view(body.data(), body.size());
    return body.size();
}

std::size_t response_parser::on_chunk_body_impl(std::uint64_t left, string_view body, error_code&) {
    piece_ = std::string_view(body.data(), body.size());
    chunk_left_ = left - body.size();
    return body.size();
}

} // namespace truc::client
