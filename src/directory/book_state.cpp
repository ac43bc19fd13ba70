#include "book_state.hpp"

#include <algorithm>

namespace truc::directory {

void section_book::state::use_own(std::shared_ptr<const directory> own) {
    own_ = std::move(own);
    own_parts_ = parts_of(*own_);
    nodes_.clear();
    const node* const record = own_->find_node(self_);
    nodes_[self_] = {record ? record->parent : std::string(), own_part(self_), source::this_node};
    std::vector<std::string> hung;
    hang_children(self_, hung);
    for (const auto& n : own_->nodes())
        if (n.parent.empty()) hang(n.name, "", hung);
    drop_records_of_unknown();
    claim_everything();
}

void section_book::state::claim(const standings::value_type& node) {
    if (!claims_.take(node.second.content, node.first)) contested_ = true;
}

/// For the beginning, and where several want the same: the better source first, and a proper code before an alias.
void section_book::state::claim_everything() {
    claims_.clear();
    contested_ = false;
    for (const auto from : all_sources) {
        for (const auto& [name, s] : nodes_)
            if (s.from == from) claims_.take_codes(s.content, name);
        for (const auto& node : nodes_)
            if (node.second.from == from) claim(node);
    }
}

part section_book::state::own_part(std::string_view node) const {
    const auto found = own_parts_.find(node);
    part made = found == own_parts_.end() ? part() : found->second;
    if (node != self_) return made;
    // Our own administrators' word counts for what nobody else can say, too.
    made.closings = closings_of(*own_, node);
    if (const auto others = own_parts_.find(""); others != own_parts_.end())
        made.clients.insert(made.clients.end(), others->second.clients.begin(), others->second.clients.end());
    return made;
}

part section_book::state::best_part(std::string_view node, source& from) const {
    const auto found = entries_.find(node);
    const bool is_signed = found != entries_.end() && found->second.in_force;
    from = is_signed ? source::section : source::own_file;
    return is_signed ? part_of(found->second.records, node) : own_part(node);
}

/// Makes a node known, with everything below it. Who is known already stays where it is.
void section_book::state::hang(std::string_view node, std::string_view parent, std::vector<std::string>& hung) {
    const auto [place, fresh] = nodes_.try_emplace(std::string(node));
    if (!fresh) return;
    standing& s = place->second;
    s.parent = parent;
    s.content = best_part(node, s.from);
    hung.emplace_back(node);
    hang_children(node, hung);
}

void section_book::state::hang_children(std::string_view node, std::vector<std::string>& hung) {
    for (const auto* child : nodes_.find(node)->second.content.children) hang(child->name, node, hung);
}

/// The opposite of hang(). This node itself stays, whatever others say of the nodes above it.
void section_book::state::forget(std::string_view node, std::vector<std::string>& forgotten) {
    const auto found = nodes_.find(node);
    if (found == nodes_.end() || node == self_) return;
    claims_.release(found->second.content, found->first);
    const auto children = std::move(found->second.content.children);
    forgotten.emplace_back(node);
    const std::string name = found->first;
    nodes_.erase(found);
    for (const auto* child : children) {
        const auto below = nodes_.find(child->name);
        if (below != nodes_.end() && below->second.parent == name) forget(child->name, forgotten);
    }
}

void section_book::state::drop_records_of_unknown() {
    for (auto& [name, e] : entries_) {
        if (nodes_.contains(name)) continue;
        e.in_force = false;
        e.records = {};
        e.waiting.reset();
    }
}

void section_book::state::wait(section s) {
    book_entry& e = entries_[s.node];
    e.version = s.version;
    e.digest = s.digest;
    s.text.clear(); // the store has it
    e.waiting = std::move(s);
}

/// One that comes into force may set free what another waits for.
std::vector<section_key> section_book::state::settle() {
    std::vector<section_key> settled;
    for (bool progress = true; progress;) {
        progress = false;
        for (auto& [name, e] : entries_) {
            if (!e.waiting || !nodes_.contains(name) || !judge_content(*e.waiting)) continue;
            settled.push_back({name, e.version});
            apply(std::move(*e.waiting));
            progress = true;
        }
    }
    return settled;
}

void section_book::state::apply(section s) {
    book_entry& e = entries_[s.node];
    e.version = s.version;
    e.digest = s.digest;
    e.waiting.reset();
    if (s.node == self_) {
        e.in_force = true;
        return;
    }
    const auto place = nodes_.find(s.node);
    standing& here = place->second;
    claims_.release(here.content, place->first);
    std::vector<std::string> before;
    for (const auto* child : here.content.children) before.push_back(child->name);
    e.in_force = true;
    e.records = std::move(s.records);
    here.content = part_of(e.records, s.node);
    here.from = source::section;
    std::vector<std::string> forgotten;
    for (const auto& child : before) {
        const auto below = nodes_.find(child);
        if (below == nodes_.end() || below->second.parent != s.node || here.content.child(child)) continue;
        forget(child, forgotten);
    }
    claim(*place);
    std::vector<std::string> hung;
    hang_children(s.node, hung);
    for (const auto& name : hung) claim(*nodes_.find(name));
    if (!forgotten.empty()) drop_records_of_unknown();
    if (contested_) claim_everything();
}

std::size_t section_book::state::depth_of(std::string_view node) const {
    std::size_t depth = 0;
    for (auto at = nodes_.find(node); at != nodes_.end() && !at->second.parent.empty(); ++depth)
        at = nodes_.find(at->second.parent);
    return depth;
}

} // namespace truc::directory
