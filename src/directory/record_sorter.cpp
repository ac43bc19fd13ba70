#include "record_sorter.hpp"

#include <fmt/format.h>

#include <unordered_set>

namespace truc::directory {

namespace {

constexpr std::size_t longest_line = 64 * 1024;
constexpr std::size_t most_names = 1'000'000;

tl::unexpected<error> invalid(std::string what) { return fail(errc::section_invalid, std::move(what)); }

} // namespace

result<section_records> record_sorter::sort(std::string_view body) {
    while (!body.empty()) {
        const auto end = body.substr(0, longest_line + 1).find('\n');
        ++lines_;
        const auto at = [&](const error& e) { return fail(e.code, fmt::format("line {}: {}", lines_ + 1, e.what)); };
        if (end == std::string_view::npos)
            return at(error(errc::section_invalid, body.size() > longest_line
                                                       ? fmt::format("more than {} bytes", longest_line)
                                                       : "the text breaks off"));
        if (lines_ > most_records) return invalid(fmt::format("more than {} records", most_records));
        auto read = from_json_line(body.substr(0, end));
        if (!read) return at(error(errc::section_invalid, read.error().what));
        const auto added = std::visit([&](auto& value) { return add(std::move(value)); }, *read);
        if (!added) return at(added.error());
        body.remove_prefix(end + 1);
    }
    if (const auto checked = check_clients(); !checked) return fail(checked.error());
    if (const auto checked = check_gateways(); !checked) return fail(checked.error());
    return std::move(sorted_);
}

result<void> record_sorter::count(std::size_t names) {
    names_ += names;
    if (names_ > most_names) return invalid(fmt::format("more than {} names", most_names));
    return {};
}

result<void> record_sorter::claim(std::string_view kind, std::string_view name, std::size_t owner) {
    const auto [entry, fresh] = owners_.emplace(fmt::format("{} {}", kind, name), owner);
    if (fresh || entry->second == owner) return {};
    return invalid(fmt::format("{} belongs to line {} already", entry->first, entry->second + 1));
}

template <class Value>
result<void> record_sorter::claim_certificates(const std::vector<Value>& digests, std::string_view kind,
                                               std::size_t owner) {
    for (const auto& digest : digests)
        if (auto claimed = claim(kind, digest.hex(), owner); !claimed) return claimed;
    return {};
}

result<void> record_sorter::add(agency a) {
    if (auto fits = count(a.aliases.size() + a.successors.size() + a.certificates.size()); !fits) return fits;
    if (auto claimed = claim("the code", a.code.str(), lines_); !claimed) return claimed;
    if (a.node != node_) {
        if (!a.valid_to)
            return fail(errc::section_not_yours, fmt::format("agency {} of node {}", a.code.str(), a.node));
        sorted_.closings.push_back(std::move(a));
        return {};
    }
    for (const auto& alias : a.aliases)
        if (auto claimed = claim("the code", alias.str(), lines_); !claimed) return claimed;
    if (auto claimed = claim_certificates(a.certificates, "the certificate", lines_); !claimed) return claimed;
    sorted_.agencies.push_back(std::move(a));
    return {};
}

result<void> record_sorter::add(client c) {
    if (auto fits = count(c.agencies.size() + c.certificates.size() + c.entrances.size()); !fits) return fits;
    if (auto claimed = claim("the id", c.id, lines_); !claimed) return claimed;
    if (auto claimed = claim_certificates(c.certificates, "the client certificate", lines_); !claimed) return claimed;
    sorted_.clients.push_back(std::move(c));
    return {};
}

result<void> record_sorter::add(node n) {
    if (auto fits = count(n.links.size()); !fits) return fits;
    if (auto claimed = claim("the name", n.name, lines_); !claimed) return claimed;
    if (n.parent == n.name) return invalid("node/parent: expected another node than this");
    if (n.name != node_ && n.parent != node_) return fail(errc::section_not_yours, fmt::format("node {}", n.name));
    sorted_.nodes.push_back(std::move(n));
    return {};
}

/// Agencies and clients may stand in any order, so this comes last.
result<void> record_sorter::check_clients() const {
    std::unordered_set<std::string_view> own_codes;
    for (const auto& a : sorted_.agencies) {
        own_codes.insert(a.code.str());
        for (const auto& alias : a.aliases) own_codes.insert(alias.str());
    }
    for (const auto& c : sorted_.clients) {
        bool is_own = !c.agencies.empty();
        for (const auto& code : c.agencies) is_own = is_own && own_codes.contains(code.str());
        if (!is_own) return fail(errc::section_not_yours, fmt::format("client {}", c.id));
    }
    return {};
}

result<void> record_sorter::check_gateways() const {
    std::unordered_set<std::string_view> own;
    for (const auto& c : sorted_.clients)
        if (c.gateway) own.insert(c.id);
    for (const auto& a : sorted_.agencies)
        if (!a.gateway.empty() && !own.contains(a.gateway))
            return fail(errc::section_not_yours, fmt::format("gateway {} of agency {}", a.gateway, a.code.str()));
    return {};
}

} // namespace truc::directory
