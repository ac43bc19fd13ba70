#include "bad_peers.hpp"

#include <truc/base/durable.hpp>
#include <truc/trust/socket_bio.hpp>

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace truc::bench {

namespace {

using std::chrono::steady_clock;

constexpr auto turn_length = std::chrono::milliseconds(20);
constexpr auto time_between_bytes = std::chrono::seconds(1);
constexpr auto time_to_reopen = std::chrono::seconds(1);
constexpr std::string_view garbage = "\x01\x02 this is neither TLS nor HTTP nor AMQP\r\n\r\n";
constexpr std::string_view slow_request = "GET /v1/inbox HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";

file_handle begin_connecting(std::uint16_t port) {
    file_handle socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!socket) return socket;
    const int begun = ::connect(socket.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    return begun == 0 || errno == EINPROGRESS ? std::move(socket) : file_handle();
}

} // namespace

class bad_peers::peer {
  public:
    enum class manner { silent, half_handshake, slow, garbage };

    peer(manner m, std::uint16_t port, std::shared_ptr<const trust::tls_context> tls)
        : manner_(m), port_(port), tls_(std::move(tls)) {}

    void turn(steady_clock::time_point now);
    bool connected() const { return static_cast<bool>(socket_); }

  private:
    struct ssl_free {
        void operator()(SSL* s) const { SSL_free(s); }
    };
    void open();
    void close(steady_clock::time_point now);
    bool was_closed();
    bool misbehave(steady_clock::time_point now);
    bool say(std::string_view bytes);
    bool say_slowly(steady_clock::time_point now);

    const manner manner_;
    const std::uint16_t port_;
    const std::shared_ptr<const trust::tls_context> tls_;
    file_handle socket_;
    std::unique_ptr<SSL, ssl_free> ssl_; // freed before the socket is closed
    steady_clock::time_point next_;      ///< when there is something to do
    std::size_t said_ = 0;
};

void bad_peers::peer::turn(steady_clock::time_point now) {
    if (socket_ && was_closed()) close(now);
    if (now < next_) return;
    if (!socket_) return open();
    if (!misbehave(now)) close(now);
}

void bad_peers::peer::open() {
    socket_ = begin_connecting(port_);
    said_ = 0;
    if (!socket_ || manner_ == manner::silent || manner_ == manner::garbage) return;
    ssl_.reset(SSL_new(tls_->get()));
    auto* const bio = trust::make_socket_bio(socket_.fd());
    SSL_set_bio(ssl_.get(), bio, bio);
}

void bad_peers::peer::close(steady_clock::time_point now) {
    ssl_.reset();
    socket_ = file_handle();
    next_ = now + time_to_reopen;
}

bool bad_peers::peer::was_closed() {
    char byte = 0;
    const auto n = ::recv(socket_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != ENOTCONN);
}

/// False: the connection is of no use any more.
bool bad_peers::peer::misbehave(steady_clock::time_point now) {
    switch (manner_) {
    case manner::silent:
        return true;
    case manner::half_handshake:
        // What the node answers is never read, so the handshake ends here.
        if (said_++ == 0) SSL_connect(ssl_.get());
        return true;
    case manner::garbage:
        return said_ > 0 || say(garbage);
    case manner::slow:
        return say_slowly(now);
    }
    return false;
}

bool bad_peers::peer::say(std::string_view bytes) {
    const auto n = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == ENOTCONN;
    said_ += static_cast<std::size_t>(n);
    return true;
}

bool bad_peers::peer::say_slowly(steady_clock::time_point now) {
    const bool shaking_hands = !SSL_is_init_finished(ssl_.get());
    const char byte = said_ < slow_request.size() ? slow_request[said_] : 'x';
    const int n = shaking_hands ? SSL_connect(ssl_.get()) : SSL_write(ssl_.get(), &byte, 1);
    if (n <= 0) {
        const int why = SSL_get_error(ssl_.get(), n);
        return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    }
    if (shaking_hands) return true;
    ++said_;
    next_ = now + time_between_bytes;
    return true;
}

bad_peers::bad_peers(const network& n, std::shared_ptr<const trust::tls_context> tls, std::size_t count) {
    using manner = peer::manner;
    constexpr std::array manners = {manner::silent, manner::half_handshake, manner::slow, manner::garbage};
    for (std::size_t i = 0; i < count; ++i) {
        const auto port = i / manners.size() % 2 == 0 ? n.http_port : n.amqp_port;
        peers_.push_back(std::make_unique<peer>(manners[i % manners.size()], port, tls));
    }
    thread_ = std::thread([this] { run(); });
}

bad_peers::~bad_peers() {
    stopping_ = true;
    thread_.join();
}

void bad_peers::run() {
    while (!stopping_) {
        const auto now = steady_clock::now();
        for (const auto& p : peers_) p->turn(now);
        const auto connected =
            std::count_if(peers_.begin(), peers_.end(), [](const auto& p) { return p->connected(); });
        connected_ = static_cast<std::size_t>(connected);
        std::this_thread::sleep_for(turn_length);
    }
}

} // namespace truc::bench
