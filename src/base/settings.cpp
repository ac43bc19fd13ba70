#include <truc/base/durable.hpp>
#include <truc/base/settings.hpp>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <set>

namespace truc {

namespace {

/// It must fit into sockaddr_un with its final NUL (unix(7)).
constexpr std::size_t longest_socket = 107;

const toml::table no_table;

const toml::table& as_table(const void* table) { return *static_cast<const toml::table*>(table); }

std::optional<address> parse_address(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == 0 || colon == std::string::npos) return std::nullopt;
    const auto digits = text.substr(colon + 1);
    if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    const auto port = std::stoul(digits);
    if (port > 65535) return std::nullopt;
    auto host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return address{std::move(host), static_cast<std::uint16_t>(port)};
}

/// What is wrong with a path of that kind; empty: nothing.
std::string fault_of(const std::filesystem::path& path, settings::is kind) {
    std::error_code ec;
    const auto status = std::filesystem::status(path, ec);
    if (kind == settings::is::file && !std::filesystem::is_regular_file(status))
        return "a file that exists (" + path.string() + ")";
    if (kind == settings::is::directory && !std::filesystem::is_directory(status))
        return "a directory that exists (" + path.string() + ")";
    if (kind == settings::is::directory_or_new && std::filesystem::exists(status) &&
        !std::filesystem::is_directory(status))
        return "a directory (" + path.string() + ")";
    if (kind == settings::is::socket && path.string().size() > longest_socket)
        return fmt::format("a path of at most {} bytes", longest_socket);
    return {};
}

} // namespace

struct settings::file {
    std::filesystem::path path;
    std::string documented_in;
    toml::table root;
    std::optional<std::string> problem; ///< the first

    /// What was asked of each table that was looked at.
    struct visited {
        const toml::table* table;
        std::string name;
        std::set<std::string, std::less<>> asked;
    };
    std::vector<visited> tables;

    void asked(const void* table, const std::string& name, std::string_view key) {
        const auto at = std::find_if(tables.begin(), tables.end(), [&](const auto& v) { return v.table == table; });
        auto& one = at != tables.end() ? *at : tables.emplace_back(visited{&as_table(table), name, {}});
        one.asked.emplace(key);
    }
    void wrong(toml::source_index line, std::string_view what, std::string_view expected) {
        if (!problem)
            problem = fmt::format("{}:{}: {}: expected {}", path.string(), std::max(1u, line), what, expected);
    }
    /// Null when it is missing, which is remembered where it must not be.
    const toml::node* find(const void* table, const std::string& name, std::string_view key, bool mandatory) {
        asked(table, name, key);
        const auto* n = as_table(table).get(key);
        if (!n && mandatory && !problem)
            problem = fmt::format("{}:{}: {}{} is missing", path.string(),
                                  std::max(1u, as_table(table).source().begin.line), name, key);
        return n;
    }
    /// Every key that is there and that nobody asked for is a mistake of whoever wrote it.
    void find_unknown() {
        for (const auto& v : tables)
            for (const auto& [key, node] : *v.table)
                if (!v.asked.contains(key.str()))
                    wrong(node.source().begin.line, v.name + std::string(key.str()),
                          fmt::format("a key that exists (see {})", documented_in));
    }
};

settings::settings(std::shared_ptr<file> f, const void* table, std::string name)
    : file_(std::move(f)), table_(table), name_(std::move(name)) {}

result<settings> settings::load(const std::filesystem::path& path, std::string documented_in) {
    auto text = read_file(path);
    if (!text) return fail(errc::bad_configuration, text.error().what);
    auto f = std::make_shared<file>();
    f->path = path;
    f->documented_in = std::move(documented_in);
    try {
        f->root = toml::parse(*text, path.string());
    } catch (const toml::parse_error& e) {
        return fail(errc::bad_configuration,
                    fmt::format("{}:{}: {}", path.string(), e.source().begin.line, e.description()));
    }
    const auto* root = &f->root;
    f->tables.push_back({root, "", {}});
    return settings(std::move(f), root, "");
}

bool settings::has(std::string_view key) const { return as_table(table_).contains(key); }

void settings::read(std::string_view key, bool& into) {
    const auto* n = file_->find(table_, name_, key, false);
    if (!n) return;
    if (const auto value = n->value_exact<bool>())
        into = *value;
    else
        refuse(key, "true or false");
}

std::optional<std::int64_t> settings::number(std::string_view key, std::int64_t least, std::int64_t most) {
    const auto* n = file_->find(table_, name_, key, false);
    if (!n) return std::nullopt;
    const auto value = n->value_exact<std::int64_t>();
    if (value && *value >= least && *value <= most) return value;
    refuse(key, fmt::format("a whole number from {} to {}", least, most));
    return std::nullopt;
}

void settings::read_path(std::string_view key, std::filesystem::path& into, bool mandatory, is kind) {
    const auto* n = file_->find(table_, name_, key, mandatory);
    if (!n) return;
    const auto value = n->value_exact<std::string>();
    if (!value || value->empty()) return refuse(key, "a path");
    into = file_->path.parent_path() / *value;
    if (const auto fault = fault_of(into, kind); !fault.empty()) refuse(key, fault);
}

void settings::read_text(std::string_view key, std::string& into, bool mandatory, bool (*good)(std::string_view),
                         std::string_view expected) {
    const auto* n = file_->find(table_, name_, key, mandatory);
    if (!n) return;
    auto value = n->value_exact<std::string>();
    if (!value || (good ? !good(*value) : value->empty())) return refuse(key, expected);
    into = std::move(*value);
}

void settings::read_address(std::string_view key, address& into) {
    const auto* n = file_->find(table_, name_, key, false);
    if (!n) return;
    auto value = parse_address(n->value_exact<std::string>().value_or(""));
    if (!value) return refuse(key, "\"host:port\"");
    into = std::move(*value);
}

void settings::read_list(std::string_view key, std::vector<std::string>& into) {
    const auto* n = file_->find(table_, name_, key, false);
    if (!n) return;
    const auto* list = n->as_array();
    if (!list || (!list->empty() && !list->is_homogeneous<std::string>())) return refuse(key, "a list of texts");
    into.clear();
    for (const auto& one : *list) into.push_back(*one.value_exact<std::string>());
}

void settings::read_map(std::string_view key, std::map<std::string, std::string>& into) {
    const auto* n = file_->find(table_, name_, key, false);
    if (!n) return;
    const auto* map = n->as_table();
    if (!map || (!map->empty() && !map->is_homogeneous<std::string>()))
        return refuse(key, "a table of texts, \"from\" = \"to\"");
    into.clear();
    for (const auto& [from, to] : *map) into.emplace(from.str(), *to.value_exact<std::string>());
}

settings settings::table(std::string_view key) {
    const auto* n = file_->find(table_, name_, key, false);
    const auto* found = n ? n->as_table() : &no_table;
    if (!found) refuse(key, fmt::format("a table [{}{}]", name_, key));
    return {file_, found ? found : &no_table, fmt::format("{}{}.", name_, key)};
}

std::vector<settings> settings::tables(std::string_view key) {
    std::vector<settings> all;
    const auto* n = file_->find(table_, name_, key, false);
    if (!n) return all;
    const auto* list = n->as_array();
    if (!list || !list->is_homogeneous<toml::table>()) {
        refuse(key, fmt::format("tables [[{}{}]]", name_, key));
        return all;
    }
    for (const auto& one : *list) all.push_back({file_, one.as_table(), fmt::format("{}{}.", name_, key)});
    return all;
}

void settings::refuse(std::string_view key, std::string_view expected) {
    const auto& table = as_table(table_);
    const auto* n = table.get(key);
    file_->wrong((n ? n->source() : table.source()).begin.line, name_ + std::string(key), expected);
}

result<void> settings::finish() const {
    if (!file_->problem) file_->find_unknown();
    if (file_->problem) return fail(errc::bad_configuration, *file_->problem);
    return {};
}

} // namespace truc
