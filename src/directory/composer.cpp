#include "composer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace truc::directory {

namespace {

constexpr std::size_t no_parent = std::size_t(-1);

const std::string& form_of(const agency_code& code) { return code.str(); }
const sha256_digest& form_of(const sha256_digest& digest) { return digest; }
std::string_view bytes_of(const agency_code& code) { return code.str(); }
std::string_view bytes_of(const sha256_digest& digest) { return digest.view(); }
std::string text_of(const agency_code& code) { return fmt::format("the code {}", code.str()); }
std::string text_of(const sha256_digest& digest) { return fmt::format("the certificate {}", digest.hex()); }

} // namespace

composition composer::compose() {
    add_nodes();
    add_agencies();
    close_agencies();
    connect_parents();
    break_circles();
    add_clients();
    made_.in_force.index_search_text();
    return std::move(made_);
}

void composer::leave_out(errc code, std::string what) {
    ++made_.left_out_count;
    if (made_.left_out.size() < composition::most_described) made_.left_out.emplace_back(code, std::move(what));
}

/// `claimant` says that it has `key` (of a record of its own), which is somebody else's.
void composer::leave_to(std::string_view owner, std::string_view claimant, std::string_view key, std::string_view of) {
    const auto is_from = [this](std::string_view node, source from) {
        const auto at = nodes_.find(node);
        return at != nodes_.end() && at->second.from == from;
    };
    if (!made_.displaced && is_from(owner, source::this_node) && is_from(claimant, source::section))
        made_.displaced.emplace(errc::section_conflict, fmt::format("{} belongs to node {}", key, claimant));
    leave_out(errc::section_conflict,
              of.empty() ? fmt::format("{} of node {}: it belongs to node {}", key, claimant, owner)
                         : fmt::format("{} of node {}: {} belongs to node {}", of, claimant, key, owner));
}

/// Everybody's records of one kind, sorted, without those whose key is another's.
template <class Value, class Key>
auto composer::owned(std::vector<const Value*> part::*records, claims::kind kind, Key key)
    -> std::vector<statement<Value>> {
    std::vector<statement<Value>> kept;
    for (const auto& [name, s] : nodes_)
        for (const auto* value : s.content.*records) {
            const auto owner = owners_.owner_of(kind, key(*value));
            if (owner == name)
                kept.push_back({value, name});
            else
                leave_to(owner, name, key(*value));
        }
    std::sort(kept.begin(), kept.end(), [&](const auto& a, const auto& b) { return key(*a.value) < key(*b.value); });
    return kept;
}

/// Enters the keys of one record into an index and takes those out of it that are another's.
template <class Index, class Key>
void composer::keep_owned(Index& index, std::vector<Key>& keys, claims::kind kind, std::size_t position,
                          std::string_view node, std::string_view whose) {
    const auto is_foreign = [&](const Key& key) {
        const auto owner = owners_.owner_of(kind, bytes_of(key));
        if (owner == node)
            index.emplace(form_of(key), position);
        else
            leave_to(owner, node, text_of(key), whose);
        return owner != node;
    };
    keys.erase(std::remove_if(keys.begin(), keys.end(), is_foreign), keys.end());
}

// --- nodes -------------------------------------------------------------------------------------------------------

/// Its own word on itself, else its parent's, which also counts more than what our file says; where it stands says the
/// parent alone.
node composer::node_from(std::string_view name, const standing& s) {
    const auto above = nodes_.find(s.parent);
    const node* said = s.content.record;
    const node* const from_above = above != nodes_.end() ? above->second.content.child(name) : nullptr;
    if (from_above && (!said || s.from == source::own_file)) said = from_above;
    node made = said ? *said : node();
    made.name = name;
    made.parent = above != nodes_.end() ? s.parent : std::string();
    if (!s.parent.empty() && made.parent.empty())
        leave_out(errc::bad_directory, fmt::format("node {}: no node has the name {}", name, s.parent));
    const auto is_no_link = [&](const std::string& link) { return link == name || !nodes_.contains(link); };
    made.links.erase(std::remove_if(made.links.begin(), made.links.end(), is_no_link), made.links.end());
    return made;
}

void composer::add_nodes() {
    auto& d = made_.in_force;
    d.nodes_.reserve(nodes_.size());
    for (const auto& [name, s] : nodes_) {
        d.node_by_name_.emplace(name, d.nodes_.size());
        d.nodes_.push_back(node_from(name, s));
    }
    d.place_nodes();
}

// --- agencies ----------------------------------------------------------------------------------------------------

void composer::add_agencies() {
    auto& d = made_.in_force;
    const auto all =
        owned(&part::agencies, claims::code, [](const agency& a) -> const std::string& { return a.code.str(); });
    d.agencies_.reserve(all.size());
    d.agency_by_code_.reserve(all.size() * 2);
    d.agency_by_certificate_.reserve(all.size());
    for (const auto& [value, node] : all) {
        const auto position = d.agencies_.size();
        agency& a = d.agencies_.emplace_back(*value);
        d.agency_by_code_.emplace(a.code.str(), position);
        keep_owned(d.agency_by_code_, a.aliases, claims::code, position, node, a.code.str());
        keep_owned(d.agency_by_certificate_, a.certificates, claims::certificate, position, node, a.code.str());
        keep_gateway(a, node);
    }
}

/// Its node's section names the gateway, too; but another node may have a client with that id.
void composer::keep_gateway(agency& a, std::string_view node) {
    if (a.gateway.empty() || owners_.owner_of(claims::client_id, a.gateway) == node) return;
    leave_out(errc::section_conflict,
              fmt::format("{} of node {}: its gateway {} is another node's client", a.code.str(), node, a.gateway));
    a.gateway.clear();
}

void composer::close_agencies() {
    for (const auto& [name, s] : nodes_)
        for (const auto* closing : s.content.closings) close(*closing, name);
}

/// A closing of what is not known (any more) has nothing to close; the earliest one counts.
void composer::close(const agency& closing, std::string_view by) {
    auto& d = made_.in_force;
    const auto found = d.agency_by_code_.find(closing.code.str());
    if (found == d.agency_by_code_.end()) return;
    agency& a = d.agencies_[found->second];
    if (!d.is_below(by, a.node))
        return leave_out(errc::section_not_yours, fmt::format("closing of agency {} by node {}", a.code.str(), by));
    if (a.valid_to && *a.valid_to < *closing.valid_to) return;
    a.valid_to = closing.valid_to;
    if (!closing.successors.empty()) a.successors = closing.successors;
}

void composer::connect_parents() {
    auto& d = made_.in_force;
    for (auto& a : d.agencies_) {
        if (a.parent.empty()) continue;
        const auto found = d.agency_by_code_.find(a.parent);
        if (found == d.agency_by_code_.end())
            leave_out(errc::bad_directory,
                      fmt::format("{} of node {}: no agency has the code {}", a.code.str(), a.node, a.parent));
        a.parent = found == d.agency_by_code_.end() ? std::string() : d.agencies_[found->second].code.str();
    }
}

void composer::break_circles() {
    constexpr int most_levels = 64;
    auto& d = made_.in_force;
    std::vector<std::size_t> parents;
    for (const auto& a : d.agencies_)
        parents.push_back(a.parent.empty() ? no_parent : d.agency_by_code_.find(a.parent)->second);
    for (std::size_t i = 0; i < parents.size(); ++i) {
        std::size_t at = i;
        for (int level = 0; at != no_parent && level < most_levels; ++level) at = parents[at];
        if (at == no_parent) continue;
        agency& a = d.agencies_[i];
        leave_out(errc::bad_directory,
                  fmt::format("{} of node {}: the parents of this record run in a circle", a.code.str(), a.node));
        a.parent.clear();
        parents[i] = no_parent;
    }
}

// --- clients -----------------------------------------------------------------------------------------------------

void composer::add_clients() {
    auto& d = made_.in_force;
    const auto all =
        owned(&part::clients, claims::client_id, [](const client& c) -> const std::string& { return c.id; });
    d.clients_.reserve(all.size());
    for (const auto& [value, node] : all) {
        const auto position = d.clients_.size();
        client& c = d.clients_.emplace_back(*value);
        d.client_by_id_.emplace(c.id, position);
        keep_owned(d.client_by_certificate_, c.certificates, claims::client_certificate, position, node, c.id);
        connect_agencies(c, node);
    }
}

void composer::connect_agencies(client& c, std::string_view node) {
    std::vector<agency_code> known;
    for (const auto& code : c.agencies) {
        if (const agency* a = made_.in_force.find_agency(code.str()))
            known.push_back(a->code); // in case it was an alias
        else
            leave_out(errc::bad_directory,
                      fmt::format("{} of node {}: no agency has the code {}", c.id, node, code.str()));
    }
    c.agencies = std::move(known);
}

} // namespace truc::directory
