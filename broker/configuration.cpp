#include "configuration.hpp"

#include <truc/base/decimal.hpp>
#include <truc/base/log.hpp>
#include <truc/base/reachable.hpp>
#include <truc/client/http_client.hpp>
#include <truc/model/vocabulary.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <unistd.h>

namespace truc::broker {

namespace {

const address default_amqp{"127.0.0.1", 5671};

/// Segments of letters, digits, '-', '_', '.' and '~' (RFC 3986, 2.3), each after a '/'.
bool is_url_path(std::string_view text) {
    const auto good = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::strchr("-_.~/", c); };
    return text.size() > 1 && text.front() == '/' && text.back() != '/' && text.find("//") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), good);
}

/// Plain HTTP shows documents to everybody on the way; within a machine or a closed network that is for the operator
/// to say (the SDK of the axis speaks plain HTTP).
void read_facade(settings t, facade& f) {
    t.read_address("listen", f.listen);
    t.read_text("path", f.path, false, is_url_path, "a path such as \"/vxp\"");
    t.read("tls", f.tls);
    t.read("allow_plain_http", f.allow_plain_http);
    t.read_path("secrets", f.secrets, false, settings::is::file);
    t.read_path("secrets_key", f.secrets_key, !f.secrets.empty(), settings::is::file);
    if (!f.tls && !f.allow_plain_http && !is_private(f.listen.host))
        t.refuse("listen", "a loopback or private address for plain HTTP, since everybody on the way could read along; "
                           "or tls = true, or allow_plain_http = true");
}

void read_certificates(settings t, configuration& c) {
    t.read_path("certificate", c.certificate, true, settings::is::file);
    t.read_path("key", c.key, true, settings::is::file);
    t.read_path("exchange_ca", c.exchange_ca, true, settings::is::file);
    t.read_path("agency_ca", c.agency_ca, true, settings::is::file);
    t.read_path("crl", c.crl, false, settings::is::file);
    t.read_number("watch_seconds", c.watch_pause, 0, 86'400);
}

/// Who does not say where to listen for AMQP and the SDK of the axis does not listen.
void read_listeners(settings& root, configuration& c) {
    root.table("http").read_address("listen", c.http);
    auto observe = root.table("observe");
    observe.read_address("listen", c.observe);
    observe.read_number("figures_seconds", c.figures_pause, 1, 3600);
    if (auto t = root.table("amqp"); root.has("amqp")) {
        t.read_address("listen", c.amqp.emplace(default_amqp));
        t.read_path("passwords", c.amqp_passwords, false, settings::is::file);
    }
    if (auto t = root.table("vxp"); root.has("vxp")) read_facade(std::move(t), c.vxp.emplace());
}

/// "256MiB": a whole number and a unit.
std::optional<std::uint64_t> parse_size(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, unsigned>, 4> units = {
        {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}};
    for (const auto& [unit, bits] : units) {
        if (!text.ends_with(unit)) continue;
        const auto count = parse_decimal<std::uint64_t>(text.substr(0, text.size() - unit.size()));
        if (!count || *count > (UINT64_MAX >> bits)) return std::nullopt;
        return *count << bits;
    }
    return std::nullopt;
}

bool is_size(std::string_view text) { return parse_size(text).has_value(); }

void read_limits(settings t, configuration& c) {
    t.read_number("requests_per_second", c.limits.per_second, 1, 1'000'000);
    t.read_number("burst", c.limits.burst, 1, 1'000'000);
    t.read_number("at_once", c.limits.at_once, 1, 1'000'000);
    std::string keep_free;
    t.read_text("keep_free", keep_free, false, is_size, "a size such as \"256MiB\"");
    if (const auto size = parse_size(keep_free)) c.keep_free = *size;
}

/// "72h": a whole number and a unit, at least a second and at most a year.
std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    constexpr std::array<std::pair<char, std::uint32_t>, 4> units = {{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}}};
    constexpr std::uint32_t longest = 366 * 86'400;
    for (const auto& [unit, seconds] : units) {
        if (!text.ends_with(unit)) continue;
        const auto count = parse_decimal<std::uint32_t>(text.substr(0, text.size() - 1));
        if (!count || *count < 1 || *count > longest / seconds) return std::nullopt;
        return std::chrono::seconds(*count * seconds);
    }
    return std::nullopt;
}

bool is_duration(std::string_view text) { return parse_duration(text).has_value(); }

void read_deadlines(settings t, configuration& c) {
    constexpr std::array<std::string_view, 5> keys = {"normal", "urgent", "very_urgent", "express", "express_timed"};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        std::string text;
        t.read_text(keys[i], text, false, is_duration, "a duration such as \"72h\" or \"30m\"");
        if (const auto time = parse_duration(text)) c.time_to_deliver[i] = *time;
    }
}

void read_running(settings& root, configuration& c) {
    root.table("admin").read_path("socket", c.admin_socket, false, settings::is::socket);
    auto log = root.table("log");
    log.read_text("level", c.log_level, false, is_log_level, "trace, debug, info, warn or error");
    log.read("json", c.log_json);
    log.read("events", c.log_events);
    auto threads = root.table("threads");
    threads.read_number("io", c.io_threads, 1, 64);
    threads.read_number("pool", c.pool_threads, 1, 256);
}

bool is_web_address(std::string_view text) {
    const auto server = client::server_address::parse(text);
    return server && !server->is_local();
}

void read_alarms(settings t, alarm_ways& ways) {
    t.read("syslog", ways.syslog);
    t.read_path("syslog_socket", ways.syslog_socket, false, settings::is::socket);
    t.read_text("webhook", ways.webhook, false, is_web_address, "https://host[:port]/path or http://…");
    t.read_path("webhook_ca", ways.webhook_ca, ways.webhook.starts_with("https:"), settings::is::file);
    t.read_list("command", ways.command);
    t.read_number("timeout_seconds", ways.timeout, 1, 300);
    if (!ways.command.empty() && ::access(ways.command.front().c_str(), X_OK) != 0)
        t.refuse("command", "a list that begins with the path of a program that may be run");
    if (!ways.command.empty() && !std::filesystem::path(ways.command.front()).is_absolute())
        t.refuse("command", "an absolute path, since no shell looks for the program");
}

/// "07:30": counted from midnight.
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
    const auto time = from_rfc3339(fmt::format("1970-01-01T{}:00Z", text));
    if (!time) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::minutes>(time->time_since_epoch());
}

bool is_time_of_day(std::string_view text) { return parse_time_of_day(text).has_value(); }

void read_time(settings& t, std::string_view key, std::chrono::minutes& into) {
    std::string text;
    t.read_text(key, text, false, is_time_of_day, "a time such as \"07:30\"");
    if (const auto time = parse_time_of_day(text)) into = *time;
}

void read_clocks(settings t, clock_settings& c) {
    t.read_path("holidays", c.holidays, false, settings::is::file);
    t.read_number("urgent_minutes", c.urgent, 1, 1440);
    t.read_number("look_back_days", c.look_back, 1, 365);
    read_time(t, "morning_ends", c.hours.morning_end);
    read_time(t, "work_ends", c.hours.end);
    if (c.hours.end < c.hours.morning_end) t.refuse("work_ends", "a time after morning_ends");
}

void read_retention(settings t, configuration& c) {
    std::chrono::days keep(90);
    t.read_number("content_days", keep, 0, 36'500);
    c.keep_content = keep;
    t.read_number("look_seconds", c.retention_pause, 1, 86'400);
}

void read_neighbour(settings t, configuration& c) {
    neighbour n;
    t.read_text("name", n.name, true, is_node_name, "a name of a-z, 0-9 and '-'");
    if (t.has("address")) t.read_address("address", n.address.emplace());
    if (n.address && n.address->port == 0) t.refuse("address", "\"host:port\"");
    const auto same = [&n](const neighbour& other) { return other.name == n.name; };
    if (n.name == c.node) t.refuse("name", "another node than this one");
    if (std::any_of(c.neighbours.begin(), c.neighbours.end(), same)) t.refuse("name", "each neighbour once");
    c.neighbours.push_back(std::move(n));
}

} // namespace

result<configuration> load_configuration(const std::filesystem::path& file) {
    auto root = settings::load(file, "conf/trucd.toml");
    if (!root) return fail(root.error());
    configuration c;
    c.schemas = TRUC_SCHEMA_DIR;
    c.clocks.holidays = TRUC_HOLIDAYS;
    root->read_text("node", c.node, true, is_node_name, "a name of a-z, 0-9 and '-'");
    root->read_path("data_dir", c.data_dir, true, settings::is::directory_or_new);
    root->read_path("directory", c.directory, true, settings::is::file);
    root->read_path("schemas", c.schemas, false, settings::is::directory);
    root->read_number("drain_seconds", c.drain_time, 0, 3600);
    read_certificates(root->table("certificates"), c);
    read_listeners(*root, c);
    read_limits(root->table("limits"), c);
    read_deadlines(root->table("deadlines"), c);
    read_running(*root, c);
    read_retention(root->table("retention"), c);
    read_alarms(root->table("alarms"), c.alarms);
    read_clocks(root->table("clocks"), c.clocks);
    for (auto& one : root->tables("neighbours")) read_neighbour(std::move(one), c);
    if (auto good = root->finish(); !good) return fail(good.error());
    if (c.admin_socket.empty()) c.admin_socket = c.data_dir / "admin.sock";
    return c;
}

} // namespace truc::broker
