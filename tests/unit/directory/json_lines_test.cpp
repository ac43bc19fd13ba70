#include <truc/directory/json_lines.hpp>

#include <gtest/gtest.h>

namespace truc::directory {
namespace {

std::string failure_of(std::string_view line) {
    const auto r = from_json_line(line);
    if (r) return "no error";
    return r.error().code == errc::bad_directory ? r.error().what : "another code";
}

std::string agency_with(std::string_view members) {
    return fmt::format(R"({{"agency": {{"code": "A.1", "name": "x", "node": "n", {}}}}})", members);
}

std::string client_with(std::string_view members) { return fmt::format(R"({{"client": {{"id": "c", {}}}}})", members); }

TEST(json_lines, what_is_written_reads_back) {
    agency a(*agency_code::parse("000.00.12.H43"));
    a.name = "Sở \"Thông tin\"";
    a.node = "ninhthuan";
    const std::string small = R"({"agency":{"code":"000.00.12.H43","name":"Sở \"Thông tin\"","node":"ninhthuan"}})";
    EXPECT_EQ(to_json_line(a), small);

    a.level = "department";
    a.parent = "000.00.00.H43";
    a.mail = "a@b.vn";
    a.aliases = {*agency_code::parse("H43.12")};
    a.successors = {*agency_code::parse("H43.13"), *agency_code::parse("H43.14")};
    a.certificates = {sha256("one"), sha256("two")};
    a.valid_from = from_rfc3339("2020-01-01T00:00:00.000+07:00");
    a.valid_to = from_rfc3339("2025-07-01T00:00:00.000+07:00");
    a.documents = signature_policy::if_present;
    a.statuses = signature_policy::required;
    const auto line = to_json_line(a);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto read = from_json_line(line);
    ASSERT_TRUE(read) << read.error().what;
    const auto& b = std::get<agency>(*read);
    EXPECT_EQ(b.name, a.name);
    EXPECT_EQ(b.successors, a.successors);
    EXPECT_EQ(b.certificates, a.certificates);
    EXPECT_EQ(b.valid_from, a.valid_from);
    EXPECT_EQ(b.documents, a.documents);
    EXPECT_EQ(to_json_line(b), line);
}

TEST(json_lines, clients_and_nodes_read_back) {
    client c;
    c.id = "so-tttt";
    EXPECT_EQ(to_json_line(c), R"({"client":{"id":"so-tttt"}})");
    c.certificates = {sha256("x")};
    c.agencies = {*agency_code::parse("A"), *agency_code::parse("B")};
    c.entrances = {entrance::http, entrance::amqp, entrance::axis, entrance::adapter};
    c.disabled = true;
    const auto client_line = to_json_line(c);
    const auto read_client = from_json_line(client_line);
    ASSERT_TRUE(read_client) << read_client.error().what;
    EXPECT_EQ(std::get<client>(*read_client).entrances, c.entrances);
    EXPECT_TRUE(std::get<client>(*read_client).disabled);
    EXPECT_EQ(to_json_line(std::get<client>(*read_client)), client_line);

    node n;
    n.name = "cana";
    n.level = "commune";
    n.parent = "thuannam";
    n.http = "https://127.0.0.1:1";
    const auto read_node = from_json_line(to_json_line(n));
    ASSERT_TRUE(read_node) << read_node.error().what;
    EXPECT_EQ(to_json_line(std::get<node>(*read_node)), to_json_line(n));

    n.amqp = "127.0.0.1:18671";
    n.links = {"vpcp", "ninhthuan"};
    const auto line = to_json_line(n);
    EXPECT_NE(line.find(R"("amqp":"127.0.0.1:18671","links":["vpcp","ninhthuan"])"), std::string::npos) << line;
    const auto read_again = from_json_line(line);
    ASSERT_TRUE(read_again) << read_again.error().what;
    EXPECT_EQ(std::get<node>(*read_again).amqp, n.amqp);
    EXPECT_EQ(std::get<node>(*read_again).links, n.links);
}

TEST(json_lines, an_address_is_a_host_and_a_port) {
    const auto with = [](std::string_view text) {
        return fmt::format(R"({{"node": {{"name": "n", "amqp": "{}"}}}})", text);
    };
    for (const auto* good : {"127.0.0.1:1", "truc.ninhthuan.gov.vn:65535", "[::1]:18671"})
        EXPECT_TRUE(from_json_line(with(good))) << good;
    for (const auto* bad : {"", "host", ":1", "host:", "host:0", "host:01", "host:65536", "host:123456", "host:1x",
                            "host:-1", "a b:1", "amqp://host:1"})
        EXPECT_EQ(failure_of(with(bad)).find("node/amqp: expected a host and a port"), 0u) << bad;
    EXPECT_EQ(failure_of(R"({"node": {"name": "n", "links": ["N"]}})").find("node/links: expected a node's name"), 0u);
    EXPECT_EQ(failure_of(R"({"node": {"name": "n", "links": "m"}})"), "node/links: expected an array of texts");
}

TEST(json_lines, codes_are_read_in_every_form) {
    const auto read =
        from_json_line(R"({"agency": {"code": "000-00-12-h43", "name": "x", "node": "n", "parent": "h43"}})");
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(std::get<agency>(*read).code.str(), "000.00.12.H43");
    EXPECT_EQ(std::get<agency>(*read).parent, "H43");
}

TEST(json_lines, unknown_members_are_ignored) {
    EXPECT_TRUE(from_json_line(agency_with(R"("later": {"a": [1, 2.5, null, "x"]})")));
    EXPECT_TRUE(from_json_line(R"({"version": 2, "node": {"name": "n"}})"));
}

TEST(json_lines, what_is_no_record_is_refused) {
    const std::string kinds = R"(expected {"agency": {…}}, {"client": {…}} or {"node": {…}})";
    EXPECT_EQ(failure_of("{").find("expected JSON: "), 0u);
    EXPECT_EQ(failure_of("{} {}").find("expected JSON: "), 0u);
    EXPECT_EQ(failure_of("{\"node\": {\"name\": \"\xff\"}}").find("expected JSON: "), 0u);
    EXPECT_EQ(failure_of(std::string(100'000, '[')).find("expected JSON: "), 0u);
    EXPECT_EQ(failure_of("[]"), kinds);
    EXPECT_EQ(failure_of("{}"), kinds);
    EXPECT_EQ(failure_of(R"({"agancy": {}})"), kinds);
    EXPECT_EQ(failure_of(R"({"agency": []})"), "agency: expected an object");
    EXPECT_EQ(failure_of(R"({"node": {"name": "n"}, "client": {"id": "c"}})"),
              "expected one record in a line, found two");
}

TEST(json_lines, a_repeated_member_is_refused) {
    EXPECT_EQ(failure_of(R"({"node": {"name": "n", "name": "m"}})"), "expected each member once: name is repeated");
    EXPECT_EQ(failure_of(R"({"node": {"name": "n"}, "node": {"name": "m"}})"),
              "expected each member once: node is repeated");
    EXPECT_EQ(failure_of(R"({"node": {"name": "n", "\u006eame": "m"}})"),
              "expected each member once: name is repeated");
    EXPECT_EQ(failure_of(agency_with(R"("later": [{"x": 1, "x": 2}])")), "expected each member once: x is repeated");
    EXPECT_TRUE(from_json_line(agency_with(R"("later": [{"x": 1}, {"x": 2, "y": {"x": 3}}])")));
}

TEST(json_lines, mandatory_members) {
    const std::string mandatory = "expected a value: the member is mandatory";
    EXPECT_EQ(failure_of(R"({"agency": {"name": "x", "node": "n"}})"), "agency/code: " + mandatory);
    EXPECT_EQ(failure_of(R"({"agency": {"code": "A", "node": "n"}})"), "agency/name: " + mandatory);
    EXPECT_EQ(failure_of(R"({"agency": {"code": "A", "name": "x"}})"), "agency/node: " + mandatory);
    EXPECT_EQ(failure_of(R"({"client": {}})"), "client/id: " + mandatory);
    EXPECT_EQ(failure_of(R"({"node": {}})"), "node/name: " + mandatory);
}

TEST(json_lines, a_wrong_value_is_refused) {
    const std::string code = "expected an agency's code such as 000.00.12.H43";
    const std::string digest = "expected the SHA-256 of a certificate, 64 hexadecimal digits";
    const std::string time = "expected a time such as 2025-07-01T00:00:00.000+07:00";
    const std::string policy = R"(expected "required" or "if_present")";
    const std::string entrance = R"(expected "http", "amqp", "axis" or "adapter")";
    const std::string texts = "expected an array of texts";
    const std::pair<std::string, std::string> cases[] = {
        {R"({"agency": {"code": "a b", "name": "x", "node": "n"}})", "agency/code: " + code + ", found \"a b\""},
        {R"({"agency": {"code": 12, "name": "x", "node": "n"}})", "agency/code: " + code},
        {R"({"agency": {"code": "A", "name": " ", "node": "n"}})",
         "agency/name: expected a text that is not empty, found \" \""},
        {agency_with(R"("level": 2)"), "agency/level: expected a text"},
        {agency_with(R"("mail": null)"), "agency/mail: expected a text"},
        {agency_with(R"("parent": "")"), "agency/parent: " + code + ", found \"\""},
        {agency_with(R"("aliases": "B")"), "agency/aliases: " + texts},
        {agency_with(R"("aliases": ["B", "?"])"), "agency/aliases: " + code + ", found \"?\""},
        {agency_with(R"("successors": [1])"), "agency/successors: " + code},
        {agency_with(R"("certificates": ["ab"])"), "agency/certificates: " + digest + ", found \"ab\""},
        {agency_with(R"("valid_from": "2025-07-01")"), "agency/valid_from: " + time + ", found \"2025-07-01\""},
        {agency_with(R"("valid_to": 1751302800)"), "agency/valid_to: " + time},
        {agency_with(R"("valid_from": "2025-07-01T00:00:00Z", "valid_to": "2025-07-01T07:00:00+07:00")"),
         "agency/valid_to: expected a time after valid_from"},
        {agency_with(R"("documents": "optional")"), "agency/documents: " + policy + ", found \"optional\""},
        {agency_with(R"("statuses": true)"), "agency/statuses: " + policy},
        {client_with(R"("disabled": "yes")"), "client/disabled: expected true or false"},
        {client_with(R"("entrances": ["ftp"])"), "client/entrances: " + entrance + ", found \"ftp\""},
        {client_with(R"("agencies": {})"), "client/agencies: " + texts},
    };
    for (const auto& [line, expected] : cases) EXPECT_EQ(failure_of(line), expected) << line;
    for (const auto* id : {"", "a b", "a/b", "so-thông-tin"})
        EXPECT_EQ(
            failure_of(fmt::format(R"({{"client": {{"id": "{}"}}}})", id)).find("client/id: expected a client's id"),
            0u);
    for (const auto* name : {"", "NinhThuan", "ninh.thuan", "ninh thuan"})
        EXPECT_EQ(
            failure_of(fmt::format(R"({{"node": {{"name": "{}"}}}})", name)).find("node/name: expected a node's name"),
            0u);
}

} // namespace
} // namespace truc::directory
