#pragma once
#include <truc/base/metrics.hpp>
#include <truc/http/response.hpp>
#include <truc/net/listener.hpp>
#include <truc/net/pace.hpp>

#include <array>
#include <atomic>
#include <chrono>

namespace truc::http {

/// What the requests are for. One object answers the requests of all connections, on many strands at once.
class application {
  public:
    virtual ~application() = default;
    /// Answers one request; runs on the connection's strand and may wait for others (net/async.hpp) but never blocks.
    /// It decides from `r.head()` and `r.peer()` whether it reads the body at all; if it answers without, the
    /// connection is closed after the answer. An exception is logged and answered with `internal`.
    virtual awaitable<response> handle(request& r) = 0;
    /// The answer for a failure below the application: bad_request, header_too_large, timeout, internal. `head` is null
    /// when there is none.
    virtual response refuse(const error& e, const request_head* head) = 0;
};

struct server_options {
    std::size_t header_limit = 16 * 1024;
    /// Where a larger header can be in order: so many bytes, of so many requests at once. What strangers can make the
    /// server hold is the product, and while they do, only those wait (not_ready) whose header is long as well.
    std::size_t long_header_limit = 0;
    std::size_t long_headers = 0;
    std::chrono::milliseconds header_time{10'000}; ///< from the first byte of a request to the end of its header
    std::chrono::milliseconds idle_time{75'000};   ///< between requests
    /// The same for a peer that showed no certificate: where certificates say who is who, it has little to come for and
    /// must not hold many connections for nothing.
    std::chrono::milliseconds stranger_time{75'000};
    net::pace_limits upload;
    net::pace_limits download;
    std::uint32_t max_requests = 10'000;             ///< per connection
    std::size_t linger_bytes = std::size_t{8} << 20; ///< of a refused body that are thrown away …
    std::chrono::milliseconds linger_time{5'000};    ///< … and for how long, so that the client reads the refusal
};

/// HTTP/1.1 (RFC 9112) over the connections of any number of listeners: keep-alive, pipelining, chunked bodies without
/// trailers, Expect, HEAD. Thread-safe; it outlives its listeners.
class server : public net::connection_handler {
  public:
    server(application& app, metrics_registry& metrics, server_options options = {});

    awaitable<void> serve(std::shared_ptr<net::connection> peer) override;

    const server_options& options() const { return options_; }
    application& app() const { return app_; }
    void count(unsigned status) const;
    /// One of the `long_headers`; false: all are taken, or there are none. What is taken has to be given back.
    bool take_long_header() const;
    void give_back_long_header() const { --long_headers_; }

  private:
    application& app_;
    server_options options_;
    std::array<counter*, 5> by_class_;                 ///< 1xx … 5xx
    mutable std::atomic<std::size_t> long_headers_{0}; ///< under way
};

} // namespace truc::http
