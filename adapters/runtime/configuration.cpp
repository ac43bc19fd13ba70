#include "configuration.hpp"

#include <truc/base/log.hpp>
#include <truc/model/vocabulary.hpp>

#include <algorithm>
#include <array>

namespace truc::adapter {

namespace {

constexpr std::string_view documentation = "conf/truc-adapter.toml";
constexpr std::uint16_t usual_port = 5671;
constexpr std::size_t most_agencies = 13;        ///< whose evidence one client::exchange_link reads
constexpr std::size_t longest_adapter_name = 63; ///< as long as a label of DNS; it is part of every submission's name

struct kind_entry {
    std::string_view kind;
    std::string_view table;
};
constexpr std::array<kind_entry, 4> kinds = {
    {{"tdoffice-folder", "folder"}, {"tdoffice-database", "database"}, {"tdoffice-soap", "soap"}, {"axis", "axis"}}};

bool is_kind(std::string_view text) { return !table_of(text).empty(); }
bool is_code(std::string_view text) { return agency_code::parse(text).has_value(); }
bool is_https(std::string_view text) { return text.starts_with("https://") && text.size() > sizeof("https://"); }
bool is_adapter_name(std::string_view text) { return is_node_name(text) && text.size() <= longest_adapter_name; }

bool is_policy(std::string_view text) { return text == "always" || text == "if_unsigned" || text == "never"; }

sign_policy policy_from(std::string_view text) {
    if (text == "never") return sign_policy::never;
    return text == "always" ? sign_policy::always : sign_policy::if_unsigned;
}

void read_exchange(settings t, configuration& c) {
    address amqp{"127.0.0.1", usual_port};
    t.read_address("amqp", amqp);
    c.exchange.host = amqp.host;
    c.exchange.port = amqp.port;
    t.read_path("ca", c.exchange.authority, true, settings::is::file);
    t.read_path("certificate", c.exchange.certificate, true, settings::is::file);
    t.read_path("key", c.exchange.key, true, settings::is::file);
    t.read_text("http", c.node.url, false, is_https, "\"https://host:port\"");
    c.node.authority = c.exchange.authority;
    c.node.certificate = c.exchange.certificate;
    c.node.key = c.exchange.key;
}

void read_agency(settings t, configuration& c) {
    served_agency a;
    agency_signing s;
    t.read_text("code", a.code, true, is_code, "an agency's code such as \"000.00.36.H43\"");
    t.read_text("name", a.name, true);
    std::string policy = c.kind == "axis" ? "never" : "if_unsigned";
    t.read_text("sign", policy, false, is_policy, "\"always\", \"if_unsigned\" or \"never\"");
    s.code = a.code;
    s.policy = policy_from(policy);
    t.read("sign_statuses", s.statuses);
    const bool signs = s.policy != sign_policy::never;
    t.read_path("certificate", s.certificate, signs, settings::is::file);
    t.read_path("key", s.key, signs, settings::is::file);
    const auto same = [&](const served_agency& other) {
        return agency_code::parse(other.code) == agency_code::parse(a.code);
    };
    if (!a.code.empty() && std::any_of(c.agencies.begin(), c.agencies.end(), same))
        t.refuse("code", "each agency once");
    c.agencies.push_back(std::move(a));
    c.signing.push_back(std::move(s));
}

void read_running(settings& root, configuration& c) {
    if (auto t = root.table("observe"); root.has("observe")) t.read_address("listen", c.observe.emplace());
    root.table("admin").read_path("socket", c.admin_socket, false, settings::is::socket);
    auto log = root.table("log");
    log.read_text("level", c.log_level, false, is_log_level, "trace, debug, info, warn or error");
    log.read("json", c.log_json);
}

} // namespace

std::string_view table_of(std::string_view kind) {
    for (const auto& k : kinds)
        if (k.kind == kind) return k.table;
    return {};
}

result<configuration_file> open_configuration(const std::filesystem::path& file) {
    auto root = settings::load(file, std::string(documentation));
    if (!root) return fail(root.error());
    configuration c;
    root->read_text("name", c.name, true, is_adapter_name, "a name of a-z, 0-9 and '-'");
    root->read_text("kind", c.kind, true, is_kind,
                    "\"tdoffice-folder\", \"tdoffice-database\", \"tdoffice-soap\" or \"axis\"");
    root->read_path("data_dir", c.data_dir, true, settings::is::directory_or_new);
    // The axis reports by itself what becomes of its documents.
    c.report_arrival = c.kind != "axis";
    root->read("report_arrival", c.report_arrival);
    read_exchange(root->table("exchange"), c);
    for (auto& one : root->tables("agencies")) read_agency(std::move(one), c);
    if (c.agencies.empty()) root->refuse("agencies", "at least one [[agencies]]");
    if (c.agencies.size() > most_agencies) root->refuse("agencies", "at most 13 [[agencies]]");
    read_running(*root, c);
    if (c.admin_socket.empty()) c.admin_socket = c.data_dir / "admin.sock";
    c.exchange.name = "truc-adapter/" + c.name;
    for (const auto& a : c.agencies) c.exchange.evidence_of.push_back(a.code);
    auto table = root->table(c.kind.empty() ? std::string_view("folder") : table_of(c.kind));
    return configuration_file{std::move(c), std::move(*root), std::move(table)};
}

} // namespace truc::adapter
