#pragma once
#include <truc/base/metrics.hpp>
#include <truc/net/connection.hpp>
#include <truc/net/io_loop.hpp>
#include <truc/net/tls_holder.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace truc::net {

/// Where to listen: an address and port, or a Unix socket.
class endpoint {
  public:
    /// `host` is an address or a name of this machine; port 0 lets the system choose.
    static endpoint tcp(std::string host, std::uint16_t port);
    /// The file is made with `mode`; one left behind by a process that died is replaced.
    static endpoint local(std::filesystem::path path, unsigned mode = 0600);

    const std::string& host() const { return host_; }
    std::uint16_t port() const { return port_; }
    const std::filesystem::path& path() const { return path_; }
    unsigned mode() const { return mode_; }
    bool is_local() const { return !path_.empty(); }
    std::string str() const; ///< for people

  private:
    std::string host_;
    std::uint16_t port_ = 0;
    std::filesystem::path path_;
    unsigned mode_ = 0600;
};

struct listener_options {
    std::string name = "http"; ///< label `listener` of its metrics
    /// A quarter at most for any one certificate, and over TCP for any one address (of IPv6: network of 64 bits)
    /// without one. With TLS, half of them for those who show a certificate.
    std::size_t max_connections = 4096;
    /// Handshakes under way at once. Further connections wait in the kernel, so that a whole country may reconnect at
    /// the same moment; but one that has had `handshake_patience` is then given up for the next, so that silent peers
    /// hold up each other rather than everybody.
    std::size_t max_handshakes = 1024; ///< of about 40 KiB each
    std::chrono::milliseconds handshake_patience{5'000};
    std::chrono::milliseconds handshake_time{10'000};
};

/// Speaks a protocol over connections. One object serves all connections of a listener.
class connection_handler {
  public:
    virtual ~connection_handler() = default;
    /// Runs on the connection's strand. The connection is closed when it returns or throws.
    virtual awaitable<void> serve(std::shared_ptr<connection> peer) = 0;
};

/// Accepts connections at one endpoint. Running out of file descriptors only delays it.
/// Threads: constructed, stopped and destroyed by the thread that owns it, which is not one of the loop's.
class listener {
  public:
    /// Binds and begins to accept. With `tls` null the connections are plain. Throws std::system_error when it cannot
    /// bind: a start-up failure. Everything it refers to outlives the listener.
    listener(io_loop& loop, const endpoint& where, const tls_holder* tls, connection_handler& handler,
             metrics_registry& metrics, listener_options options = {});
    ~listener(); ///< stop(0)
    listener(const listener&) = delete;

    std::uint16_t port() const; ///< the port it is bound to; 0 for a Unix socket
    std::size_t connections() const;

    /// Ends the connections whose certificate the settings in force would refuse: after a reload all are judged anew,
    /// else only time can have changed something. Any thread; does not wait for it.
    void reexamine();

    /// Stops accepting, lets every connection finish what is under way for at most `grace`, then closes what is
    /// left; returns when the last handler has returned. Idempotent.
    void stop(std::chrono::milliseconds grace);

  private:
    class acceptor;
    std::shared_ptr<acceptor> acceptor_;
};

} // namespace truc::net
