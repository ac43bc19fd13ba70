#include "network.hpp"

#include "credentials.hpp"
#include "free_port.hpp"
#include "parallel.hpp"

#include <truc/directory/json_lines.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace truc::bench {

namespace {

namespace json = boost::json;

constexpr auto node_name = "ninhthuan";

bench_agency make_agency(const network& n, const trust::authority& by, std::size_t number) {
    bench_agency a;
    a.code = fmt::format("000.00.{:02}.H43", number + 1);
    a.client = fmt::format("so-{:02}", number + 1);
    trust::write_credentials(n.directory, a.client,
                             by.issue(certificate_for(fmt::format("Sở {:02}", number + 1)), trust::key_kind::rsa_2048));
    a.certificate = n.directory / (a.client + ".pem");
    a.key = n.directory / (a.client + "-key.pem");
    a.signing = trust::signing_key::load(a.certificate, a.key);
    return a;
}

std::string directory_lines(const network& n) {
    directory::node node;
    node.name = n.node;
    node.level = "province";
    std::string out = directory::to_json_line(node) + "\n";
    for (const auto& a : n.agencies) {
        const auto code = *agency_code::parse(a.code);
        directory::agency agency(code);
        agency.name = "Sở " + a.client;
        agency.node = n.node;
        agency.level = "department";
        agency.certificates = {a.signing->digest()};
        directory::client client;
        client.id = a.client;
        client.agencies = {code};
        client.certificates = {a.signing->digest()};
        client.entrances = {entrance::http, entrance::amqp};
        out += directory::to_json_line(agency) + "\n" + directory::to_json_line(client) + "\n";
    }
    return out;
}

std::string configuration_text(const network& n) {
    return fmt::format(R"(node = "{}"
data_dir = "{}"
directory = "directory.jsonl"
[certificates]
certificate = "node.pem"
key = "node-key.pem"
exchange_ca = "ca.pem"
agency_ca = "agency-ca.pem"
[http]
listen = "127.0.0.1:{}"
[observe]
listen = "127.0.0.1:{}"
[amqp]
listen = "127.0.0.1:{}"
)",
                       n.node, n.data_dir.filename().string(), n.http_port, n.observe_port, n.amqp_port);
}

} // namespace

void network::write_configuration(std::string_view more) const {
    write_text(configuration, configuration_text(*this).append(more));
}

void network::take_ports() {
    http_port = free_port();
    observe_port = free_port();
    amqp_port = free_port();
}

std::string network::describe() const {
    json::array listed;
    json::array clients;
    for (const auto& a : agencies) {
        listed.push_back(json::object{{"code", a.code},
                                      {"node", node},
                                      {"client", a.client},
                                      {"certificate", a.certificate.string()},
                                      {"key", a.key.string()}});
        clients.push_back(json::object{{"id", a.client},
                                       {"agencies", json::array{a.code}},
                                       {"certificate", a.certificate.string()},
                                       {"key", a.key.string()}});
    }
    json::object where{{"name", node},
                       {"level", "province"},
                       {"config", configuration.string()},
                       {"data_dir", data_dir.string()},
                       {"http", fmt::format("https://127.0.0.1:{}", http_port)},
                       {"observe", fmt::format("http://127.0.0.1:{}", observe_port)},
                       {"admin", admin.string()}};
    return json::serialize(json::object{{"ca", ca.string()},
                                        {"agency_ca", (directory / "agency-ca.pem").string()},
                                        {"nodes", json::array{std::move(where)}},
                                        {"agencies", std::move(listed)},
                                        {"clients", std::move(clients)}});
}

network make_network(const std::filesystem::path& directory, std::size_t agencies) {
    network n;
    std::filesystem::create_directories(directory);
    n.directory = std::filesystem::canonical(directory);
    n.configuration = n.directory / "trucd.toml";
    n.data_dir = n.directory / "data";
    n.admin = n.data_dir / "admin.sock";
    n.ca = n.directory / "ca.pem";
    n.node = node_name;
    n.take_ports();
    const auto exchange = make_authority(n.directory, "ca", "CA của trục liên thông");
    trust::write_credentials(n.directory, "node", exchange.issue(node_certificate_for("Nút " + n.node, n.node)));
    const auto authority = make_authority(n.directory, "agency-ca", "CA của các cơ quan");
    const auto own = authority.own();
    n.agencies.resize(agencies);
    in_parallel(agencies, [&](std::size_t i) { n.agencies[i] = make_agency(n, trust::authority::from(own), i); });
    write_text(n.directory / "directory.jsonl", directory_lines(n));
    n.write_configuration();
    write_text(n.directory / "network.json", n.describe());
    return n;
}

} // namespace truc::bench
