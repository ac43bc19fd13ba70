// The legacy systems of the demonstration, and the adapters that plug them in.
#include "legacy.hpp"

#include "../words.hpp"
#include "cast.hpp"

#include <truc/base/durable.hpp>
#include <truc/trust/password_hash.hpp>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace truc::cli::demo {

namespace {

namespace json = boost::json;

constexpr std::string_view python = "/usr/bin/python3";
constexpr std::string_view soap_user = "truc";

std::string toml_path(const std::filesystem::path& path) { return toml_text(path.string()); }

std::string stand_in(std::string_view name) { return (std::filesystem::path(TRUC_STAND_IN_DIR) / name).string(); }

/// One adapter's place, and what its configuration says of the legacy system.
class plug {
  public:
    plug(network& n, const std::filesystem::path& dir, const adapter_role& role)
        : network_(n), home_(dir / "adapters" / role.name), agency_(*n.find_agency(role.agency)) {
        adapter_.name = role.name;
        adapter_.kind = role.kind;
        adapter_.agency = role.agency;
        adapter_.config = home_ / "adapter.toml";
        adapter_.data_dir = home_ / "data";
        adapter_.admin = home_ / "admin.sock";
        std::filesystem::create_directories(adapter_.data_dir);
    }

    void make(legacy_ports ports);

  private:
    std::string folder();
    std::string database(unsigned port);
    std::string soap(unsigned port);
    std::string axis(unsigned port);
    void add_stand_in(std::string name, std::vector<std::string> arguments, const std::string& url);
    std::string configuration(const std::string& legacy) const;

    network& network_;
    std::filesystem::path home_;
    const network_agency& agency_;
    network_adapter adapter_;
};

void plug::make(legacy_ports ports) {
    std::string legacy;
    if (adapter_.kind == "tdoffice-folder")
        legacy = folder();
    else if (adapter_.kind == "tdoffice-database")
        legacy = database(ports.database);
    else if (adapter_.kind == "tdoffice-soap")
        legacy = soap(ports.soap);
    else
        legacy = axis(ports.axis);
    write_or_throw(adapter_.config, configuration(legacy));
    network_.adapters.push_back(std::move(adapter_));
}

std::string plug::folder() {
    adapter_.outbox = home_ / "outbox";
    adapter_.inbox = home_ / "inbox";
    for (const auto& one : {adapter_.outbox, adapter_.inbox}) std::filesystem::create_directories(one);
    return fmt::format("[folder]\noutbox = {}\ninbox = {}\n", toml_path(adapter_.outbox), toml_path(adapter_.inbox));
}

std::string plug::database(unsigned port) {
    adapter_.database = home_ / "tdoffice.db";
    const auto connection = home_ / "connection";
    write_or_throw(connection,
                   fmt::format("Driver=SQLite3;Database={};NoCreat=1;Timeout=2000", adapter_.database.string()), 0600);
    adapter_.url = fmt::format("http://127.0.0.1:{}", port);
    add_stand_in(
        "tdoffice-database",
        {stand_in("td_database_desk.py"), "--port", std::to_string(port), "--database", adapter_.database.string()},
        adapter_.url);
    return fmt::format("[database]\nconnection_string_file = {}\npoll_milliseconds = 200\n", toml_path(connection));
}

std::string plug::soap(unsigned port) {
    adapter_.url = fmt::format("http://127.0.0.1:{}", port);
    const auto password = home_ / "password";
    write_or_throw(password, trust::make_password(), 0600);
    add_stand_in("tdoffice-soap",
                 {stand_in("td_soap.py"), "--port", std::to_string(port), "--dir", (home_ / "tdoffice").string(),
                  "--user", std::string(soap_user), "--password-file", password.string()},
                 adapter_.url);
    return fmt::format("[soap]\nurl = {}\nuser = {}\npassword_file = {}\npoll_milliseconds = 200\n",
                       toml_text(adapter_.url), toml_text(soap_user), toml_path(password));
}

/// The axis begins with the other province; the agencies of the exchange are registered there by the adapter.
std::string plug::axis(unsigned port) {
    const auto server = fmt::format("http://127.0.0.1:{}", port);
    adapter_.url = server + "/vxp";
    const auto secret = trust::make_password();
    write_or_throw(home_ / "secret", secret, 0600);
    const auto system_of_other = [](std::string_view code, std::string_view name, std::string_view parent) {
        return json::object{{"code", code}, {"name", name}, {"parent", parent}, {"system", other_province}};
    };
    const json::object setup{
        {"systems", json::array{{{"id", axis_gateway}, {"secret", secret}},
                                {{"id", other_province}, {"secret", trust::make_password()}}}},
        {"agencies", json::array{system_of_other(other_province, "UBND tỉnh Ninh Bình", ""),
                                 system_of_other(other_department, "Sở Thông tin và Truyền thông tỉnh Ninh Bình",
                                                 other_province)}}};
    write_or_throw(home_ / "setup.json", json::serialize(setup), 0600);
    add_stand_in("axis",
                 {stand_in("axis_stand_in.py"), "--port", std::to_string(port), "--dir", (home_ / "axis").string(),
                  "--setup", (home_ / "setup.json").string()},
                 server);
    auto text = fmt::format("[axis]\nendpoint = {}\nsystem_id = {}\nsecret_file = {}\npoll_least_ms = 200\n"
                            "poll_most_ms = 1000\n",
                            toml_text(adapter_.url), toml_text(axis_gateway), toml_path(home_ / "secret"));
    for (const auto& a : network_.agencies)
        text += fmt::format("[[axis.register]]\ncode = {}\nname = {}\n", toml_text(a.code), toml_text(a.name));
    return text;
}

void plug::add_stand_in(std::string name, std::vector<std::string> arguments, const std::string& url) {
    arguments.insert(arguments.begin(), {std::string(python), "-B"});
    network_.stand_ins.push_back({std::move(name), std::move(arguments), home_, url});
}

std::string plug::configuration(const std::string& legacy) const {
    constexpr std::string_view text = R"(# Written by `truc demo init`; conf/truc-adapter.toml explains every key.
name = {name}
kind = {kind}
data_dir = {data}

[exchange]
amqp = {amqp}
http = {http}
ca = {ca}
certificate = {certificate}
key = {key}

[[agencies]]
code = {code}
name = {agency}
certificate = {certificate}
key = {key}

[admin]
socket = {admin}

{legacy})";
    const auto& node = *network_.find_node(agency_.node);
    return fmt::format(fmt::runtime(text), fmt::arg("name", toml_text(adapter_.name)),
                       fmt::arg("kind", toml_text(adapter_.kind)), fmt::arg("data", toml_path(adapter_.data_dir)),
                       fmt::arg("amqp", toml_text(node.amqp.substr(std::string_view("amqps://").size()))),
                       fmt::arg("http", toml_text(node.http)), fmt::arg("ca", toml_path(network_.authority)),
                       fmt::arg("certificate", toml_path(agency_.certificate)), fmt::arg("key", toml_path(agency_.key)),
                       fmt::arg("code", toml_text(agency_.code)), fmt::arg("agency", toml_text(agency_.name)),
                       fmt::arg("admin", toml_path(adapter_.admin)), fmt::arg("legacy", legacy));
}

} // namespace

std::string toml_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

void write_or_throw(const std::filesystem::path& file, std::string_view text, unsigned mode) {
    if (const auto written = write_file(file, text, mode); !written)
        throw std::runtime_error(explain(written.error(), ui_language()));
}

void plug_in_legacy_systems(network& n, const std::filesystem::path& dir, legacy_ports ports, bool one_node) {
    for (const auto& role : adapters(one_node)) plug(n, dir, role).make(ports);
}

} // namespace truc::cli::demo
