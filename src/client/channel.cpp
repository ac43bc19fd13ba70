#include "channel.hpp"

#include <truc/trust/socket_bio.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <poll.h>

namespace truc::client {

namespace {

auto lost(std::string why) { return fail(errc::unreachable, std::move(why)); }

int time_left(deadline until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
}

/// True: ready (or broken, which the next operation tells). False: time is up.
bool poll_one(int fd, short events, int milliseconds) {
    pollfd p{fd, events, 0};
    int rc = 0;
    do rc = ::poll(&p, 1, milliseconds);
    while (rc < 0 && errno == EINTR);
    return rc != 0;
}

result<file_handle> connect_to(const sockaddr* address, socklen_t size, int family, deadline until) {
    file_handle socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return lost(std::strerror(errno));
    if (::connect(socket.fd(), address, size) == 0) return socket;
    if (errno != EINPROGRESS) return lost(std::strerror(errno));
    if (!poll_one(socket.fd(), POLLOUT, time_left(until))) return fail(errc::timeout, "connecting");
    int code = 0;
    socklen_t length = sizeof code;
    ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &code, &length);
    if (code != 0) return lost(std::strerror(code));
    return socket;
}

result<file_handle> connect_local(const std::filesystem::path& path, deadline until) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto name = path.string();
    if (name.size() >= sizeof address.sun_path) return lost("socket path too long");
    std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
    return connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address, AF_UNIX, until);
}

result<file_handle> connect_tcp(const server_address& where, deadline until) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int rc = ::getaddrinfo(where.host().c_str(), where.port().c_str(), &hints, &found); rc != 0)
        return lost(::gai_strerror(rc));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    result<file_handle> last = lost("no address");
    for (const auto* a = found; a && !last; a = a->ai_next)
        last = connect_to(a->ai_addr, a->ai_addrlen, a->ai_family, until);
    if (last) {
        const int on = 1;
        ::setsockopt(last->fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return last;
}

std::string tls_fault(const SSL* ssl) {
    if (const long verified = SSL_get_verify_result(ssl); verified != X509_V_OK)
        return X509_verify_cert_error_string(verified);
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "connection closed";
}

} // namespace

result<channel> channel::open(const server_address& where, const trust::tls_context* tls, deadline until) {
    auto socket = where.is_local() ? connect_local(where.socket(), until) : connect_tcp(where, until);
    if (!socket) return fail(std::move(socket.error()));
    channel c(std::move(*socket));
    if (tls)
        if (auto done = c.shake_hands(*tls, where.host(), until); !done) return fail(std::move(done.error()));
    return c;
}

result<void> channel::shake_hands(const trust::tls_context& tls, const std::string& host, deadline until) {
    ssl_.reset(SSL_new(tls.get()));
    if (!ssl_) return lost("SSL_new");
    BIO* bio = trust::make_socket_bio(socket_.fd());
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_set_read_ahead(ssl_.get(), 1); // one system call a record instead of two
    trust::expect_server(ssl_.get(), host);
    for (;;) {
        ERR_clear_error();
        const int rc = SSL_connect(ssl_.get());
        if (rc == 1) return {};
        if (auto ready = wait_for_tls(rc, until); !ready) return ready;
    }
}

result<void> channel::wait(short events, deadline until) const {
    if (!poll_one(socket_.fd(), events, time_left(until))) return fail(errc::timeout, "waiting for the server");
    return {};
}

result<void> channel::wait_for_tls(int rc, deadline until) const {
    switch (SSL_get_error(ssl_.get(), rc)) {
    case SSL_ERROR_WANT_READ:
        return wait(POLLIN, until);
    case SSL_ERROR_WANT_WRITE:
        return wait(POLLOUT, until);
    default:
        return lost(tls_fault(ssl_.get()));
    }
}

result<std::size_t> channel::read_some(std::span<char> buffer, deadline until) {
    for (;;) {
        if (ssl_) {
            std::size_t n = 0;
            ERR_clear_error();
            const int rc = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &n);
            if (rc == 1) return n;
            if (SSL_get_error(ssl_.get(), rc) == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
            if (auto ready = wait_for_tls(rc, until); !ready) return fail(std::move(ready.error()));
            continue;
        }
        const auto n = ::recv(socket_.fd(), buffer.data(), buffer.size(), 0);
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno != EAGAIN && errno != EINTR) return lost(std::strerror(errno));
        if (auto ready = wait(POLLIN, until); !ready) return fail(std::move(ready.error()));
    }
}

result<void> channel::write_all(std::string_view bytes, deadline until) {
    while (!bytes.empty()) {
        if (ssl_) {
            std::size_t n = 0;
            ERR_clear_error();
            const int rc = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &n);
            if (rc != 1)
                if (auto ready = wait_for_tls(rc, until); !ready) return ready;
            bytes.remove_prefix(n);
            continue;
        }
        const auto n = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
            continue;
        }
        if (errno != EAGAIN && errno != EINTR) return lost(std::strerror(errno));
        if (auto ready = wait(POLLOUT, until); !ready) return ready;
    }
    return {};
}

bool channel::readable(std::chrono::milliseconds within) const {
    if (ssl_ && SSL_has_pending(ssl_.get())) return true;
    return poll_one(socket_.fd(), POLLIN, static_cast<int>(within.count()));
}

bool channel::is_fresh() {
    if (!readable(std::chrono::milliseconds(0))) return true;
    if (!ssl_) return false;
    // TLS may have had something to say to itself.
    char c = 0;
    std::size_t n = 0;
    ERR_clear_error();
    const int rc = SSL_peek_ex(ssl_.get(), &c, 1, &n);
    return rc != 1 && SSL_get_error(ssl_.get(), rc) == SSL_ERROR_WANT_READ;
}

} // namespace truc::client
