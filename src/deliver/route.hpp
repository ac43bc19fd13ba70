#pragma once
#include <truc/directory/directory.hpp>

#include <string>

namespace truc::deliver {

/// Where a delivery goes next, by the directory of this moment.
struct route {
    enum class kind : std::uint8_t { neighbour, home, none };
    route::kind kind = kind::none;
    std::string name; ///< the neighbour; this node; or what no way is known to: a node, or an unknown agency

    bool operator==(const route&) const = default;
};

/// The recipient's home; after a reorganisation its successor's. A closed agency without a successor keeps its home,
/// which ends the delivery. Empty if the agency is unknown.
std::string home_of(const directory::directory& d, std::string_view recipient, timestamp now);
/// The code of who answers for a recipient that is closed; empty when it answers itself, or nobody does.
std::string successor_of(const directory::directory& d, std::string_view recipient, timestamp now);
route find_route(const directory::directory& d, std::string_view self, std::string_view recipient, timestamp now);

} // namespace truc::deliver
