#include "route.hpp"

#include <truc/deliver/forwarder.hpp>

namespace truc::deliver {

std::string home_of(const directory::directory& d, std::string_view recipient, timestamp now) {
    if (const auto answers = d.resolve_recipient(recipient, now)) return (*answers)->node;
    const auto* closed = d.find_agency(recipient);
    return closed ? closed->node : std::string();
}

std::string successor_of(const directory::directory& d, std::string_view recipient, timestamp now) {
    const auto answers = d.resolve_recipient(recipient, now);
    return answers && *answers != d.find_agency(recipient) ? (*answers)->code.str() : std::string();
}

route find_route(const directory::directory& d, std::string_view self, std::string_view recipient, timestamp now) {
    const auto home = home_of(d, recipient, now);
    if (home.empty()) return {route::kind::none, std::string(recipient)};
    if (home == self) return {route::kind::home, home};
    auto hop = d.next_hop(self, home);
    if (!hop) return {route::kind::none, home};
    return {route::kind::neighbour, std::move(*hop)};
}

std::string neighbour_towards(const directory::directory& d, std::string_view self, std::string_view recipient,
                              timestamp now) {
    auto way = find_route(d, self, recipient, now);
    return way.kind == route::kind::neighbour ? std::move(way.name) : std::string();
}

} // namespace truc::deliver
