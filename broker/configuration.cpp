#include "configuration.hpp"

#include "reachable.hpp"

#include <truc/base/durable.hpp>
#include <truc/model/vocabulary.hpp>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cctype>
#include <cstring>
#include <set>

namespace truc::broker {

namespace {

/// It must fit into sockaddr_un with its final NUL (unix(7)).
constexpr std::size_t longest_socket = 107;

/// Reads one table key by key and remembers the first thing that is wrong; at the end every key it was not asked for is
/// an error.
class table_reader {
  public:
    table_reader(const toml::table& table, std::string name, const std::filesystem::path& file)
        : table_(table), name_(std::move(name)), file_(file) {}

    void read(const char* key, bool& into) {
        if (const auto* n = find(key, false)) take(*n, key, n->value_exact<bool>(), "true or false", into);
    }
    template <class Number>
    void read_number(const char* key, Number& into, std::int64_t least, std::int64_t most) {
        const auto* n = find(key, false);
        if (!n) return;
        const auto value = n->value_exact<std::int64_t>();
        const bool fits = value.has_value() && *value >= least && *value <= most;
        take(*n, key, fits ? value : std::nullopt, fmt::format("a whole number from {} to {}", least, most), into);
    }
    enum class is { file, directory, directory_or_new, socket };
    /// Relative ones count from the configuration's directory.
    void read_path(const char* key, std::filesystem::path& into, bool mandatory, is kind) {
        const auto* n = find(key, mandatory);
        if (!n) return;
        const auto value = n->value_exact<std::string>();
        if (!value || value->empty()) return wrong(*n, key, "a path");
        into = file_.parent_path() / *value;
        std::error_code ec;
        if (kind == is::file && !std::filesystem::is_regular_file(into, ec))
            wrong(*n, key, "a file that exists (" + into.string() + ")");
        if (kind == is::directory && !std::filesystem::is_directory(into, ec))
            wrong(*n, key, "a directory that exists (" + into.string() + ")");
        if (kind == is::directory_or_new && std::filesystem::exists(into, ec) &&
            !std::filesystem::is_directory(into, ec))
            wrong(*n, key, "a directory (" + into.string() + ")");
        if (kind == is::socket && into.string().size() > longest_socket)
            wrong(*n, key, fmt::format("a path of at most {} bytes", longest_socket));
    }
    /// A text that `good` accepts.
    void read_text(const char* key, std::string& into, bool mandatory, bool (*good)(std::string_view),
                   const char* expected) {
        const auto* n = find(key, mandatory);
        if (!n) return;
        auto value = n->value_exact<std::string>();
        if (value && !good(*value)) value.reset();
        take(*n, key, value, expected, into);
    }
    void read_address(const char* key, address& into) {
        const auto* n = find(key, false);
        if (!n) return;
        const auto text = n->value_exact<std::string>().value_or("");
        const auto colon = text.rfind(':');
        unsigned port = 0;
        const auto digits = colon == std::string::npos ? std::string() : text.substr(colon + 1);
        const bool number =
            !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == std::string::npos;
        if (number) port = static_cast<unsigned>(std::stoul(digits));
        if (colon == 0 || !number || port > 65535) return wrong(*n, key, "\"host:port\"");
        auto host = text.substr(0, colon);
        if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
        into = {std::move(host), static_cast<std::uint16_t>(port)};
    }
    void expect(const char* key) { asked_.insert(key); }
    void refuse(const char* key, const std::string& expected) {
        if (const auto* n = find(key, true)) wrong(*n, key, expected);
    }
    void check_unknown() {
        for (const auto& [key, node] : table_)
            if (!asked_.contains(std::string(key.str())))
                wrong(node, std::string(key.str()).c_str(), "a key that exists (see conf/trucd.toml)");
    }
    const std::optional<std::string>& problem() const { return problem_; }

  private:
    const toml::node* find(const char* key, bool mandatory) {
        asked_.insert(key);
        const auto* n = table_.get(key);
        if (!n && mandatory && !problem_)
            problem_ = fmt::format("{}:{}: {}{} is missing", file_.string(), std::max(1u, table_.source().begin.line),
                                   name_, key);
        return n;
    }
    template <class Value, class Into>
    void take(const toml::node& n, const char* key, const std::optional<Value>& value, const std::string& expected,
              Into& into) {
        if (value)
            into = static_cast<Into>(*value);
        else
            wrong(n, key, expected);
    }
    void wrong(const toml::node& n, const char* key, const std::string& expected) {
        if (problem_) return;
        problem_ = fmt::format("{}:{}: {}{}: expected {}", file_.string(), n.source().begin.line, name_, key, expected);
    }

    const toml::table& table_;
    std::string name_;
    const std::filesystem::path& file_;
    std::set<std::string> asked_;
    std::optional<std::string> problem_;
};

bool is_log_level(std::string_view text) {
    constexpr std::array<std::string_view, 5> levels = {"trace", "debug", "info", "warn", "error"};
    return std::find(levels.begin(), levels.end(), text) != levels.end();
}

const address default_amqp{"127.0.0.1", 5671};
constexpr std::array<const char*, 9> sections = {"certificates", "http",  "amqp", "vxp",    "limits",
                                                 "observe",      "admin", "log",  "threads"};

/// Segments of letters, digits, '-', '_', '.' and '~' (RFC 3986, 2.3), each after a '/'.
bool is_url_path(std::string_view text) {
    const auto good = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || std::strchr("-_.~/", c); };
    return text.size() > 1 && text.front() == '/' && text.back() != '/' && text.find("//") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), good);
}

/// Plain HTTP shows documents to everybody on the way; within a machine or a closed network that is for the operator
/// to say (the SDK of the axis speaks plain HTTP).
void read_facade(table_reader& t, facade& f) {
    t.read_address("listen", f.listen);
    t.read_text("path", f.path, false, is_url_path, "a path such as \"/vxp\"");
    t.read("tls", f.tls);
    t.read("allow_plain_http", f.allow_plain_http);
    t.read_path("secrets", f.secrets, false, table_reader::is::file);
    t.read_path("secrets_key", f.secrets_key, !f.secrets.empty(), table_reader::is::file);
    if (!f.tls && !f.allow_plain_http && !is_private(f.listen.host))
        t.refuse("listen", "a loopback or private address for plain HTTP, since everybody on the way could read along; "
                           "or tls = true, or allow_plain_http = true");
}

void read_section(table_reader& t, std::string_view section, configuration& c) {
    if (section == "certificates") {
        t.read_path("certificate", c.certificate, true, table_reader::is::file);
        t.read_path("key", c.key, true, table_reader::is::file);
        t.read_path("exchange_ca", c.exchange_ca, true, table_reader::is::file);
        t.read_path("agency_ca", c.agency_ca, true, table_reader::is::file);
        t.read_path("crl", c.crl, false, table_reader::is::file);
        t.read_number("watch_seconds", c.watch_pause, 0, 86'400);
    } else if (section == "http") {
        t.read_address("listen", c.http);
    } else if (section == "amqp") {
        t.read_address("listen", c.amqp.emplace(default_amqp));
        t.read_path("passwords", c.amqp_passwords, false, table_reader::is::file);
    } else if (section == "vxp") {
        read_facade(t, c.vxp.emplace());
    } else if (section == "limits") {
        t.read_number("requests_per_second", c.limits.per_second, 1, 1'000'000);
        t.read_number("burst", c.limits.burst, 1, 1'000'000);
        t.read_number("at_once", c.limits.at_once, 1, 1'000'000);
    } else if (section == "observe") {
        t.read_address("listen", c.observe);
    } else if (section == "admin") {
        t.read_path("socket", c.admin_socket, false, table_reader::is::socket);
    } else if (section == "log") {
        t.read_text("level", c.log_level, false, is_log_level, "trace, debug, info, warn or error");
        t.read("json", c.log_json);
    } else {
        t.read_number("io", c.io_threads, 1, 64);
        t.read_number("pool", c.pool_threads, 1, 256);
    }
}

std::optional<std::string> read_neighbour(const toml::table& table, const std::filesystem::path& file,
                                          configuration& c) {
    table_reader t(table, "neighbours.", file);
    neighbour n;
    t.read_text("name", n.name, true, is_node_name, "a name of a-z, 0-9 and '-'");
    if (table.contains("address")) t.read_address("address", n.address.emplace());
    t.expect("address");
    if (n.address && n.address->port == 0) t.refuse("address", "\"host:port\"");
    const auto same = [&n](const neighbour& other) { return other.name == n.name; };
    if (n.name == c.node) t.refuse("name", "another node than this one");
    if (std::any_of(c.neighbours.begin(), c.neighbours.end(), same)) t.refuse("name", "each neighbour once");
    t.check_unknown();
    c.neighbours.push_back(std::move(n));
    return t.problem();
}

std::optional<std::string> read_neighbours(const toml::table& root, const std::filesystem::path& file,
                                           configuration& c) {
    const auto* node = root.get("neighbours");
    if (!node) return std::nullopt;
    const auto* list = node->as_array();
    if (!list || !list->is_homogeneous<toml::table>())
        return fmt::format("{}:{}: neighbours: expected tables [[neighbours]]", file.string(),
                           node->source().begin.line);
    for (const auto& one : *list)
        if (auto problem = read_neighbour(*one.as_table(), file, c)) return problem;
    return std::nullopt;
}

std::optional<std::string> read_all(const toml::table& root, const std::filesystem::path& file, configuration& c) {
    table_reader top(root, "", file);
    top.read_text("node", c.node, true, is_node_name, "a name of a-z, 0-9 and '-'");
    top.read_path("data_dir", c.data_dir, true, table_reader::is::directory_or_new);
    top.read_path("directory", c.directory, true, table_reader::is::file);
    top.read_path("schemas", c.schemas, false, table_reader::is::directory);
    top.read_number("drain_seconds", c.drain_time, 0, 3600);
    top.expect("neighbours");
    static const toml::table none;
    for (const auto* section : sections) {
        const auto* node = root.get(section);
        const bool optional = section == std::string_view("amqp") || section == std::string_view("vxp");
        if (!node && optional) continue; // not listening is the default
        const auto* table = node ? node->as_table() : &none;
        if (!table)
            return fmt::format("{}:{}: {}: expected a table [{}]", file.string(), node->source().begin.line, section,
                               section);
        table_reader reader(*table, std::string(section) + ".", file);
        read_section(reader, section, c);
        reader.check_unknown();
        if (reader.problem()) return reader.problem();
        top.expect(section);
    }
    if (auto problem = read_neighbours(root, file, c)) return problem;
    top.check_unknown();
    return top.problem();
}

} // namespace

result<configuration> load_configuration(const std::filesystem::path& file) {
    auto text = read_file(file);
    if (!text) return fail(errc::bad_configuration, text.error().what);
    try {
        const auto root = toml::parse(*text, file.string());
        configuration c;
        c.schemas = TRUC_SCHEMA_DIR;
        if (auto problem = read_all(root, file, c)) return fail(errc::bad_configuration, *problem);
        if (c.admin_socket.empty()) c.admin_socket = c.data_dir / "admin.sock";
        return c;
    } catch (const toml::parse_error& e) {
        return fail(errc::bad_configuration,
                    fmt::format("{}:{}: {}", file.string(), e.source().begin.line, e.description()));
    }
}

} // namespace truc::broker
