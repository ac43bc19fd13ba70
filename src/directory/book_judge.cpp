#include "book_state.hpp"

#include <fmt/format.h>

namespace truc::directory {

/// A section that is judged, and how its node would stand with it.
struct section_book::state::newcomer {
    const section& said;
    part content;

    std::string_view node() const { return said.node; }
    tl::unexpected<error> refuse(errc code, std::string_view what) const {
        return fail(code, fmt::format("version {} of the section of {}: {}", said.version, said.node, what));
    }
    tl::unexpected<error> refuse_taken(std::string_view what, std::string_view owner) const {
        return refuse(errc::section_conflict, fmt::format("{} belongs to node {}", what, owner));
    }
};

result<taking> section_book::state::judge(const section& s) const {
    const auto version = judge_version(s);
    if (!version || *version == taking::known || s.node == self_) return version;
    if (!nodes_.contains(s.node))
        return newcomer{s, {}}.refuse(errc::section_node_unknown, "no node names it as its child");
    if (const auto fits = judge_content(s); !fits) return fail(fits.error());
    return taking::fresh;
}

result<void> section_book::state::judge_content(const section& s) const {
    const newcomer n{s, part_of(s.records, s.node)};
    for (const auto step : {&state::judge_children, &state::judge_closings, &state::judge_names})
        if (auto done = (this->*step)(n); !done) return done;
    return {};
}

result<taking> section_book::state::judge_version(const section& s) const {
    const auto found = entries_.find(s.node);
    if (found == entries_.end()) return taking::fresh;
    const book_entry& known = found->second;
    const auto refuse = [&](errc code, std::string_view what) {
        return fail(code, fmt::format("version {} of the section of {}: {}", s.version, s.node, what));
    };
    if (s.version < known.version) return refuse(errc::section_old, fmt::format("version {} is known", known.version));
    if (s.version == known.version && s.digest != known.digest)
        return refuse(errc::section_fork, "another text of this version is known");
    if (s.version == known.version) return known.is_followed() ? taking::known : taking::fresh;
    // A node that had been forgotten may have gone on meanwhile: nothing is in force that a version has to follow.
    if (s.version > known.version + 1 && known.is_followed())
        return refuse(errc::section_gap, fmt::format("version {} is the last one known", known.version));
    if (s.version == known.version + 1 && s.previous != known.digest)
        return refuse(errc::section_fork, "it follows another text of the version before");
    return taking::fresh;
}

/// A child may be new, or be let go by this very section; else it must be this node's already.
result<void> section_book::state::judge_children(const newcomer& n) const {
    constexpr std::size_t most_levels = 60;
    if (!n.content.children.empty() && depth_of(n.node()) > most_levels)
        return n.refuse(errc::section_not_yours, fmt::format("more than {} levels of nodes", most_levels));
    for (const auto* child : n.content.children) {
        const auto what = fmt::format("node {}", child->name);
        if (is_above(child->name, n.node())) return n.refuse(errc::section_not_yours, what);
        const auto known = nodes_.find(child->name);
        if (known == nodes_.end() || known->second.parent == n.node()) continue;
        const auto& parent = known->second.parent;
        const bool is_free = child->name != self_ && !parent.empty() && !remains(parent, n);
        if (!is_free) return n.refuse_taken(what, parent.empty() ? child->name : parent);
    }
    return {};
}

/// Of an agency whose node is not known (yet) nothing can be closed; compose() looks again.
result<void> section_book::state::judge_closings(const newcomer& n) const {
    for (const auto* closing : n.content.closings)
        if (nodes_.contains(closing->node) && !lies_below(closing->node, n))
            return n.refuse(errc::section_not_yours,
                            fmt::format("agency {} of node {}", closing->code.str(), closing->node));
    return {};
}

result<void> section_book::state::judge_names(const newcomer& n) const {
    const auto conflict =
        claims_.find_conflict(n.content, n.node(), [&](std::string_view owner) { return remains(owner, n); });
    if (conflict) return n.refuse_taken(conflict->what, conflict->owner);
    return {};
}

bool section_book::state::is_above(std::string_view ancestor, std::string_view node) const {
    for (auto at = nodes_.find(node); at != nodes_.end(); at = nodes_.find(at->second.parent))
        if (at->second.parent == ancestor) return true;
    return false;
}

/// Whether a known node would still be known with this section in force.
bool section_book::state::remains(std::string_view node, const newcomer& n) const {
    for (;;) {
        if (node == self_ || node == n.node() || n.content.child(node)) return true;
        const auto found = nodes_.find(node);
        if (found == nodes_.end() || found->second.parent == n.node()) return false;
        if (found->second.parent.empty()) return true;
        node = found->second.parent;
    }
}

bool section_book::state::lies_below(std::string_view node, const newcomer& n) const {
    for (;;) {
        if (n.content.child(node)) return true;
        const auto found = nodes_.find(node);
        if (found == nodes_.end() || found->second.parent.empty()) return false;
        // Its child by what was said before; if it still were, it would have been found above.
        if (found->second.parent == n.node()) return node == self_;
        node = found->second.parent;
    }
}

} // namespace truc::directory
