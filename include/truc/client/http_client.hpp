#pragma once
#include <truc/base/result.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace truc::client {

/// Where a server is: `https://host[:port]`, `http://host[:port]` or `unix:/path/of/socket`, with an optional path that
/// is put before every target (not for unix).
class server_address {
  public:
    /// Error: bad_request.
    static result<server_address> parse(std::string_view url);

    bool is_tls() const { return tls_; }
    bool is_local() const { return !socket_.empty(); }
    const std::string& host() const { return host_; }
    const std::string& port() const { return port_; }
    const std::string& base() const { return base_; } ///< "" or "/vxp"
    const std::filesystem::path& socket() const { return socket_; }
    std::string host_field() const; ///< value of the Host field

  private:
    bool tls_ = false;
    std::string host_;
    std::string port_;
    std::string base_;
    std::filesystem::path socket_;
};

struct http_options {
    /// PEM files; only for https. The authority is required, certificate and key go together.
    std::filesystem::path authority;
    std::filesystem::path certificate;
    std::filesystem::path key;

    std::chrono::milliseconds connect_time{10'000}; ///< for connecting and the TLS handshake
    std::chrono::milliseconds answer_time{
        60'000}; ///< for a request and its whole answer; add the `wait` of a long poll
    std::size_t body_limit = std::size_t{256} << 20; ///< of an answer that is kept in memory
};

struct http_field {
    std::string name;
    std::string value;
};

/// Gets the body of a 2xx answer piece by piece. An error ends the transfer.
using body_sink = std::function<result<void>(std::string_view piece)>;

/// One request. Host, Content-Length and Connection are written by the client.
struct http_request {
    std::string method = "GET";
    std::string target = "/"; ///< percent-encoded, with its query
    std::vector<http_field> fields;
    std::string_view body;        ///< not copied; for a file: mapped_file::open(path)->view()
    bool expect_continue = false; ///< ask before sending the body, so that a refusal costs nothing
    bool repeatable =
        false; ///< may be sent again when a kept connection turns out to be closed (GET and HEAD always may)
    body_sink sink;
    std::chrono::milliseconds answer_time{0}; ///< 0: that of the options
};

struct http_response {
    unsigned status = 0;
    std::vector<http_field> fields;
    std::string body; ///< empty when a sink took it

    std::string_view header(std::string_view name) const; ///< any case; empty when absent
};

/// A blocking HTTP/1.1 client that keeps its connection. One thread at a time; make one per thread.
class http_client {
  public:
    /// Does not connect yet. Throws std::runtime_error when the files cannot be used.
    http_client(server_address where, http_options options);
    ~http_client();
    http_client(http_client&&) noexcept;
    http_client& operator=(http_client&&) noexcept;

    /// Every answer is a value, whatever its status. Errors: unreachable (no connection, refused by TLS, broken off),
    /// timeout, too_large, bad_request (not HTTP), or that of the sink.
    result<http_response> send(const http_request& request);
    result<http_response> get(std::string target);

    /// Gives up the connection; the next request makes a new one.
    void disconnect();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

/// Encodes for use in a path segment or a query value.
std::string percent_encode(std::string_view text);

} // namespace truc::client
