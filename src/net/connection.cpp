#include <truc/net/connection.hpp>
#include <truc/trust/socket_bio.hpp>

#include <boost/asio/as_tuple.hpp>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace truc::net {

connection::connection(strand executor, file_handle socket, peer_info peer)
    : executor_(executor), socket_(executor), timer_(executor), peer_(std::move(peer)) {
    socket_.assign(socket.release());
}

connection::~connection() = default;

awaitable<result<void>> connection::handshake(const trust::tls_context& context, steady_time deadline) {
    ssl_.reset(SSL_new(context.get()));
    if (!ssl_) co_return fail(errc::internal, "SSL_new");
    BIO* bio = trust::make_socket_bio(socket_.native_handle());
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_mode(ssl_.get(),
                 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_set_read_ahead(ssl_.get(), 1); // one system call a record instead of two
    const bool server = SSL_is_server(ssl_.get()) == 1;
    for (;;) {
        ERR_clear_error();
        const auto state = tls_progress(server ? SSL_accept(ssl_.get()) : SSL_connect(ssl_.get()));
        if (state == progress::done) break;
        if (state == progress::ended || state == progress::failed) {
            fault_ = std::make_unique<const trust::handshake_fault>(trust::fault_of(ssl_.get()));
            co_return fail(errc::unreachable, "TLS handshake: " + fault_->text);
        }
        auto ready = co_await wait(state, reading, deadline);
        if (!ready) co_return fail(std::move(ready.error()));
    }
    peer_.encrypted = true;
    learn_certificate();
    co_return result<void>();
}

awaitable<result<void>> connection::connected(steady_time deadline) {
    auto ready = co_await wait(progress::want_write, writing, deadline);
    if (!ready) co_return fail(std::move(ready.error()));
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) co_return fail(errc::unreachable, std::generic_category().message(failure));
    co_return result<void>();
}

void connection::learn_certificate() {
    X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (!certificate) return;
    const int size = i2d_X509(certificate, nullptr);
    if (size <= 0) return;
    peer_.certificate_der.resize(static_cast<std::size_t>(size));
    auto* out = reinterpret_cast<unsigned char*>(peer_.certificate_der.data());
    i2d_X509(certificate, &out);
    peer_.certificate = sha256(peer_.certificate_der);
}

connection::progress connection::tls_progress(int rc) {
    if (rc > 0) return progress::done;
    switch (SSL_get_error(ssl_.get(), rc)) {
    case SSL_ERROR_WANT_READ:
        return progress::want_read;
    case SSL_ERROR_WANT_WRITE:
        return progress::want_write;
    case SSL_ERROR_ZERO_RETURN:
        return progress::ended;
    default:
        tls_broken_ = true;
        return progress::failed; // a reset or missing close_notify is an ordinary disconnect
    }
}

connection::progress connection::receive(std::span<char> buffer, std::size_t& count) {
    count = 0;
    if (!ssl_) {
        const auto n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (n < 0) return errno == EAGAIN || errno == EINTR ? progress::want_read : progress::failed;
        count = static_cast<std::size_t>(n);
        return n == 0 ? progress::ended : progress::done;
    }
    // A record holds 16 KiB at most; what else has arrived is worth having in the same turn.
    auto state = progress::done;
    while (count < buffer.size() && state == progress::done) {
        std::size_t n = 0;
        ERR_clear_error();
        state = tls_progress(SSL_read_ex(ssl_.get(), buffer.data() + count, buffer.size() - count, &n));
        if (state == progress::done) count += n;
    }
    return count > 0 ? progress::done : state;
}

connection::progress connection::transmit(std::string_view bytes, std::size_t& count) {
    count = 0;
    if (ssl_) {
        ERR_clear_error();
        return tls_progress(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count));
    }
    const auto n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR ? progress::want_write : progress::failed;
    count = static_cast<std::size_t>(n);
    return progress::done;
}

result<std::optional<std::size_t>> connection::read_now(std::span<char> buffer) {
    if (!socket_.is_open()) return fail(errc::unreachable);
    std::size_t count = 0;
    switch (receive(buffer, count)) {
    case progress::done:
        return std::optional<std::size_t>(count);
    case progress::ended:
        return std::optional<std::size_t>(0);
    case progress::failed:
        return fail(errc::unreachable);
    default:
        return std::optional<std::size_t>();
    }
}

awaitable<result<std::size_t>> connection::read_some(std::span<char> buffer, steady_time deadline) {
    std::size_t count = 0;
    while (socket_.is_open()) {
        const auto state = receive(buffer, count);
        if (state == progress::done || state == progress::ended) co_return count;
        if (state == progress::failed) break;
        auto ready = co_await wait(state, reading, deadline);
        if (!ready) co_return fail(std::move(ready.error()));
    }
    co_return fail(errc::unreachable);
}

awaitable<result<std::size_t>> connection::write_some(std::string_view bytes, steady_time deadline) {
    std::size_t count = 0;
    while (socket_.is_open()) {
        const auto state = transmit(bytes, count);
        if (state == progress::done) co_return count;
        if (state == progress::failed || state == progress::ended) break;
        auto ready = co_await wait(state, writing, deadline);
        if (!ready) co_return fail(std::move(ready.error()));
    }
    co_return fail(errc::unreachable);
}

awaitable<result<void>> connection::wait_idle(steady_time deadline) {
    if (draining_) co_return fail(errc::unreachable);
    idle_ = true;
    auto ready = co_await wait(progress::want_read, reading, deadline);
    idle_ = false;
    co_return ready;
}

awaitable<result<void>> connection::wait(progress want, direction slot, steady_time deadline) {
    auto& own = waits_[slot];
    own.active = true;
    own.expired = false;
    own.deadline = deadline;
    const auto type = want == progress::want_write ? asio::posix::descriptor_base::wait_write
                                                   : asio::posix::descriptor_base::wait_read;
    bool ready = false;
    // A cancelled wait is only over for the one it was meant for: deadlines and draining cancel all of the socket's.
    while (!ready && !own.expired && socket_.is_open() && !(idle_ && draining_)) {
        arm_timer();
        auto [failure] = co_await socket_.async_wait(type, asio::as_tuple(asio::use_awaitable));
        if (failure && failure != asio::error::operation_aborted) break;
        ready = !failure;
    }
    own.active = false;
    if (own.expired) co_return fail(errc::timeout);
    if (!ready || !socket_.is_open()) co_return fail(errc::unreachable);
    co_return result<void>();
}

/// Waits are many and nearly all end early, so the timer is only moved when a deadline comes before the one it runs
/// for.
void connection::arm_timer() {
    auto first = steady_time::max();
    for (const auto& w : waits_)
        if (w.active) first = std::min(first, w.deadline);
    if (first >= armed_for_) return;
    armed_for_ = first;
    timer_.expires_at(first);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
        if (failure) return;
        if (auto self = weak.lock()) self->on_timer();
    });
}

void connection::on_timer() {
    armed_for_ = steady_time::max();
    const auto now = std::chrono::steady_clock::now();
    bool any = false;
    for (auto& w : waits_)
        if (w.active && w.deadline <= now) w.expired = any = true;
    boost::system::error_code ignored;
    if (any) socket_.cancel(ignored);
    arm_timer();
}

void connection::watch(std::function<void()> readable) {
    readable_ = std::move(readable);
    auto on_ready = [weak = weak_from_this()](const boost::system::error_code& failure) {
        auto self = weak.lock();
        if (failure || !self || !self->readable_) return;
        const auto call = std::exchange(self->readable_, nullptr);
        call();
    };
    socket_.async_wait(asio::posix::descriptor_base::wait_read, std::move(on_ready));
}

void connection::stop_watching() {
    if (!readable_) return;
    readable_ = nullptr;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

awaitable<void> connection::linger(std::size_t most, steady_time deadline) {
    if (!socket_.is_open()) co_return;
    say_goodbye();
    ::shutdown(socket_.native_handle(), SHUT_WR);
    std::array<char, 4096> waste;
    for (std::size_t total = 0; total < most && socket_.is_open();) {
        const auto n = ::recv(socket_.native_handle(), waste.data(), waste.size(), MSG_DONTWAIT);
        if (n > 0) {
            total += static_cast<std::size_t>(n);
        } else if (n == 0 || errno != EAGAIN) {
            co_return;
        } else {
            const auto ready = co_await wait(progress::want_read, reading, deadline);
            if (!ready) co_return;
        }
    }
}

void connection::say_goodbye() {
    if (!ssl_ || tls_broken_ || !SSL_is_init_finished(ssl_.get())) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

void connection::close() {
    readable_ = nullptr;
    drain_call_ = nullptr;
    if (!socket_.is_open()) return;
    say_goodbye();
    boost::system::error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
}

void connection::on_drain(std::function<void()> call) {
    drain_call_ = std::move(call);
    if (draining_ && drain_call_) drain_call_();
}

void connection::begin_drain() {
    if (std::exchange(draining_, true)) return;
    boost::system::error_code ignored;
    if (idle_) socket_.cancel(ignored);
    if (drain_call_) drain_call_();
}

void connection::drain() {
    asio::post(executor_, [self = shared_from_this()] { self->begin_drain(); });
}

void connection::abort() {
    asio::post(executor_, [self = shared_from_this()] { self->close(); });
}

} // namespace truc::net
