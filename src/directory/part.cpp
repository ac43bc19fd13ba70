#include "part.hpp"

#include <truc/directory/json_lines.hpp>

#include <algorithm>

namespace truc::directory {

namespace {

bool is_named_before(const node* n, std::string_view name) { return n->name < name; }

agency closing_of(const agency& a) {
    agency said(a.code);
    said.name = a.name;
    said.node = a.node;
    said.successors = a.successors;
    said.valid_to = a.valid_to;
    return said;
}

} // namespace

const node* part::child(std::string_view name) const {
    const auto found = std::lower_bound(children.begin(), children.end(), name, is_named_before);
    return found != children.end() && (*found)->name == name ? *found : nullptr;
}

parts_by_node parts_of(const directory& all) {
    parts_by_node parts;
    for (const auto& a : all.agencies()) parts[a.node].agencies.push_back(&a);
    for (const auto& c : all.clients()) parts[std::string(all.home_of(c))].clients.push_back(&c);
    for (const auto& n : all.nodes()) {
        parts[n.name].record = &n;
        if (!n.parent.empty()) parts[n.parent].children.push_back(&n);
    }
    return parts;
}

std::vector<const agency*> closings_of(const directory& all, std::string_view node) {
    std::vector<const agency*> closed;
    for (const auto& a : all.agencies())
        if (a.valid_to && all.is_below(node, a.node)) closed.push_back(&a);
    return closed;
}

part part_of(const section_records& records, std::string_view node) {
    part made;
    for (const auto& a : records.agencies) made.agencies.push_back(&a);
    for (const auto& a : records.closings) made.closings.push_back(&a);
    for (const auto& c : records.clients) made.clients.push_back(&c);
    for (const auto& n : records.nodes)
        if (n.name == node)
            made.record = &n;
        else
            made.children.push_back(&n);
    std::sort(made.children.begin(), made.children.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
    return made;
}

std::string section_body(const directory& own, std::string_view node) {
    const auto parts = parts_of(own);
    const auto found = parts.find(node);
    if (found == parts.end()) return {};
    const part& mine = found->second;
    std::string body;
    const auto add = [&](const auto& value) { body.append(to_json_line(value)).append("\n"); };
    if (mine.record) add(*mine.record);
    for (const auto* child : mine.children) add(*child);
    for (const auto* a : mine.agencies) add(*a);
    for (const auto* a : closings_of(own, node)) add(closing_of(*a));
    for (const auto* c : mine.clients) add(*c);
    return body;
}

} // namespace truc::directory
