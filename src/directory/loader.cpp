#include "loader.hpp"

#include <truc/directory/text_lines.hpp>

#include <fmt/format.h>

namespace truc::directory {

namespace {

constexpr std::size_t no_parent = std::size_t(-1);

/// Cuts the first line off, without its end (LF or CR LF).
std::string_view next_line(std::string_view& text) {
    auto line = take_line(text);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
}

/// Sorts the records, moves the values to where the directory keeps them and their lines beside them.
template <class Read, class Value, class Key>
void move_sorted(std::vector<Read>& from, std::vector<Value>& values, std::vector<std::size_t>& lines, Key key) {
    std::stable_sort(from.begin(), from.end(),
                     [&](const Read& a, const Read& b) { return key(a.value) < key(b.value); });
    values.reserve(from.size());
    lines.reserve(from.size());
    for (auto& r : from) {
        values.push_back(std::move(r.value));
        lines.push_back(r.line);
    }
    from.clear();
}

} // namespace

tl::unexpected<error> loader::fail_at(std::size_t line, std::string_view what) const {
    return fail(errc::bad_directory, fmt::format("{}:{}: {}", name_, line, what));
}

result<directory> loader::load(std::string_view text) {
    if (const auto read = read_lines(text); !read) return fail(read.error());
    sort_and_move();
    constexpr std::array steps = {&loader::index_nodes,   &loader::index_agencies, &loader::index_clients,
                                  &loader::check_nodes,   &loader::check_agencies, &loader::check_parents_of_agencies,
                                  &loader::check_clients, &loader::check_gateways};
    for (const auto step : steps)
        if (const auto done = (this->*step)(); !done) return fail(done.error());
    made_.place_nodes();
    return std::move(made_);
}

result<void> loader::read_lines(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF"; // Windows editors write one
    if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
    for (std::size_t line = 1; !text.empty(); ++line) {
        const auto content = next_line(text);
        if (!is_record(content)) continue;
        auto read = from_json_line(content);
        if (!read) return fail_at(line, read.error().what);
        if (auto* a = std::get_if<agency>(&*read)) agencies_.push_back({std::move(*a), line});
        if (auto* c = std::get_if<client>(&*read)) clients_.push_back({std::move(*c), line});
        if (auto* n = std::get_if<node>(&*read)) nodes_.push_back({std::move(*n), line});
    }
    return {};
}

void loader::sort_and_move() {
    move_sorted(
        agencies_, made_.agencies_, agency_lines_, [](const agency& a) -> auto& { return a.code.str(); });
    move_sorted(
        clients_, made_.clients_, client_lines_, [](const client& c) -> auto& { return c.id; });
    move_sorted(
        nodes_, made_.nodes_, node_lines_, [](const node& n) -> auto& { return n.name; });
    made_.index_search_text();
}

/// Enters a key that only one record may have; that the same record names it twice does no harm. `describe` names the
/// key in the message and is asked only then: there are hundreds of thousands of keys.
template <class Index, class Key, class Describe>
result<void> loader::claim(Index& index, const Key& key, std::size_t position, const std::vector<std::size_t>& lines,
                           Describe describe) {
    const auto [entry, fresh] = index.emplace(key, position);
    if (fresh || entry->second == position) return {};
    // Records are sorted by their keys: name the line that comes later in the file.
    const auto [first, second] = std::minmax(lines[entry->second], lines[position]);
    return fail_at(second, fmt::format("{} belongs to line {} already", describe(), first));
}

result<void> loader::index_agencies() {
    made_.agency_by_code_.reserve(made_.agencies_.size() * 2);
    made_.agency_by_certificate_.reserve(made_.agencies_.size());
    for (std::size_t i = 0; i < made_.agencies_.size(); ++i) {
        const agency& a = made_.agencies_[i];
        const auto claim_code = [&](const agency_code& code) {
            return claim(made_.agency_by_code_, code.str(), i, agency_lines_,
                         [&] { return fmt::format("agency: the code {}", code.str()); });
        };
        if (const auto claimed = claim_code(a.code); !claimed) return claimed;
        for (const auto& alias : a.aliases)
            if (const auto claimed = claim_code(alias); !claimed) return claimed;
        for (const auto& digest : a.certificates) {
            const auto claimed = claim(made_.agency_by_certificate_, digest, i, agency_lines_,
                                       [&] { return fmt::format("agency: the certificate {}", digest.hex()); });
            if (!claimed) return claimed;
        }
    }
    return {};
}

result<void> loader::index_clients() {
    for (std::size_t i = 0; i < made_.clients_.size(); ++i) {
        const client& c = made_.clients_[i];
        const auto claimed =
            claim(made_.client_by_id_, c.id, i, client_lines_, [&] { return fmt::format("client: the id {}", c.id); });
        if (!claimed) return claimed;
        for (const auto& digest : c.certificates) {
            const auto mine = claim(made_.client_by_certificate_, digest, i, client_lines_,
                                    [&] { return fmt::format("client: the certificate {}", digest.hex()); });
            if (!mine) return mine;
        }
    }
    return {};
}

result<void> loader::index_nodes() {
    for (std::size_t i = 0; i < made_.nodes_.size(); ++i) {
        const auto& name = made_.nodes_[i].name;
        const auto claimed =
            claim(made_.node_by_name_, name, i, node_lines_, [&] { return fmt::format("node: the name {}", name); });
        if (!claimed) return claimed;
    }
    return {};
}

result<void> loader::check_agencies() {
    for (std::size_t i = 0; i < made_.agencies_.size(); ++i) {
        const agency& a = made_.agencies_[i];
        if (!made_.find_node(a.node))
            return fail_at(agency_lines_[i],
                           fmt::format("agency/node: expected a node of this directory, found {}", a.node));
        for (const auto& s : a.successors) {
            const agency* successor = made_.find_agency(s.str());
            if (!successor)
                return fail_at(agency_lines_[i], fmt::format("agency/successors: no agency has the code {}", s.str()));
            if (successor == &a)
                return fail_at(agency_lines_[i], "agency/successors: expected another agency than this");
        }
    }
    return {};
}

result<void> loader::check_parents_of_agencies() {
    std::vector<std::size_t> parents(made_.agencies_.size(), no_parent);
    for (std::size_t i = 0; i < parents.size(); ++i) {
        agency& a = made_.agencies_[i];
        if (a.parent.empty()) continue;
        const auto found = made_.agency_by_code_.find(a.parent);
        if (found == made_.agency_by_code_.end())
            return fail_at(agency_lines_[i], fmt::format("agency/parent: no agency has the code {}", a.parent));
        parents[i] = found->second;
        a.parent = made_.agencies_[found->second].code.str(); // in case it was an alias
    }
    return check_circles(parents, agency_lines_);
}

result<void> loader::check_clients() {
    for (std::size_t i = 0; i < made_.clients_.size(); ++i) {
        for (auto& code : made_.clients_[i].agencies) {
            const agency* a = made_.find_agency(code.str());
            if (!a)
                return fail_at(client_lines_[i], fmt::format("client/agencies: no agency has the code {}", code.str()));
            code = a->code; // so that a look-up by alias and the client's list compare equal
        }
    }
    return {};
}

/// What a gateway speaks for belongs to the section that names the gateway: who hears of the one hears of the other.
result<void> loader::check_gateways() {
    std::unordered_map<std::string_view, std::string_view> homes; ///< of the gateways, by id
    for (std::size_t i = 0; i < made_.clients_.size(); ++i) {
        const client& c = made_.clients_[i];
        if (!c.gateway) continue;
        const auto home = made_.home_of(c);
        if (home.empty())
            return fail_at(client_lines_[i], "client/gateway: expected agencies of its own, all of them of one node");
        homes.emplace(c.id, home);
    }
    for (std::size_t i = 0; i < made_.agencies_.size(); ++i) {
        const agency& a = made_.agencies_[i];
        if (a.gateway.empty()) continue;
        const auto gateway = homes.find(a.gateway);
        if (gateway == homes.end())
            return fail_at(agency_lines_[i],
                           fmt::format("agency/gateway: no client that is a gateway has the id {}", a.gateway));
        if (gateway->second != a.node)
            return fail_at(agency_lines_[i], fmt::format("agency/gateway: {} is a gateway of node {}, not of {}",
                                                         a.gateway, gateway->second, a.node));
    }
    return {};
}

result<void> loader::check_nodes() {
    std::vector<std::size_t> parents(made_.nodes_.size(), no_parent);
    for (std::size_t i = 0; i < parents.size(); ++i) {
        if (const auto linked = check_links(i); !linked) return linked;
        const auto& parent = made_.nodes_[i].parent;
        if (parent.empty()) continue;
        const auto found = made_.node_by_name_.find(parent);
        if (found == made_.node_by_name_.end())
            return fail_at(node_lines_[i], fmt::format("node/parent: no node has the name {}", parent));
        parents[i] = found->second;
    }
    return check_circles(parents, node_lines_);
}

result<void> loader::check_links(std::size_t position) const {
    const node& n = made_.nodes_[position];
    for (const auto& link : n.links) {
        if (link == n.name) return fail_at(node_lines_[position], "node/links: expected another node than this");
        if (!made_.find_node(link))
            return fail_at(node_lines_[position], fmt::format("node/links: no node has the name {}", link));
    }
    return {};
}

/// An administration has few levels, so walking up from everybody is cheap; who does not arrive goes round.
result<void> loader::check_circles(const std::vector<std::size_t>& parents,
                                   const std::vector<std::size_t>& lines) const {
    constexpr int most_levels = 64;
    for (std::size_t i = 0; i < parents.size(); ++i) {
        std::size_t at = i;
        for (int level = 0; at != no_parent; ++level, at = parents[at])
            if (level == most_levels) return fail_at(lines[i], "parent: the parents of this record run in a circle");
    }
    return {};
}

} // namespace truc::directory
