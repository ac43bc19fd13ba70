#pragma once
/// A session of ours with a peer that writes what a fuzzer says, over a pair of sockets.

#include <truc/amqp/session.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <string_view>

namespace truc::fuzz {

/// All of `input` is written at once, then the peer ends its stream; what the session answers is thrown away.
/// `make_handler(session)` makes its handler, which is destroyed before this returns.
template <class MakeHandler>
void serve(std::string_view input, amqp::session_options options, bool certificate, MakeHandler make_handler) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
    const file_handle peer(ends[0]);
    net::asio::io_context context(1);
    {
        auto strand = net::asio::make_strand(context);
        net::peer_info info;
        if (certificate) info.certificate = sha256("peer");
        auto connection = std::make_shared<net::connection>(strand, file_handle(ends[1]), info);
        auto session = amqp::session::make(connection, std::move(options));
        auto handler = make_handler(*session);
        net::asio::co_spawn(strand, session->run(*handler), net::asio::detached);
        (void)::send(peer.fd(), input.data(), input.size(), MSG_NOSIGNAL);
        ::shutdown(peer.fd(), SHUT_WR);
        std::array<char, 65536> answer;
        while (context.run_for(std::chrono::milliseconds(20)), !context.stopped())
            while (::recv(peer.fd(), answer.data(), answer.size(), 0) > 0) {
            }
    }
}

} // namespace truc::fuzz
