#include "endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <pwd.h>
#include <system_error>
#include <unistd.h>

namespace truc::net {

namespace {

constexpr int backlog = 1024;

[[noreturn]] void raise(const endpoint& where, int code) {
    throw std::system_error(code, std::generic_category(), "cannot listen on " + where.str());
}

file_handle open_socket(const endpoint& where, int family) {
    file_handle socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) raise(where, errno);
    return socket;
}

file_handle listen_tcp(const endpoint& where) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (const int rc = ::getaddrinfo(where.host().c_str(), std::to_string(where.port()).c_str(), &hints, &found);
        rc != 0)
        throw std::system_error(EADDRNOTAVAIL, std::generic_category(),
                                fmt::format("cannot listen on {}: {}", where.str(), ::gai_strerror(rc)));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    auto socket = open_socket(where, found->ai_family);
    const int on = 1;
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket.fd(), found->ai_addr, found->ai_addrlen) != 0) raise(where, errno);
    return socket;
}

sockaddr_un local_address(const endpoint& where) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = where.path().string();
    if (path.size() >= sizeof address.sun_path) raise(where, ENAMETOOLONG);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

/// A socket file outlives its process. It may be replaced only when nobody answers behind it.
void remove_stale(const endpoint& where, const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(where.path().c_str(), &status) != 0) return;
    if (!S_ISSOCK(status.st_mode)) raise(where, EEXIST);
    const auto probe = open_socket(where, AF_UNIX);
    if (::connect(probe.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
        errno != ECONNREFUSED)
        raise(where, EADDRINUSE);
    ::unlink(where.path().c_str());
}

file_handle listen_local(const endpoint& where) {
    const auto address = local_address(where);
    remove_stale(where, address);
    auto socket = open_socket(where, AF_UNIX);
    // On Linux bind() makes the file with the mode of the socket: there is no moment at which others could connect.
    ::fchmod(socket.fd(), where.mode());
    if (::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) raise(where, errno);
    ::chmod(where.path().c_str(), where.mode());
    return socket;
}

std::string text_of(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        return fmt::format("{}:{}", text.data(), ntohs(v4.sin_port));
    }
    if (address.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        return fmt::format("[{}]:{}", text.data(), ntohs(v6.sin6_port));
    }
    return {};
}

std::string user_name(uid_t id) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> space;
    if (::getpwuid_r(id, &entry, space.data(), space.size(), &found) == 0 && found) return found->pw_name;
    return fmt::format("uid {}", id);
}

sockaddr_storage own_address(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return address;
}

} // namespace

endpoint endpoint::tcp(std::string host, std::uint16_t port) {
    endpoint e;
    e.host_ = std::move(host);
    e.port_ = port;
    return e;
}

endpoint endpoint::local(std::filesystem::path path, unsigned mode) {
    endpoint e;
    e.path_ = std::move(path);
    e.mode_ = mode;
    return e;
}

std::string endpoint::str() const { return is_local() ? path_.string() : fmt::format("{}:{}", host_, port_); }

file_handle listen_at(const endpoint& where) {
    auto socket = where.is_local() ? listen_local(where) : listen_tcp(where);
    if (::listen(socket.fd(), backlog) != 0) raise(where, errno);
    return socket;
}

std::uint16_t port_of(int socket) {
    const auto address = own_address(socket);
    if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    return 0;
}

std::string origin_of(const std::string& address) {
    const auto colon = address.rfind(':');
    if (!address.starts_with('[')) return address.substr(0, colon);
    in6_addr bits{};
    if (::inet_pton(AF_INET6, address.substr(1, colon - 2).c_str(), &bits) != 1) return address;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (IN6_IS_ADDR_V4MAPPED(&bits)) return ::inet_ntop(AF_INET, &bits.s6_addr[12], text.data(), text.size());
    std::memset(&bits.s6_addr[8], 0, 8);
    return fmt::format("{}/64", ::inet_ntop(AF_INET6, &bits, text.data(), text.size()));
}

peer_info peer_of(int socket) {
    peer_info peer;
    if (own_address(socket).ss_family == AF_UNIX) {
        ucred credentials{};
        socklen_t size = sizeof credentials;
        if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0)
            peer.user = user_name(credentials.uid);
        return peer;
    }
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0) peer.address = text_of(address);
    return peer;
}

} // namespace truc::net
