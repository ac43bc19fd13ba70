#pragma once
#include <truc/client/http_client.hpp>

#include <boost/beast/http/basic_parser.hpp>

#include <optional>

namespace truc::client {

/// The framing of one answer: Beast's parser as a function of bytes, without its I/O. The head is given to it whole;
/// between chunks it never sees less than the five bytes of a final chunk, which Boost 1.81 relies on.
class response_parser : private boost::beast::http::basic_parser<false> {
    using base = boost::beast::http::basic_parser<false>;

  public:
    /// An answer to HEAD has no body whatever its fields say.
    explicit response_parser(bool answer_to_head);

    /// Error: bad_request.
    result<void> parse_head(std::string_view head);

    struct step {
        std::size_t used = 0;
        std::string_view piece;
    };
    /// used == 0 with !done() means that more input is needed. Error: bad_request.
    result<step> parse_body(std::string_view input);
    /// The stream has ended. Error: unreachable when the body was not complete.
    result<void> parse_end();

    bool done() const { return is_done(); }
    bool keep_alive() const { return base::keep_alive(); }
    http_response& response() { return response_; }

  private:
    using error_code = boost::beast::error_code;
    using string_view = boost::beast::string_view;

    void on_response_impl(int code, string_view reason, int version, error_code&) override;
    void on_field_impl(boost::beast::http::field, string_view name, string_view value, error_code& ec) override;
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override;
    void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override { chunk_left_ = size; }
    std::size_t on_chunk_body_impl(std::uint64_t left, string_view body, error_code&) override;
    void on_finish_impl(error_code&) override {}
    void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override {}

    http_response response_;
    std::string_view piece_;
    std::uint64_t chunk_left_ = 0;
};

} // namespace truc::client
