// demo init: a complete network in one directory: authorities, certificates, directory, configurations.
#include "../evidence.hpp"
#include "../network.hpp"
#include "../verbs.hpp"
#include "../words.hpp"
#include "cast.hpp"
#include "legacy.hpp"

#include <truc/base/durable.hpp>
#include <truc/directory/json_lines.hpp>
#include <truc/directory/password_book.hpp>
#include <truc/directory/secret_book.hpp>
#include <truc/trust/signing_key.hpp>

#include <map>
#include <stdexcept>

namespace truc::cli {

namespace {

using namespace demo;
using std::chrono::hours;

constexpr auto backdated = hours(24); ///< for clocks that are behind
constexpr auto valid_for = hours(24 * 365 * 3);
/// A socket's name must fit into sockaddr_un with its final NUL (unix(7)).
constexpr std::size_t longest_socket = 107;

struct key_files {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

struct ports {
    unsigned http;
    unsigned amqp;
    unsigned vxp;
    unsigned observe;
};

/// Each node has ten ports of its own, so that further entrances find their place.
ports ports_of(unsigned base, std::size_t node) {
    const auto step = static_cast<unsigned>(10 * node);
    if (base == 0) return {18443 + step, 15671 + step, 18082 + step, 18090 + step};
    return {base + step, base + 1 + step, base + 2 + step, base + 3 + step};
}

std::string local(unsigned port) { return fmt::format("127.0.0.1:{}", port); }

/// In the ten ports of the first node.
legacy_ports legacy_ports_of(unsigned base) {
    return base == 0 ? legacy_ports{18486, 18487, 18488} : legacy_ports{base + 4, base + 5, base + 6};
}

/// Writes the network. Throws std::runtime_error when something cannot be written: there is nobody to go on for.
class builder {
  public:
    builder(std::filesystem::path dir, const demo_options& o)
        : dir_(std::move(dir)),
          base_port_(o.base_port),
          one_node_(o.one_node),
          adapter_roles_(adapters(o.one_node)),
          roles_(nodes(o.one_node)),
          agency_roles_(agencies(o.one_node)),
          now_(system_clock().now()),
          exchange_(trust::authority::make("Truc demonstration: exchange", now_ - backdated, now_ + valid_for)),
          agencies_(trust::authority::make("Truc demonstration: agencies", now_ - backdated, now_ + valid_for)) {}

    network build();

  private:
    void make_authorities();
    void make_node(std::size_t number);
    void make_agency(const agency_role& role);
    void make_client(const agency_role& role, directory::agency& a);
    void write_configuration(std::size_t number);
    const trust::sealing_key& sealing_key_of(const std::string& node);
    std::string neighbours_of(const node_role& role) const;
    void write_directory(std::size_t number) const;
    directory::node record_of(std::size_t number) const;
    std::size_t number_of(std::string_view node) const;
    trust::certificate_request request(std::string_view name) const;

    std::filesystem::path dir_;
    unsigned base_port_;
    bool one_node_;
    std::vector<adapter_role> adapter_roles_;
    std::vector<node_role> roles_;
    std::vector<agency_role> agency_roles_;
    timestamp now_;
    trust::authority exchange_;
    trust::authority agencies_;
    network network_;
    std::map<std::string, std::string, std::less<>> sections_;  ///< of each node: its agencies and clients, JSON Lines
    std::map<std::string, std::string, std::less<>> passwords_; ///< of each node's clients, JSON Lines
    std::map<std::string, std::string, std::less<>> secrets_;   ///< of each node's clients, JSON Lines
    std::map<std::string, trust::sealing_key, std::less<>> sealing_keys_;
};

network builder::build() {
    for (const char* const part : {"nodes", "certificates"}) std::filesystem::create_directories(dir_ / part);
    make_authorities();
    for (std::size_t i = 0; i < roles_.size(); ++i) make_node(i);
    for (const auto& role : agency_roles_) make_agency(role);
    for (std::size_t i = 0; i < roles_.size(); ++i) write_configuration(i), write_directory(i);
    plug_in_legacy_systems(network_, dir_, legacy_ports_of(base_port_), one_node_);
    // Last: where network.json is, the network is complete.
    write_or_throw(dir_ / "network.json", network_.text(), 0600); // it holds passwords
    return network_;
}

void builder::make_authorities() {
    write_or_throw(dir_ / "ca-key.pem", exchange_.own().key_pem, 0600);
    write_or_throw(dir_ / "ca.pem", exchange_.own().certificate_pem);
    write_or_throw(dir_ / "agency-ca-key.pem", agencies_.own().key_pem, 0600);
    write_or_throw(dir_ / "agency-ca.pem", agencies_.own().certificate_pem);
    network_.authority = dir_ / "ca.pem";
    network_.agency_authority = dir_ / "agency-ca.pem";
    network_.agency_authority_key = dir_ / "agency-ca-key.pem";
}

trust::certificate_request builder::request(std::string_view name) const {
    trust::certificate_request r;
    r.common_name = name;
    r.not_before = now_ - backdated;
    r.not_after = now_ + valid_for;
    r.for_clients = true;
    return r;
}

std::size_t builder::number_of(std::string_view node) const {
    const auto found = std::find_if(roles_.begin(), roles_.end(), [&](const auto& r) { return r.name == node; });
    if (found == roles_.end()) throw std::logic_error(fmt::format("nobody plays the node {}", node));
    return static_cast<std::size_t>(found - roles_.begin());
}

void builder::make_node(std::size_t number) {
    const std::string name(roles_[number].name);
    const auto home = dir_ / "nodes" / name;
    std::filesystem::create_directories(home / "data");
    auto wanted = request("Truc " + name);
    wanted.uris = {"urn:truc:node:" + name};
    wanted.dns_names = {"localhost"};
    wanted.ip_addresses = {"127.0.0.1"};
    wanted.for_servers = true;
    trust::write_credentials(home, "node", exchange_.issue(wanted));

    const auto p = ports_of(base_port_, number);
    network_node n;
    n.name = name;
    n.level = roles_[number].level;
    n.config = home / "trucd.toml";
    n.data_dir = home / "data";
    n.http = "https://" + local(p.http);
    n.vxp = fmt::format("http://{}/vxp", local(p.vxp));
    n.amqp = "amqps://" + local(p.amqp);
    n.observe = "http://" + local(p.observe);
    n.admin = home / "admin.sock";
    network_.nodes.push_back(std::move(n));
}

directory::node builder::record_of(std::size_t number) const {
    directory::node known;
    known.name = roles_[number].name;
    known.level = roles_[number].level;
    known.parent = roles_[number].parent;
    known.http = network_.nodes[number].http;
    if (roles_[number].dialled) known.amqp = local(ports_of(base_port_, number).amqp);
    return known;
}

/// Its own section, and what it needs to begin: the nodes above it, and of the agencies above it those that its own
/// name as their parents. Everything else comes with the sections of the other nodes.
void builder::write_directory(std::size_t number) const {
    const auto& role = roles_[number];
    std::string text;
    const auto add = [&](std::size_t i) { text += directory::to_json_line(record_of(i)) + "\n"; };
    for (auto above = role.parent; !above.empty(); above = roles_[number_of(above)].parent) add(number_of(above));
    add(number);
    for (std::size_t i = 0; i < roles_.size(); ++i)
        if (roles_[i].parent == role.name) add(i);
    for (const auto& a : agency_roles_) {
        const bool needed = a.node != role.name &&
                            std::any_of(agency_roles_.begin(), agency_roles_.end(),
                                        [&](auto& own) { return own.node == role.name && own.parent == a.code; });
        if (!needed) continue;
        directory::agency parent(*agency_code::parse(a.code));
        parent.name = a.name;
        parent.node = a.node;
        parent.level = a.level;
        text += directory::to_json_line(parent) + "\n";
    }
    const auto own = sections_.find(role.name);
    if (own != sections_.end()) text += own->second;
    write_or_throw(network_.nodes[number].config.parent_path() / "directory.jsonl", text);
}

/// Children dial their parents, who wait for them.
std::string builder::neighbours_of(const node_role& role) const {
    std::string text;
    if (!role.parent.empty())
        text += fmt::format("\n[[neighbours]]\nname = \"{}\"\naddress = \"{}\"\n", role.parent,
                            local(ports_of(base_port_, number_of(role.parent)).amqp));
    for (const auto& other : roles_)
        if (other.parent == role.name) text += fmt::format("\n[[neighbours]]\nname = \"{}\"\n", other.name);
    return text;
}

void builder::write_configuration(std::size_t number) {
    constexpr std::string_view text = R"(# Written by `truc demo init`; conf/trucd.toml explains every key.
node = {node}
data_dir = {data}
directory = {directory}

[certificates]
certificate = {certificate}
key = {key}
exchange_ca = {exchange_ca}
agency_ca = {agency_ca}

[http]
listen = "{http}"

[amqp]
listen = "{amqp}"
passwords = {passwords}

[vxp]
listen = "{vxp}"
secrets = {secrets}
secrets_key = {secrets_key}

[observe]
listen = "{observe}"

[admin]
socket = {admin}

[log]
level = "info"
{neighbours})";
    const auto& n = network_.nodes[number];
    const auto p = ports_of(base_port_, number);
    const auto path = [](const std::filesystem::path& file) { return toml_text(file.string()); };
    const auto home = n.config.parent_path();
    write_or_throw(home / "passwords.jsonl", passwords_[n.name], 0600);
    write_or_throw(home / "secrets.jsonl", secrets_[n.name], 0600);
    static_cast<void>(sealing_key_of(n.name)); // also where nobody has a secret yet
    write_or_throw(
        n.config,
        fmt::format(fmt::runtime(text), fmt::arg("node", toml_text(n.name)), fmt::arg("data", path(n.data_dir)),
                    fmt::arg("directory", path(home / "directory.jsonl")),
                    fmt::arg("certificate", path(home / "node.pem")), fmt::arg("key", path(home / "node-key.pem")),
                    fmt::arg("exchange_ca", path(network_.authority)),
                    fmt::arg("agency_ca", path(network_.agency_authority)), fmt::arg("http", local(p.http)),
                    fmt::arg("amqp", local(p.amqp)), fmt::arg("passwords", path(home / "passwords.jsonl")),
                    fmt::arg("vxp", local(p.vxp)), fmt::arg("secrets", path(home / "secrets.jsonl")),
                    fmt::arg("secrets_key", path(home / "secrets.key")), fmt::arg("observe", local(p.observe)),
                    fmt::arg("admin", path(n.admin)), fmt::arg("neighbours", neighbours_of(roles_[number]))));
}

const trust::sealing_key& builder::sealing_key_of(const std::string& node) {
    const auto known = sealing_keys_.find(node);
    if (known != sealing_keys_.end()) return known->second;
    const auto text = trust::sealing_key::make_text();
    write_or_throw(dir_ / "nodes" / node / "secrets.key", text, 0600);
    return sealing_keys_.emplace(node, *trust::sealing_key::parse(text)).first->second;
}

/// Its certificate signs for the agency and opens its connections.
void builder::make_client(const agency_role& role, directory::agency& a) {
    auto wanted = request(role.name);
    wanted.organisation = role.code;
    const auto both = agencies_.issue(wanted, role.key);
    const auto certificates = dir_ / "certificates";
    trust::write_credentials(certificates, role.client, both);
    const key_files files{certificates / fmt::format("{}.pem", role.client),
                          certificates / fmt::format("{}-key.pem", role.client)};
    const auto digest = trust::signing_key::load(files.certificate, files.key)->digest();
    a.certificates.push_back(digest);
    directory::client c;
    c.id = role.client;
    c.certificates.push_back(digest);
    c.agencies.push_back(a.code);
    const auto plugged = std::find_if(adapter_roles_.begin(), adapter_roles_.end(),
                                      [&](const auto& adapter) { return adapter.name == role.client; });
    if (plugged == adapter_roles_.end())
        c.entrances = {entrance::http, entrance::amqp, entrance::axis};
    else
        c.entrances = {entrance::http, entrance::adapter};
    c.gateway = plugged != adapter_roles_.end() && plugged->kind == "axis";
    const auto password = trust::make_password();
    passwords_[a.node] += directory::password_book::line_of(c.id, trust::password_hash::make(password)) + "\n";
    const auto secret = trust::make_password();
    secrets_[a.node] += directory::secret_book::line_of(c.id, secret, sealing_key_of(a.node)) + "\n";
    sections_[a.node] += directory::to_json_line(c) + "\n";
    network_.agencies.push_back({a.code.str(), a.name, a.node, c.id, files.certificate, files.key});
    network_.clients.push_back({c.id, {a.code.str()}, files.certificate, files.key, secret, password});
}

void builder::make_agency(const agency_role& role) {
    directory::agency a(*agency_code::parse(role.code));
    a.name = role.name;
    a.node = role.node;
    a.level = role.level;
    a.parent = role.parent;
    if (!role.alias.empty()) a.aliases.push_back(*agency_code::parse(role.alias));
    if (!role.successor.empty()) {
        a.successors.push_back(*agency_code::parse(role.successor));
        a.valid_to = from_rfc3339("2025-03-01T00:00:00.000+07:00");
    }
    if (!role.client.empty()) make_client(role, a);
    sections_[a.node] += directory::to_json_line(a) + "\n";
}

/// An empty or new directory, by its absolute name, short enough for the sockets in it.
outcome<std::filesystem::path> prepare(const std::filesystem::path& wanted, bool one_node) {
    if (const auto made = make_directory(wanted); !made) return stop(made.error());
    const auto dir = std::filesystem::canonical(wanted);
    if (!std::filesystem::is_empty(dir)) {
        auto taken = usage_failure(
            words("{} is not empty; nothing was written", "{} không trống; chưa ghi gì cả", dir.string()));
        taken.code = exit_code::no;
        return stop(std::move(taken));
    }
    std::vector<std::filesystem::path> homes;
    for (const auto& n : nodes(one_node)) homes.push_back(dir / "nodes" / n.name);
    for (const auto& a : adapters(one_node)) homes.push_back(dir / "adapters" / a.name);
    for (const auto& home : homes)
        if ((home / "admin.sock").string().size() > longest_socket)
            return stop(usage_failure(words("{} is too long a path for the sockets in it",
                                            "đường dẫn {} quá dài cho các socket", dir.string())));
    return dir;
}

} // namespace

outcome<exit_code> demo_init(const context& c, const demo_options& o) {
    const auto dir = prepare(o.dir, o.one_node);
    if (!dir) return stop(dir.error());
    const auto n = builder(*dir, o).build();
    c.object({{"network", (*dir / "network.json").string()}});
    c.line(words("A network is in {2} (nodes: {0}, agencies: {1}).", "Mạng ở {2} (nút: {0}, cơ quan: {1}).",
                 n.nodes.size(), n.agencies.size(), dir->string()));
    c.line(words("Run it: truc demo up {}", "Chạy: truc demo up {}", dir->string()));
    return exit_code::done;
}

} // namespace truc::cli
