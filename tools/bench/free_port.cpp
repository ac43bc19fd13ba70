#include "free_port.hpp"

#include "failure.hpp"

#include <truc/base/durable.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

namespace truc::bench {

std::uint16_t free_port() {
    const file_handle socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (!socket || ::bind(socket.fd(), raw, size) != 0 || ::getsockname(socket.fd(), raw, &size) != 0)
        throw failure("no free port on 127.0.0.1");
    return ntohs(address.sin_port);
}

} // namespace truc::bench
