#pragma once
#include <truc/http/request.hpp>

#include <boost/beast/http/basic_parser.hpp>

namespace truc::http {

/// One request's framing: Beast's parser as a pure function of bytes, without Beast's I/O. What Boost 1.81 leaves open
/// is closed here:
/// - its header limit counts only what one call sees: the head is given to it whole, after its end was found;
/// - a Transfer-Encoding it does not know means "no body" to it, which lets one message hide another: refused;
/// - trailers are read without limits: refused;
/// - a final chunk that comes byte by byte trips an assertion: it never sees less than the five bytes `0 CR LF CR LF`.
class request_parser : private boost::beast::http::basic_parser<true> {
    using base = boost::beast::http::basic_parser<true>;

  public:
    request_parser();

    /// Reads a complete head (its last bytes are the empty line). Error: bad_request.
    result<void> parse_head(std::string_view head);

    struct step {
        std::size_t used = 0;   ///< bytes of the input that are done with (they include the piece)
        std::string_view piece; ///< content, a part of the input
    };
    /// Reads on in the body; used == 0 with !done() means that more input is needed. Error: bad_request.
    result<step> parse_body(std::string_view input);

    bool done() const { return is_done(); }
    bool keep_alive() const { return base::keep_alive(); }
    bool expects_continue() const { return expects_continue_; }
    const request_head& head() const { return head_; }

  private:
    using error_code = boost::beast::error_code;
    using string_view = boost::beast::string_view;
    using verb = boost::beast::http::verb;
    using field_id = boost::beast::http::field;

    result<void> accept_head();

    void on_request_impl(verb, string_view name, string_view target, int version, error_code& ec) override;
    void on_field_impl(field_id id, string_view name, string_view value, error_code& ec) override;
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view body, error_code&) override;
    void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override;
    std::size_t on_chunk_body_impl(std::uint64_t left, string_view body, error_code&) override;
    void on_finish_impl(error_code&) override {}
    void on_response_impl(int, string_view, int, error_code&) override {}

    request_head head_;
    std::string_view piece_;
    std::uint64_t chunk_left_ = 0;
    int version_ = 11;
    unsigned hosts_ = 0;
    unsigned codings_ = 0;
    bool expects_continue_ = false;
    bool in_body_ = false;
};

} // namespace truc::http
