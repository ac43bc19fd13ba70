#include "member_reader.hpp"
#include "node_name.hpp"
#include "repeated_member.hpp"

#include <truc/directory/json_lines.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace truc::directory {

namespace json = boost::json;

namespace {

constexpr std::string_view a_code = "an agency's code such as 000.00.12.H43";
constexpr std::string_view a_digest = "the SHA-256 of a certificate, 64 hexadecimal digits";
constexpr std::string_view a_time = "a time such as 2025-07-01T00:00:00.000+07:00";
constexpr std::string_view a_policy = "\"required\" or \"if_present\"";
constexpr std::string_view an_entrance = "\"http\", \"amqp\", \"axis\" or \"adapter\"";
constexpr std::string_view an_address = "a host and a port such as 127.0.0.1:18671";
constexpr std::string_view an_id = "a client's id of letters, digits, '.', '_' and '-', at most 64 characters";
constexpr std::string_view a_text = "a text";
constexpr std::string_view a_name = "a text that is not empty";

// How a text becomes a value; nullopt where it does not.

std::optional<std::string> any_text(std::string_view text) { return std::string(text); }

std::optional<std::string> name_text(std::string_view text) {
    if (text.find_first_not_of(" \t") == std::string_view::npos) return std::nullopt;
    return std::string(text);
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// The host is looked at when it is dialled.
std::optional<std::string> address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    const auto port = text.substr(colon + 1);
    const bool digits = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || port.empty() || port.size() > 5 || port.front() == '0') return std::nullopt;
    const bool fits = std::stoul(std::string(port)) <= 65535;
    return fits && text.find_first_of(" \t/@") == std::string_view::npos ? std::optional(std::string(text))
                                                                         : std::nullopt;
}

std::optional<std::string> client_id(std::string_view text) {
    const bool known = std::all_of(text.begin(), text.end(), [](char c) {
        return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
    });
    if (text.empty() || text.size() > 64 || !known) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> code_text(std::string_view text) {
    const auto code = agency_code::parse(text);
    if (!code) return std::nullopt;
    return code->str();
}

std::string_view to_string(signature_policy p) { return p == signature_policy::required ? "required" : "if_present"; }

std::optional<signature_policy> policy_from(std::string_view text) {
    for (const auto p : {signature_policy::required, signature_policy::if_present})
        if (to_string(p) == text) return p;
    return std::nullopt;
}

std::optional<entrance> entrance_from(std::string_view text) {
    for (const auto e : {entrance::http, entrance::amqp, entrance::axis, entrance::adapter})
        if (truc::to_string(e) == text) return e;
    return std::nullopt;
}

result<record> read_agency(const json::object& members) {
    member_reader read("agency", members);
    std::optional<agency_code> code;
    read.one("code", need::mandatory, a_code, agency_code::parse, code);
    if (const auto so_far = read.finish(); !so_far) return fail(so_far.error());
    agency a(*code);
    read.one("name", need::mandatory, a_name, name_text, a.name);
    read.one("node", need::mandatory, a_node, node_name, a.node);
    read.one("level", need::optional, a_text, any_text, a.level);
    read.one("parent", need::optional, a_code, code_text, a.parent);
    read.one("mail", need::optional, a_text, any_text, a.mail);
    read.one("gateway", need::optional, an_id, client_id, a.gateway);
    read.many("aliases", a_code, agency_code::parse, a.aliases);
    read.many("successors", a_code, agency_code::parse, a.successors);
    read.many("certificates", a_digest, sha256_digest::from_hex, a.certificates);
    read.one("valid_from", need::optional, a_time, from_rfc3339, a.valid_from);
    read.one("valid_to", need::optional, a_time, from_rfc3339, a.valid_to);
    read.one("documents", need::optional, a_policy, policy_from, a.documents);
    read.one("statuses", need::optional, a_policy, policy_from, a.statuses);
    if (const auto all = read.finish(); !all) return fail(all.error());
    if (a.valid_from && a.valid_to && *a.valid_to <= *a.valid_from)
        return fail(errc::bad_directory, "agency/valid_to: expected a time after valid_from");
    return a;
}

result<record> read_client(const json::object& members) {
    member_reader read("client", members);
    client c;
    read.one("id", need::mandatory, an_id, client_id, c.id);
    read.many("certificates", a_digest, sha256_digest::from_hex, c.certificates);
    read.many("agencies", a_code, agency_code::parse, c.agencies);
    read.many("entrances", an_entrance, entrance_from, c.entrances);
    read.flag("disabled", c.disabled);
    read.flag("gateway", c.gateway);
    if (const auto all = read.finish(); !all) return fail(all.error());
    return c;
}

result<record> read_node(const json::object& members) {
    member_reader read("node", members);
    node n;
    read.one("name", need::mandatory, a_node, node_name, n.name);
    read.one("level", need::optional, a_text, any_text, n.level);
    read.one("parent", need::optional, a_node, node_name, n.parent);
    read.one("http", need::optional, a_text, any_text, n.http);
    read.one("amqp", need::optional, an_address, address, n.amqp);
    read.many("links", a_node, node_name, n.links);
    if (const auto all = read.finish(); !all) return fail(all.error());
    return n;
}

using read_function = result<record> (*)(const json::object&);
constexpr std::array<std::pair<std::string_view, read_function>, 3> kinds = {
    {{"agency", read_agency}, {"client", read_client}, {"node", read_node}}};

result<record> read_record(const json::value& line) {
    const json::value* found = nullptr;
    const std::pair<std::string_view, read_function>* kind = nullptr;
    for (const auto& k : kinds) {
        const auto* members = line.is_object() ? line.get_object().if_contains(k.first) : nullptr;
        if (members && found) return fail(errc::bad_directory, "expected one record in a line, found two");
        if (members) found = members, kind = &k;
    }
    if (!found) return fail(errc::bad_directory, R"(expected {"agency": {…}}, {"client": {…}} or {"node": {…}})");
    if (!found->is_object()) return fail(errc::bad_directory, fmt::format("{}: expected an object", kind->first));
    return kind->second(found->get_object());
}

// Writing. Members that are empty are left out: that is what their absence means.

void put(json::object& o, std::string_view name, std::string_view text) {
    if (!text.empty()) o[name] = text;
}

void put(json::object& o, std::string_view name, const std::optional<timestamp>& time) {
    if (time) o[name] = to_rfc3339(*time);
}

void put(json::object& o, std::string_view name, const std::optional<signature_policy>& policy) {
    if (policy) o[name] = to_string(*policy);
}

template <class Value, class Text>
void put_all(json::object& o, std::string_view name, const std::vector<Value>& values, Text text) {
    if (values.empty()) return;
    json::array list;
    for (const auto& v : values) list.emplace_back(text(v));
    o[name] = std::move(list);
}

void put_all(json::object& o, std::string_view name, const std::vector<agency_code>& codes) {
    put_all(o, name, codes, [](const agency_code& c) { return json::string(c.str()); });
}

void put_all(json::object& o, std::string_view name, const std::vector<sha256_digest>& digests) {
    put_all(o, name, digests, [](const sha256_digest& d) { return json::string(d.hex()); });
}

std::string line_of(std::string_view kind, json::object members) {
    json::object line;
    line[kind] = std::move(members);
    return json::serialize(line);
}

} // namespace

result<record> from_json_line(std::string_view line) {
    std::array<unsigned char, 8192> buffer;
    json::monotonic_resource memory(buffer.data(), buffer.size());
    json::error_code failure;
    const auto value = json::parse(line, failure, &memory);
    if (failure) return fail(errc::bad_directory, fmt::format("expected JSON: {}", failure.message()));
    if (const auto twice = repeated_member(line))
        return fail(errc::bad_directory, fmt::format("expected each member once: {} is repeated", *twice));
    return read_record(value);
}

std::string to_json_line(const agency& a) {
    json::object o;
    put(o, "code", a.code.str());
    put(o, "name", a.name);
    put(o, "node", a.node);
    put(o, "level", a.level);
    put(o, "parent", a.parent);
    put(o, "mail", a.mail);
    put(o, "gateway", a.gateway);
    put_all(o, "aliases", a.aliases);
    put_all(o, "successors", a.successors);
    put_all(o, "certificates", a.certificates);
    put(o, "valid_from", a.valid_from);
    put(o, "valid_to", a.valid_to);
    put(o, "documents", a.documents);
    put(o, "statuses", a.statuses);
    return line_of("agency", std::move(o));
}

std::string to_json_line(const client& c) {
    json::object o;
    put(o, "id", c.id);
    put_all(o, "certificates", c.certificates);
    put_all(o, "agencies", c.agencies);
    put_all(o, "entrances", c.entrances, [](entrance e) { return json::string(truc::to_string(e)); });
    if (c.disabled) o["disabled"] = true;
    if (c.gateway) o["gateway"] = true;
    return line_of("client", std::move(o));
}

std::string to_json_line(const node& n) {
    json::object o;
    put(o, "name", n.name);
    put(o, "level", n.level);
    put(o, "parent", n.parent);
    put(o, "http", n.http);
    put(o, "amqp", n.amqp);
    put_all(o, "links", n.links, [](const std::string& name) { return json::string(name); });
    return line_of("node", std::move(o));
}

} // namespace truc::directory
