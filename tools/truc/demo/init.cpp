// demo init: a complete network in one directory: authorities, certificates, directory, configurations.
#include "../evidence.hpp"
#include "../network.hpp"
#include "../verbs.hpp"
#include "../words.hpp"
#include "cast.hpp"

#include <truc/base/durable.hpp>
#include <truc/directory/json_lines.hpp>
#include <truc/trust/signing_key.hpp>

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
    unsigned observe;
};

/// Each node has ten ports of its own, so that further entrances find their place.
ports ports_of(unsigned base, std::size_t node) {
    const auto step = static_cast<unsigned>(10 * node);
    if (base == 0) return {18443 + step, 18090 + step};
    return {base + step, base + 3 + step};
}

/// A TOML basic string (TOML 1.0, "String").
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

/// Writes the network. Throws std::runtime_error when something cannot be written: there is nobody to go on for.
class builder {
  public:
    builder(std::filesystem::path dir, unsigned base_port)
        : dir_(std::move(dir)),
          base_port_(base_port),
          now_(system_clock().now()),
          exchange_(trust::authority::make("Truc demonstration: exchange", now_ - backdated, now_ + valid_for)),
          agencies_(trust::authority::make("Truc demonstration: agencies", now_ - backdated, now_ + valid_for)) {}

    network build();

  private:
    void write(const std::filesystem::path& file, std::string_view text, unsigned mode = 0644) const;
    void make_authorities();
    void make_node(const node_role& role, std::size_t number);
    void make_agency(const agency_role& role);
    void make_client(const agency_role& role, directory::agency& a);
    void write_configuration(const network_node& n, const ports& p) const;
    trust::certificate_request request(std::string_view name) const;

    std::filesystem::path dir_;
    unsigned base_port_;
    timestamp now_;
    trust::authority exchange_;
    trust::authority agencies_;
    network network_;
    std::string directory_; ///< JSON Lines
};

network builder::build() {
    for (const char* const part : {"nodes", "certificates"}) std::filesystem::create_directories(dir_ / part);
    make_authorities();
    for (std::size_t i = 0; i < nodes().size(); ++i) make_node(nodes()[i], i);
    for (const auto& role : agencies()) make_agency(role);
    write(dir_ / "directory.jsonl", directory_);
    // Last: where network.json is, the network is complete.
    write(dir_ / "network.json", network_.text());
    return network_;
}

void builder::write(const std::filesystem::path& file, std::string_view text, unsigned mode) const {
    if (const auto written = write_file(file, text, mode); !written)
        throw std::runtime_error(explain(written.error(), ui_language()));
}

void builder::make_authorities() {
    write(dir_ / "ca-key.pem", exchange_.own().key_pem, 0600);
    write(dir_ / "ca.pem", exchange_.own().certificate_pem);
    write(dir_ / "agency-ca-key.pem", agencies_.own().key_pem, 0600);
    write(dir_ / "agency-ca.pem", agencies_.own().certificate_pem);
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

void builder::make_node(const node_role& role, std::size_t number) {
    const std::string name(role.name);
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
    n.level = role.level;
    n.config = home / "trucd.toml";
    n.data_dir = home / "data";
    n.http = fmt::format("https://127.0.0.1:{}", p.http);
    n.observe = fmt::format("http://127.0.0.1:{}", p.observe);
    n.admin = home / "admin.sock";
    write_configuration(n, p);
    directory::node known;
    known.name = name;
    known.level = role.level;
    known.http = n.http;
    directory_ += directory::to_json_line(known) + "\n";
    network_.nodes.push_back(std::move(n));
}

void builder::write_configuration(const network_node& n, const ports& p) const {
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
listen = "127.0.0.1:{http}"

[observe]
listen = "127.0.0.1:{observe}"

[admin]
socket = {admin}

[log]
level = "info"
)";
    const auto path = [](const std::filesystem::path& file) { return quoted(file.string()); };
    const auto home = n.config.parent_path();
    write(n.config,
          fmt::format(fmt::runtime(text), fmt::arg("node", quoted(n.name)), fmt::arg("data", path(n.data_dir)),
                      fmt::arg("directory", path(dir_ / "directory.jsonl")),
                      fmt::arg("certificate", path(home / "node.pem")), fmt::arg("key", path(home / "node-key.pem")),
                      fmt::arg("exchange_ca", path(network_.authority)),
                      fmt::arg("agency_ca", path(network_.agency_authority)), fmt::arg("http", p.http),
                      fmt::arg("observe", p.observe), fmt::arg("admin", path(n.admin))));
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
    c.entrances.push_back(entrance::http);
    directory_ += directory::to_json_line(c) + "\n";
    network_.agencies.push_back({a.code.str(), a.name, a.node, c.id, files.certificate, files.key});
    network_.clients.push_back({c.id, {a.code.str()}, files.certificate, files.key});
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
    directory_ += directory::to_json_line(a) + "\n";
}

/// An empty or new directory, by its absolute name, short enough for the sockets in it.
outcome<std::filesystem::path> prepare(const std::filesystem::path& wanted) {
    if (const auto made = make_directory(wanted); !made) return stop(made.error());
    const auto dir = std::filesystem::canonical(wanted);
    if (!std::filesystem::is_empty(dir)) {
        auto taken = usage_failure(
            words("{} is not empty; nothing was written", "{} không trống; chưa ghi gì cả", dir.string()));
        taken.code = exit_code::no;
        return stop(std::move(taken));
    }
    for (const auto& n : nodes())
        if ((dir / "nodes" / n.name / "admin.sock").string().size() > longest_socket)
            return stop(usage_failure(words("{} is too long a path for the sockets in it",
                                            "đường dẫn {} quá dài cho các socket", dir.string())));
    return dir;
}

} // namespace

outcome<exit_code> demo_init(const context& c, const demo_options& o) {
    const auto dir = prepare(o.dir);
    if (!dir) return stop(dir.error());
    const auto n = builder(*dir, o.base_port).build();
    c.object({{"network", (*dir / "network.json").string()}});
    c.line(words("A network of {} node and {} agencies is in {}.", "Mạng gồm {} nút và {} cơ quan ở {}.",
                 n.nodes.size(), n.agencies.size(), dir->string()));
    c.line(words("Run it: truc demo up {}", "Chạy: truc demo up {}", dir->string()));
    return exit_code::done;
}

} // namespace truc::cli
