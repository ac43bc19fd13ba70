#pragma once
#include <truc/base/bytes.hpp>
#include <truc/base/durable.hpp>
#include <truc/base/result.hpp>
#include <truc/net/async.hpp>
#include <truc/trust/handshake_fault.hpp>
#include <truc/trust/tls_context.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/strand.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace truc::net {

/// Who is at the other end, as far as the transport knows.
struct peer_info {
    std::string address; ///< "192.0.2.7:50312"; empty on a Unix socket
    std::string user;    ///< the user at the other end of a Unix socket (SO_PEERCRED)
    bool encrypted = false;
    std::optional<sha256_digest>
        certificate; ///< SHA-256 of the other side's certificate; its chain was checked in the handshake
    std::string certificate_der;
};

/// One socket, accepted or dialled: plain TCP, TLS or Unix. Bytes are read and written without blocking; every wait has
/// a deadline. A read and a write may wait at the same time, never two of a kind.
///
/// TLS works directly on the socket instead of through asio::ssl::stream, whose four fixed buffers cost about 70 KiB a
/// connection; here an idle connection keeps no buffer at all.
///
/// Lifecycle: held by shared_ptr; made by a listener or by dial(), closed by `close()` or at the end of its handler.
/// Threads: all members only on its strand (`executor()`), except `drain()` and `abort()`, from any.
/// Errors: timeout (the deadline passed), unreachable (closed, reset, or broken TLS).
class connection : public std::enable_shared_from_this<connection> {
  public:
    using strand = asio::strand<asio::io_context::executor_type>;

    connection(strand executor, file_handle socket, peer_info peer);
    ~connection();
    connection(const connection&) = delete;

    const strand& executor() const { return executor_; }
    const peer_info& peer() const { return peer_; }

    /// Our part of the TLS handshake: the server's or the client's, as the context was made; afterwards `peer()` knows
    /// the other side's certificate, if there is one.
    awaitable<result<void>> handshake(const trust::tls_context& context, steady_time deadline);
    /// What ended the handshake; null where it was only time, or nothing.
    const trust::handshake_fault* fault() const { return fault_.get(); }
    /// Whether the other side's certificate would be accepted by that context now, after a handshake with another one.
    bool is_acceptable_to(const trust::tls_context& context) const {
        return !peer_.encrypted || context.accepts_client_of(ssl_.get());
    }
    /// Whether time alone has ended what was accepted in the handshake.
    bool is_expired() const { return peer_.encrypted && trust::tls_context::has_client_expired(ssl_.get()); }
    /// The handshake took up a session of an earlier connection.
    bool resumed() const { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

    /// Waits for the end of a connect() that was begun on the socket.
    awaitable<result<void>> connected(steady_time deadline);

    /// At least one byte, or 0 when the peer has ended its stream in an orderly way.
    awaitable<result<std::size_t>> read_some(std::span<char> buffer, steady_time deadline);
    /// At least one byte of `bytes`, which is not empty.
    awaitable<result<std::size_t>> write_some(std::string_view bytes, steady_time deadline);
    /// Returns when there may be something to read, so that idle connections need no buffer. Call it only after
    /// `read_now` found nothing: TLS may hold bytes that the socket no longer shows. Ends with unreachable as soon as
    /// the connection drains.
    awaitable<result<void>> wait_idle(steady_time deadline);

    /// What is there without waiting: nullopt = nothing yet, 0 = the peer has ended.
    result<std::optional<std::size_t>> read_now(std::span<char> buffer);
    /// Calls back once on the strand when there may be something to read, unless `stop_watching` comes first.
    /// No read may wait meanwhile. Call it only after `read_now` found nothing.
    void watch(std::function<void()> readable);
    void stop_watching();

    /// Says good-bye and gives the peer the chance to read what was written: ends our side, then throws away what
    /// still comes, within the limits. Closing at once instead would let a reset overtake the last answer.
    awaitable<void> linger(std::size_t most, steady_time deadline);
    void close();
    bool is_open() const { return socket_.is_open(); }

    /// True once the process wants to stop: finish what is under way, begin nothing.
    bool draining() const { return draining_; }
    /// Called on the strand when draining begins (at once, if it has begun). Null removes it.
    void on_drain(std::function<void()> call);
    void drain();
    void abort(); ///< closes as soon as the strand is free

  private:
    enum direction : std::size_t { reading, writing };
    enum class progress : std::uint8_t { done, ended, want_read, want_write, failed };
    struct waiting {
        bool active = false;
        bool expired = false;
        steady_time deadline;
    };

    progress receive(std::span<char> buffer, std::size_t& count);
    progress transmit(std::string_view bytes, std::size_t& count);
    progress tls_progress(int rc);
    void learn_certificate();
    void say_goodbye();
    awaitable<result<void>> wait(progress want, direction slot, steady_time deadline);
    void arm_timer();
    void on_timer();
    void begin_drain();

    struct ssl_free {
        void operator()(SSL* p) const { SSL_free(p); }
    };

    strand executor_;
    asio::posix::basic_stream_descriptor<strand> socket_;
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, strand> timer_;
    std::unique_ptr<SSL, ssl_free> ssl_;
    std::unique_ptr<const trust::handshake_fault> fault_;
    peer_info peer_;
    std::array<waiting, 2> waits_;
    steady_time armed_for_ = steady_time::max();
    std::function<void()> readable_;
    std::function<void()> drain_call_;
    bool draining_ = false;
    bool idle_ = false;
    bool tls_broken_ = false; ///< OpenSSL forbids a farewell after a fatal error
};

} // namespace truc::net
