#include "raw_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace truc::test {

namespace {

file_handle open_socket(int family) {
    file_handle socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{10, 0};
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return socket;
}

/// What the system said of it.
void require(int rc) {
    if (rc != 0) throw std::system_error(errno, std::generic_category(), "connect");
}

} // namespace

raw_socket::raw_socket(std::uint16_t port, const std::string& from) : socket_(open_socket(AF_INET)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, from.c_str(), &address.sin_addr);
    require(::bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

raw_socket::raw_socket(const std::filesystem::path& unix_socket) : socket_(open_socket(AF_UNIX)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, unix_socket.c_str(), sizeof address.sun_path - 1);
    require(::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

bool raw_socket::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::size_t raw_socket::receive(char* to, std::size_t most) {
    const auto n = ::recv(socket_.fd(), to, most, 0);
    if (n < 0 && errno == EAGAIN) timed_out_ = true;
    return n > 0 ? static_cast<std::size_t>(n) : 0;
}

std::string raw_socket::read_all() { return read(std::string::npos); }

std::string raw_socket::read(std::size_t count) {
    std::string all;
    std::array<char, 65536> piece;
    while (all.size() < count) {
        const auto n = receive(piece.data(), std::min(piece.size(), count - all.size()));
        if (n == 0) break;
        all.append(piece.data(), n);
    }
    return all;
}

std::string raw_socket::read_until(std::string_view text) {
    std::string all;
    char c = 0;
    while (all.find(text) == std::string::npos && receive(&c, 1) == 1) all.push_back(c);
    return all;
}

bool raw_socket::is_closed_by_peer() {
    read_all();
    return !timed_out_;
}

void raw_socket::end_writing() { ::shutdown(socket_.fd(), SHUT_WR); }

void raw_socket::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

} // namespace truc::test
