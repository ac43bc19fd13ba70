#include <truc/directory/directory.hpp>

#include <algorithm>

namespace truc::directory {

// A route goes up, over at most one link sideways, and down; links may pass levels over in both directions. It cannot
// go round: a step up leads no further than to the first node that stands above both ends, a link sideways onto the
// line from there down to the target, and from that line every step leads further down along it. Parents run in no
// circle, so each loop below ends. The rest of a route is the route from there, seen from every node on it: is_behind()
// relies on that, and the checks of evidence on is_behind().

void directory::place_nodes() {
    places_.assign(nodes_.size(), place());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        places_[i].parent = position_of(nodes_[i].parent);
        for (const auto& name : nodes_[i].links) {
            const auto other = position_of(name);
            places_[i].links.push_back(other);
            places_[other].links.push_back(i);
        }
    }
    for (auto& p : places_) {
        for (auto at = p.parent; at != nowhere; at = places_[at].parent) ++p.depth;
        std::sort(p.links.begin(), p.links.end());
        p.links.erase(std::unique(p.links.begin(), p.links.end()), p.links.end());
    }
}

std::size_t directory::position_of(std::string_view node_name) const {
    const auto found = node_by_name_.find(node_name);
    return found == node_by_name_.end() ? nowhere : found->second;
}

/// The first node that is both or above both; nowhere when they stand in different trees.
std::size_t directory::meeting_point(std::size_t a, std::size_t b) const {
    while (a != b && a != nowhere && b != nowhere) {
        const auto difference = places_[a].depth - places_[b].depth;
        if (difference >= 0) a = places_[a].parent;
        if (difference <= 0) b = places_[b].parent;
    }
    return a == b ? a : nowhere;
}

/// The linked node that is nearest to the target on the line up from it. The line ends where the nodes meet: beyond, it
/// is no short cut.
std::size_t directory::linked_towards(std::size_t self, std::size_t target, std::size_t meeting) const {
    const auto& links = places_[self].links;
    if (links.empty()) return nowhere;
    for (auto at = target; at != nowhere && at != self; at = places_[at].parent) {
        if (std::binary_search(links.begin(), links.end(), at)) return at;
        if (at == meeting) break;
    }
    return nowhere;
}

/// As far up as a link leads on the way to a node above.
std::size_t directory::way_up(std::size_t self, std::size_t above) const {
    const auto& links = places_[self].links;
    auto best = places_[self].parent;
    for (auto at = best; at != above; at = places_[at].parent)
        if (std::binary_search(links.begin(), links.end(), places_[at].parent)) best = places_[at].parent;
    return best;
}

std::size_t directory::first_hop(std::size_t self, std::size_t target) const {
    if (self == target) return self;
    const auto meeting = meeting_point(self, target);
    if (const auto linked = linked_towards(self, target, meeting); linked != nowhere) return linked;
    if (meeting == self) {
        while (places_[target].parent != self) target = places_[target].parent;
        return target;
    }
    if (meeting != nowhere) return way_up(self, meeting);
    // Another tree: the first node above that has a link into it lets out.
    for (auto gate = places_[self].parent; gate != nowhere; gate = places_[gate].parent)
        if (linked_towards(gate, target, nowhere) != nowhere) return way_up(self, gate);
    return nowhere;
}

std::optional<std::string> directory::next_hop(std::string_view self, std::string_view target) const {
    const auto from = position_of(self);
    const auto to = position_of(target);
    if (from == nowhere || to == nowhere) return std::nullopt;
    const auto hop = first_hop(from, to);
    if (hop == nowhere) return std::nullopt;
    return nodes_[hop].name;
}

bool directory::is_behind(std::string_view self, std::string_view neighbour, std::string_view target) const {
    const auto from = position_of(self);
    const auto by = position_of(neighbour);
    const auto to = position_of(target);
    return from != nowhere && by != nowhere && to != nowhere && from != by && first_hop(from, to) == by;
}

bool directory::is_below(std::string_view ancestor, std::string_view target) const {
    const auto above = position_of(ancestor);
    const auto at = position_of(target);
    return above != nowhere && at != nowhere && above != at && meeting_point(above, at) == above;
}

} // namespace truc::directory
