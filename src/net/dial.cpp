#include <truc/net/dial.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace truc::net {

namespace {

using asio::ip::tcp;

/// What a resolver found. It outlives the dialling that gave up waiting for it: a name server's silence cannot be cut
/// short.
struct search {
    explicit search(const connection::strand& executor) : resolver(executor) {}

    asio::ip::basic_resolver<tcp, connection::strand> resolver;
    wakeup bell;
    std::vector<tcp::endpoint> found;
};

awaitable<result<std::vector<tcp::endpoint>>> resolve(connection::strand executor, std::string host, std::uint16_t port,
                                                      steady_time deadline) {
    boost::system::error_code not_numeric;
    const auto address = asio::ip::make_address(host, not_numeric);
    if (!not_numeric) co_return std::vector<tcp::endpoint>(1, tcp::endpoint(address, port));
    const auto under_way = std::make_shared<search>(executor);
    under_way->resolver.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                                      [under_way](const boost::system::error_code& failure, const auto& results) {
                                          if (!failure)
                                              for (const auto& one : results) under_way->found.push_back(one);
                                          under_way->bell.notify();
                                      });
    const bool answered = co_await under_way->bell.wait_until(deadline);
    if (!answered) co_return fail(errc::timeout, host);
    if (under_way->found.empty()) co_return fail(errc::unreachable, host);
    co_return under_way->found;
}

/// A socket whose connect() is under way, or none.
file_handle begin_connect(const tcp::endpoint& to) {
    const int family = to.protocol().family();
    file_handle socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return {};
    const int on = 1;
    ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int rc = ::connect(socket.fd(), to.data(), static_cast<socklen_t>(to.size()));
    if (rc != 0 && errno != EINPROGRESS) return {};
    return socket;
}

std::string text_of(const tcp::endpoint& address) {
    const auto host = address.address().to_string();
    return (address.address().is_v6() ? "[" + host + "]:" : host + ":") + std::to_string(address.port());
}

/// Null: this address does not answer.
awaitable<std::shared_ptr<connection>> connect(connection::strand executor, tcp::endpoint to, steady_time deadline) {
    auto socket = begin_connect(to);
    if (!socket) co_return nullptr;
    peer_info peer;
    peer.address = text_of(to);
    auto made = std::make_shared<connection>(executor, std::move(socket), std::move(peer));
    const auto done = co_await made->connected(deadline);
    if (done) co_return made;
    made->close();
    co_return nullptr;
}

} // namespace

awaitable<result<std::shared_ptr<connection>>> dial(connection::strand executor, std::string host, std::uint16_t port,
                                                    std::shared_ptr<const trust::tls_context> tls,
                                                    steady_time deadline) {
    const auto addresses = co_await resolve(executor, host, port, deadline);
    if (!addresses) co_return fail(addresses.error());
    for (std::size_t i = 0; i < addresses->size(); ++i) {
        // What is left is shared by the addresses not tried yet: one that swallows packets must not use up all of it.
        const auto now = std::chrono::steady_clock::now();
        const auto share = (deadline - now) / static_cast<int>(addresses->size() - i);
        auto made = co_await connect(executor, (*addresses)[i], now + share);
        if (!made) continue;
        const auto secured = co_await made->handshake(*tls, deadline);
        if (secured) co_return made;
        made->close();
        co_return fail(secured.error());
    }
    co_return fail(std::chrono::steady_clock::now() >= deadline ? errc::timeout : errc::unreachable, host);
}

} // namespace truc::net
