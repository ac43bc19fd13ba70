#include "network.hpp"

#include "fields.hpp"
#include "words.hpp"

#include <truc/base/durable.hpp>
#include <truc/model/agency_code.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace truc::cli {

namespace {

network_node read_node(const json::object& o) {
    return {text_field(o, "name"),     text_field(o, "level"),   text_field(o, "config"),
            text_field(o, "data_dir"), text_field(o, "http"),    text_field(o, "vxp"),
            text_field(o, "amqp"),     text_field(o, "observe"), text_field(o, "admin")};
}

network_agency read_agency(const json::object& o) {
    return {text_field(o, "code"),   text_field(o, "name"),        text_field(o, "node"),
            text_field(o, "client"), text_field(o, "certificate"), text_field(o, "key")};
}

std::vector<std::string> read_texts(const json::object& o, std::string_view name) {
    std::vector<std::string> all;
    for (const auto& one : array_field(o, name))
        if (one.is_string()) all.emplace_back(std::string_view(one.get_string()));
    return all;
}

network_client read_client(const json::object& o) {
    return {text_field(o, "id"),  read_texts(o, "agencies"),   text_field(o, "certificate"),
            text_field(o, "key"), text_field(o, "vxp_secret"), text_field(o, "amqp_password")};
}

network_adapter read_adapter(const json::object& o) {
    return {text_field(o, "name"),     text_field(o, "kind"),  text_field(o, "agency"), text_field(o, "config"),
            text_field(o, "data_dir"), text_field(o, "admin"), text_field(o, "outbox"), text_field(o, "inbox"),
            text_field(o, "database"), text_field(o, "url")};
}

network_stand_in read_stand_in(const json::object& o) {
    return {text_field(o, "name"), read_texts(o, "command"), text_field(o, "data_dir"), text_field(o, "url")};
}

json::object to_json(const network_node& n) {
    return {{"name", n.name},
            {"level", n.level},
            {"config", n.config.string()},
            {"data_dir", n.data_dir.string()},
            {"http", n.http},
            {"vxp", n.vxp},
            {"amqp", n.amqp},
            {"observe", n.observe},
            {"admin", n.admin.string()}};
}

json::object to_json(const network_agency& a) {
    return {{"code", a.code},
            {"name", a.name},
            {"node", a.node},
            {"client", a.client},
            {"certificate", a.certificate.string()},
            {"key", a.key.string()}};
}

json::object to_json(const network_client& c) {
    return {{"id", c.id},
            {"agencies", json::array(c.agencies.begin(), c.agencies.end())},
            {"certificate", c.certificate.string()},
            {"key", c.key.string()},
            {"vxp_secret", c.vxp_secret},
            {"amqp_password", c.amqp_password}};
}

json::object to_json(const network_adapter& a) {
    json::object o{{"name", a.name},
                   {"kind", a.kind},
                   {"agency", a.agency},
                   {"config", a.config.string()},
                   {"data_dir", a.data_dir.string()},
                   {"admin", a.admin.string()}};
    for (const auto& [name, path] : {std::pair("outbox", a.outbox), std::pair("inbox", a.inbox),
                                     std::pair("database", a.database), std::pair("url", std::filesystem::path(a.url))})
        if (!path.empty()) o[name] = path.string();
    return o;
}

json::object to_json(const network_stand_in& s) {
    return {{"name", s.name},
            {"command", json::array(s.command.begin(), s.command.end())},
            {"data_dir", s.data_dir.string()},
            {"url", s.url}};
}

template <class Items>
std::string lines_of(const Items& items) {
    std::string out = "[";
    for (const auto& i : items) out += (out.size() > 1 ? ",\n  " : "\n  ") + json::serialize(to_json(i));
    return out + "]";
}

template <class Items>
auto find_in(const Items& items, const auto& same) -> const typename Items::value_type* {
    const auto found = std::find_if(items.begin(), items.end(), same);
    return found == items.end() ? nullptr : &*found;
}

} // namespace

outcome<network> network::load(const std::filesystem::path& file) {
    const auto text = read_file(file);
    if (!text)
        return stop(usage_failure(words("cannot read the network file {}: give --network or set TRUC_NETWORK",
                                        "không đọc được tệp mạng {}: hãy dùng --network hoặc đặt TRUC_NETWORK",
                                        file.string())));
    json::error_code ec;
    const auto value = json::parse(*text, ec);
    if (ec || !value.is_object() || !value.get_object().contains("nodes"))
        return stop(
            usage_failure(words("{} does not describe a network", "{} không phải là tệp mô tả mạng", file.string())));
    const auto& o = value.get_object();
    network n;
    n.authority = text_field(o, "ca");
    n.agency_authority = text_field(o, "agency_ca");
    n.agency_authority_key = text_field(o, "agency_ca_key");
    for (const auto& node : objects_field(o, "nodes")) n.nodes.push_back(read_node(node));
    for (const auto& agency : objects_field(o, "agencies")) n.agencies.push_back(read_agency(agency));
    for (const auto& client : objects_field(o, "clients")) n.clients.push_back(read_client(client));
    for (const auto& adapter : objects_field(o, "adapters")) n.adapters.push_back(read_adapter(adapter));
    for (const auto& stand_in : objects_field(o, "stand_ins")) n.stand_ins.push_back(read_stand_in(stand_in));
    return n;
}

std::string network::text() const {
    const json::object paths{{"ca", authority.string()},
                             {"agency_ca", agency_authority.string()},
                             {"agency_ca_key", agency_authority_key.string()}};
    auto head = json::serialize(paths);
    head.pop_back();
    return fmt::format(
        "{},\n \"nodes\": {},\n \"agencies\": {},\n \"clients\": {},\n \"adapters\": {},\n \"stand_ins\": "
        "{}}}\n",
        head, lines_of(nodes), lines_of(agencies), lines_of(clients), lines_of(adapters), lines_of(stand_ins));
}

const network_node* network::find_node(std::string_view name) const {
    return find_in(nodes, [&](const auto& n) { return n.name == name; });
}

const network_agency* network::find_agency(std::string_view code) const {
    const auto wanted = agency_code::parse(code);
    return find_in(agencies, [&](const auto& a) { return wanted && agency_code::parse(a.code) == wanted; });
}

const network_client* network::find_client(std::string_view id) const {
    return find_in(clients, [&](const auto& c) { return c.id == id; });
}

const network_adapter* network::find_adapter(std::string_view name) const {
    return find_in(adapters, [&](const auto& a) { return a.name == name; });
}

} // namespace truc::cli
