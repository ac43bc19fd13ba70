#include <truc/base/reachable.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdint>
#include <memory>
#include <netdb.h>

namespace truc {

namespace {

bool is_private_v4(std::uint32_t a) {
    const auto within = [a](std::uint32_t net, unsigned bits) { return (a ^ net) >> (32 - bits) == 0; };
    return within(0x7F000000, 8) ||                                                     // loopback
           within(0x0A000000, 8) || within(0xAC100000, 12) || within(0xC0A80000, 16) || // RFC 1918
           within(0xA9FE0000, 16);                                                      // RFC 3927
}

bool is_private_v6(const in6_addr& a) {
    if (IN6_IS_ADDR_V4MAPPED(&a))
        return is_private_v4(std::uint32_t{a.s6_addr[12]} << 24 | std::uint32_t{a.s6_addr[13]} << 16 |
                             std::uint32_t{a.s6_addr[14]} << 8 | a.s6_addr[15]);
    return IN6_IS_ADDR_LOOPBACK(&a) || IN6_IS_ADDR_LINKLOCAL(&a) || (a.s6_addr[0] & 0xFE) == 0xFC; // RFC 4193
}

bool is_private(const sockaddr* address) {
    if (address->sa_family == AF_INET)
        return is_private_v4(ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr));
    return address->sa_family == AF_INET6 && is_private_v6(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
}

} // namespace

bool is_private(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE; // as the listener will ask
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), "0", &hints, &found) != 0) return false;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    for (const auto* one = found; one; one = one->ai_next)
        if (!is_private(one->ai_addr)) return false;
    return true;
}

} // namespace truc
