#pragma once
#include <truc/base/durable.hpp>
#include <truc/client/http_client.hpp>
#include <truc/trust/tls_context.hpp>

#include <chrono>
#include <memory>
#include <span>

namespace truc::client {

using deadline = std::chrono::steady_clock::time_point;

/// One connection to a server. The socket does not block; every wait has a deadline. Errors: unreachable, timeout.
class channel {
  public:
    static result<channel> open(const server_address& where, const trust::tls_context* tls, deadline until);

    /// At least one byte, 0 at the end of the stream.
    result<std::size_t> read_some(std::span<char> buffer, deadline until);
    result<void> write_all(std::string_view bytes, deadline until);
    /// True when there is something to read within that time.
    bool readable(std::chrono::milliseconds within) const;
    /// False when the server has closed it or said something unasked: not fit for another request.
    bool is_fresh();

  private:
    struct ssl_free {
        void operator()(SSL* p) const { SSL_free(p); }
    };
    explicit channel(file_handle socket) : socket_(std::move(socket)) {}

    result<void> shake_hands(const trust::tls_context& tls, const std::string& host, deadline until);
    result<void> wait(short events, deadline until) const;
    result<void> wait_for_tls(int rc, deadline until) const;

    file_handle socket_;
    std::unique_ptr<SSL, ssl_free> ssl_; // freed before the socket is closed
};

} // namespace truc::client
