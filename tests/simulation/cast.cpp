#include "cast.hpp"

#include "dice.hpp"
#include "edxml_builder.hpp"

#include <truc/base/durable.hpp>
#include <truc/directory/json_lines.hpp>
#include <truc/dsig/signer.hpp>
#include <truc/xml/document.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::simulation {

namespace {

constexpr std::size_t documents_per_agency = 12;
constexpr std::uint64_t seed_of_the_cast = 315;

} // namespace

const cast& cast::instance() {
    static const cast one = [] {
        xml::initialise();
        dsig::initialise();
        seed_openssl(seed_of_the_cast);
        return cast();
    }();
    return one;
}

cast::cast() {
    add_node("vpcp", "ministry", "");
    add_node("ninhthuan", "province", "vpcp", {"khanhhoa"});
    add_node("khanhhoa", "province", "vpcp");
    add_node("thuannam", "district", "ninhthuan");
    add_node("cana", "commune", "thuannam");
    add_node("phanrang", "commune", "ninhthuan"); // since 2025 a commune has no district above it
    add_agency("000.00.00.G22", "vpcp");
    add_agency("000.00.00.H43", "ninhthuan");
    add_agency("000.00.12.H43", "ninhthuan");
    add_agency("000.00.00.H32", "khanhhoa");
    add_agency("000.00.36.H43", "thuannam");
    add_agency("000.07.36.H43", "cana");
    add_agency("000.00.71.H43", "phanrang");
    exchange_ = std::make_shared<const trust::certificate_store>(pki_.node_ca(), std::filesystem::path());
    verifier_ = std::make_shared<const dsig::verifier>(
        std::make_shared<const trust::certificate_store>(pki_.agency_ca(), std::filesystem::path()));
    schemas_ = std::make_shared<const xml::schema_registry>(TRUC_SOURCE_DIR "/schemas/edxml");
    for (std::size_t i = 0; i < agencies_.size(); ++i) write_documents(i);
}

void cast::add_node(const std::string& name, const std::string& level, const std::string& parent,
                    std::vector<std::string> links) {
    auto signer = std::make_shared<const ledger::head_signer>(pki_.node(name).signing_key());
    nodes_.push_back({name, level, parent, std::move(links), std::move(signer)});
}

void cast::add_agency(const std::string& code, const std::string& home) {
    agencies_.push_back({code, "system-of-" + code, position_of_node(home), pki_.agency(code)});
}

/// To one agency or to several, wherever they are; a few beyond what is kept inside the database; some so urgent that
/// they may come too late.
void cast::write_documents(std::size_t sender) {
    dice chance(seed_of_the_cast + sender);
    const auto key = agencies_[sender].key.signing_key();
    for (std::size_t i = 0; i < documents_per_agency; ++i) {
        test::edxml_document d;
        d.from = agencies_[sender].code;
        d.number = std::to_string(100 + i);
        d.priority = static_cast<int>(chance.below(5));
        d.document_id = fmt::format("{},2026/11/21,{}/CV", d.from, d.number);
        d.to.clear();
        const auto count = 1 + chance.below(4);
        while (d.to.size() < count) {
            const auto& to = chance.pick(agencies_).code;
            if (to != d.from && std::find(d.to.begin(), d.to.end(), to) == d.to.end()) d.to.push_back(to);
        }
        const auto text = i % 6 == 5 ? test::build_of_size(d, spool::inline_limit + 10'000, 7) : test::build(d);
        auto bytes = dsig::sign(text, *key);
        if (!bytes) throw std::runtime_error(explain(bytes.error(), language::english));
        documents_.push_back({sender, d.document_id, d.to, std::move(*bytes)});
    }
}

std::shared_ptr<const directory::directory> cast::print(const std::vector<std::size_t>& homes) const {
    std::string text;
    for (const auto& role : nodes_) {
        directory::node n;
        n.name = role.name;
        n.level = role.level;
        n.parent = role.parent;
        n.links = role.links;
        text += to_json_line(n) + "\n";
    }
    for (std::size_t i = 0; i < agencies_.size(); ++i) {
        directory::agency a(*agency_code::parse(agencies_[i].code));
        a.name = "Cơ quan " + agencies_[i].code;
        a.node = nodes_[homes[i]].name;
        a.certificates = {agencies_[i].key.digest};
        text += to_json_line(a) + "\n";
        directory::client c;
        c.id = agencies_[i].client;
        c.agencies = {a.code};
        c.entrances = {entrance::http};
        text += to_json_line(c) + "\n";
    }
    auto read = directory::directory::parse(text, "simulation");
    if (!read) throw std::runtime_error(explain(read.error(), language::english));
    return std::make_shared<const directory::directory>(std::move(*read));
}

edition cast::first_edition() const {
    edition first;
    for (const auto& a : agencies_) first.homes.push_back(a.first_home);
    for (const auto& n : nodes_) first.sections[n.name] = 1;
    first.directory = print(first.homes);
    return first;
}

edition cast::moved(const edition& before, std::size_t agency, std::size_t to) const {
    edition after = before;
    ++after.number;
    ++after.sections[nodes_[before.homes[agency]].name];
    ++after.sections[nodes_[to].name];
    after.homes[agency] = to;
    after.directory = print(after.homes);
    return after;
}

std::size_t cast::position_of_node(std::string_view name) const {
    const auto found = std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& n) { return n.name == name; });
    if (found == nodes_.end()) throw std::logic_error("no such node: " + std::string(name));
    return static_cast<std::size_t>(found - nodes_.begin());
}

const agency_role& cast::agency(std::string_view code) const {
    const auto found = std::find_if(agencies_.begin(), agencies_.end(), [&](const auto& a) { return a.code == code; });
    if (found == agencies_.end()) throw std::logic_error("no such agency: " + std::string(code));
    return *found;
}

} // namespace truc::simulation
