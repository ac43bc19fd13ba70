#include "section_signing.hpp"

#include <truc/base/durable.hpp>

#include <gtest/gtest.h>

namespace truc::directory {
namespace {

const std::string province =
    R"({"node":{"name":"ninhthuan","level":"province","parent":"vpcp","amqp":"127.0.0.1:18671"}}
{"node":{"name":"phanrang","parent":"ninhthuan"}}
{"node":{"name":"thuannam","level":"district","parent":"ninhthuan"}}
{"agency":{"code":"000.00.00.H43","name":"UBND tỉnh Ninh Thuận","node":"ninhthuan","parent":"000.00.00.G22"}}
{"agency":{"code":"000.00.12.H43","name":"Sở TT&TT","node":"ninhthuan","aliases":["H43.12"]}}
{"agency":{"code":"000.06.30.H43","name":"UBND xã Cà Ná cũ","node":"cana","successors":["000.08.30.H43"],"valid_to":"2025-07-01T00:00:00.000+07:00"}}
{"client":{"id":"so-tttt","agencies":["000.00.12.H43"],"entrances":["http"]}}
)";

const std::string file = province + R"(# what belongs to others
{"node": {"name": "vpcp"}}
{"node": {"name": "cana", "parent": "thuannam"}}
{"agency": {"code": "000.00.00.G22", "name": "VPCP", "node": "vpcp"}}
{"agency": {"code": "000.08.30.H43", "name": "UBND xã Cà Ná", "node": "cana", "valid_from": "2025-07-01T00:00:00+07:00"}}
{"client": {"id": "vpcp", "agencies": ["000.00.00.G22"]}}
{"client": {"id": "both", "agencies": ["000.00.00.G22", "000.00.12.H43"]}}
{"client": {"id": "old", "disabled": true}}
)";

class section_test : public testing::Test, public section_signing {
  protected:
    /// The code and what is said of a text that must be refused.
    std::string refusal(std::string_view text, timestamp at = now) {
        const auto s = read_section(text, exchange, at);
        if (s) return "accepted";
        return std::string(describe(s.error().code).name) + ": " + s.error().what;
    }
    std::string refusal_of_body(std::string_view body) {
        return refusal(sign("ninhthuan", 1, std::nullopt, body)).substr(0, 220);
    }
};

TEST_F(section_test, a_node_exports_what_is_its_own) {
    const auto own = directory::parse(file, "x");
    ASSERT_TRUE(own) << own.error().what;
    EXPECT_EQ(section_body(*own, "ninhthuan"), province);
    EXPECT_EQ(section_body(*own, "phanrang"), R"({"node":{"name":"phanrang","parent":"ninhthuan"}})"
                                              "\n");
    EXPECT_EQ(section_body(*own, "nobody"), "");
    // What is exported may be said.
    for (const auto* node : {"vpcp", "ninhthuan", "thuannam", "cana"})
        EXPECT_TRUE(read_section(sign(node, 1, std::nullopt, section_body(*own, node)), exchange, now)) << node;
}

TEST_F(section_test, what_is_signed_reads_back) {
    const auto text = sign("ninhthuan", 1, std::nullopt, province);
    const auto s = read_section(text, exchange, now);
    ASSERT_TRUE(s) << s.error().what;
    EXPECT_EQ(s->node, "ninhthuan");
    EXPECT_EQ(s->version, 1u);
    EXPECT_EQ(s->time, signed_at);
    EXPECT_FALSE(s->previous);
    EXPECT_EQ(s->body, sha256(province));
    EXPECT_EQ(s->digest, sha256(text));
    EXPECT_EQ(s->text, text);
    ASSERT_EQ(s->records.agencies.size(), 2u);
    EXPECT_EQ(s->records.agencies[1].aliases.size(), 1u);
    ASSERT_EQ(s->records.closings.size(), 1u);
    EXPECT_EQ(s->records.closings[0].code.str(), "000.06.30.H43");
    EXPECT_EQ(s->records.clients.size(), 1u);
    EXPECT_EQ(s->records.nodes.size(), 3u);

    const auto next = make("ninhthuan", 2, s->digest, "");
    EXPECT_EQ(next.previous, s->digest);
    EXPECT_TRUE(next.records.nodes.empty());
}

TEST_F(section_test, a_node_signs_in_its_own_name_only) {
    const auto refused = make_section("vpcp", 1, std::nullopt, signed_at, "", key("ninhthuan"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::not_ready);
    auto asked = test::test_pki::request("RSA");
    asked.uris = {"urn:truc:node:rsa"};
    const auto rsa = pki.make(pki.node_authority(), "rsa", asked, trust::key_kind::rsa_2048).signing_key();
    EXPECT_EQ(make_section("rsa", 1, std::nullopt, signed_at, "", *rsa).error().code, errc::not_ready);
    const std::string large(section::largest_text, '\n');
    EXPECT_EQ(make_section("vpcp", 1, std::nullopt, signed_at, large, key("vpcp")).error().code, errc::section_invalid);
}

TEST_F(section_test, a_changed_text_is_refused) {
    const auto text = sign("ninhthuan", 1, std::nullopt, province);
    const auto header = text.find('\n');
    for (std::size_t at = 0; at < text.size(); at += at < header ? 1 : 17) {
        auto changed = text;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(read_section(changed, exchange, now)) << at << ": " << changed.substr(at, 20);
    }
}

TEST_F(section_test, a_text_that_breaks_off_or_goes_on_is_refused) {
    const auto text = sign("ninhthuan", 1, std::nullopt, province);
    for (std::size_t size = 0; size < text.size(); size += 13)
        EXPECT_FALSE(read_section(std::string_view(text).substr(0, size), exchange, now)) << size;
    EXPECT_FALSE(read_section(std::string_view(text).substr(0, text.size() - 1), exchange, now));
    EXPECT_FALSE(read_section(text + "\n", exchange, now));
    EXPECT_FALSE(read_section("\n" + text, exchange, now));
    EXPECT_EQ(refusal(""), "section_invalid: no header");
    EXPECT_EQ(refusal(text.substr(0, text.find('\n'))), "section_invalid: no header");
    EXPECT_EQ(refusal("{}\n"), "section_invalid: no header");
    // Signed, but its last line never ended.
    EXPECT_EQ(refusal_of_body(province.substr(0, province.size() - 1)),
              "section_invalid: version 1 of the section of ninhthuan: line 8: the text breaks off");
}

TEST_F(section_test, there_is_one_way_only_to_write_a_section) {
    // A second text with a good signature would look like a fork made by the signer.
    const auto text = sign("ninhthuan", 1, std::nullopt, province);
    const auto end = text.find('\n');
    for (const std::string_view extra : {" ", "\r", "\t"})
        EXPECT_FALSE(read_section(text.substr(0, end) + std::string(extra) + text.substr(end), exchange, now));
    const auto last = text.rfind("==\"}}", end) - 1; // of the last character only two bits count
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
        auto other = text;
        other[last] = c;
        EXPECT_EQ(read_section(other, exchange, now).has_value(), c == text[last]) << c;
    }
}

TEST_F(section_test, the_certificate_must_name_the_node) {
    const auto& other = key("thuannam");
    EXPECT_EQ(refusal(with_header(members("ninhthuan", "1", "", province, other), province, other)),
              "section_invalid: version 1 of the section of ninhthuan: its certificate does not name the node");
    // Somebody else's certificate in the header does not help either.
    EXPECT_EQ(refusal(with_header(members("ninhthuan", "1", "", province, key("ninhthuan")), province, other)),
              "section_invalid: version 1 of the section of ninhthuan: its signature does not hold");
}

TEST_F(section_test, the_certificate_must_be_the_exchanges) {
    auto asked = test::test_pki::request("Nút giả");
    asked.uris = {"urn:truc:node:ninhthuan"};
    const auto forged = pki.make(pki.agency_authority(), "forged", asked).signing_key();
    EXPECT_EQ(refusal(with_header(members("ninhthuan", "1", "", province, *forged), province, *forged))
                  .find("section_invalid: version 1 of the section of ninhthuan: CN=Nút giả"),
              0u);
    asked.not_after = signed_at - std::chrono::hours(1);
    const auto expired = pki.make(pki.node_authority(), "expired", asked).signing_key();
    EXPECT_NE(refusal(with_header(members("ninhthuan", "1", "", province, *expired), province, *expired)), "accepted");
    // A section outlives its certificate.
    asked.not_after = signed_at + std::chrono::hours(1);
    const auto expiring = pki.make(pki.node_authority(), "expiring", asked).signing_key();
    const auto kept = with_header(members("ninhthuan", "1", "", province, *expiring), province, *expiring);
    EXPECT_EQ(refusal(kept, signed_at + std::chrono::hours(24)), "accepted");
}

TEST_F(section_test, a_certificate_that_is_revoked_by_now_counts_no_more) {
    const auto identity = pki.node("ninhthuan");
    const auto revoked_at = signed_at + std::chrono::hours(1);
    const auto list = pki.dir() / "nodes.crl.pem";
    const auto last_day = test::test_pki::moment("2049-01-01T00:00:00Z");
    ASSERT_TRUE(write_file(
        list, pki.node_authority().revocation_list({identity.pem.certificate_pem}, revoked_at, revoked_at, last_day)));
    const trust::certificate_store store(pki.node_ca(), list);
    const auto text = make_section("ninhthuan", 1, std::nullopt, signed_at, province, *identity.signing_key()).value();
    EXPECT_TRUE(read_section(text, store, now)); // as the store remembers it
    const auto late = read_section(text, store, revoked_at + std::chrono::hours(1));
    ASSERT_FALSE(late);
    EXPECT_NE(late.error().what.find("revoked since"), std::string::npos);
}

TEST_F(section_test, a_section_from_the_future_is_refused) {
    const auto text = sign("ninhthuan", 1, std::nullopt, province);
    EXPECT_EQ(refusal(text, signed_at - std::chrono::seconds(60)), "accepted");
    EXPECT_EQ(refusal(text, signed_at - std::chrono::seconds(61)),
              "section_invalid: version 1 of the section of ninhthuan: its time has not come yet");
}

TEST_F(section_test, a_header_that_is_none_is_refused) {
    const auto& own = key("ninhthuan");
    const auto good = members("ninhthuan", "1", "", "", own);
    EXPECT_EQ(refusal(with_header(good, "", own)), "accepted");
    EXPECT_EQ(refusal(with_header(good + R"(,"later":[1])", "", own)), "accepted");
    EXPECT_EQ(refusal(with_header(good + R"(,"node":"ninhthuan")", "", own)),
              "section_invalid: expected each member once: node is repeated");
    EXPECT_EQ(refusal(with_header(good + R"(,"x":{"a":1,"a":1})", "", own)),
              "section_invalid: expected each member once: a is repeated");
    EXPECT_EQ(refusal(with_header(good + ",\"long\":\"" + std::string(16 * 1024, 'x') + "\"", "", own)),
              "section_invalid: no header");
    for (const auto* version : {"0", "-1", "1.5", "1.0", "\"1\"", "null", "18446744073709551616"})
        EXPECT_EQ(refusal(with_header(members("ninhthuan", version, "", "", own), "", own)),
                  "section_invalid: section/version: expected a whole number from 1")
            << version;
    EXPECT_NE(refusal(with_header(members("Ninh Thuận", "1", "", "", own), "", own)).find("section/node: expected"),
              std::string::npos);
    for (const auto& [version, previous] : {std::pair("1", sha256("").hex()), std::pair("2", std::string())})
        EXPECT_EQ(refusal(with_header(members("ninhthuan", version, previous, "", own), "", own)),
                  "section_invalid: section/previous: expected a value in every version but the first");
    for (const std::string_view name : {"node", "version", "time", "previous", "sha256", "certificate"}) {
        auto without = good;
        without.replace(without.find(fmt::format("\"{}\"", name)) + 1, name.size(), "x");
        EXPECT_NE(refusal(with_header(without, "", own)).find("mandatory"), std::string::npos) << name;
    }
    EXPECT_NE(refusal(with_header(good + "}", "", own)).find("section_invalid: "), std::string::npos);
}

TEST_F(section_test, limits) {
    EXPECT_EQ(refusal(std::string(section::largest_text + 1, 'x')), "section_invalid: more than 64 MiB");
    EXPECT_EQ(refusal_of_body(std::string(64 * 1024 + 1, ' ') + "\n"),
              "section_invalid: version 1 of the section of ninhthuan: line 2: more than 65536 bytes");
    std::string nodes;
    for (int i = 0; i <= 250'000; ++i)
        nodes += fmt::format("{{\"node\":{{\"name\":\"n{}\",\"parent\":\"ninhthuan\"}}}}\n", i);
    EXPECT_EQ(refusal_of_body(nodes),
              "section_invalid: version 1 of the section of ninhthuan: more than 250000 records");
    std::string names;
    for (int i = 0; i < 200; ++i) {
        names += fmt::format(R"({{"agency":{{"code":"A{}","name":"x","node":"ninhthuan","successors":["B")", i);
        for (int k = 1; k < 5001; ++k) names += ",\"B\"";
        names += "]}}\n";
    }
    EXPECT_EQ(refusal_of_body(names),
              "section_invalid: version 1 of the section of ninhthuan: line 201: more than 1000000 names");
}

TEST_F(section_test, many_members_are_looked_through_in_time) {
    std::string members;
    for (int i = 0; i < 6000; ++i) members += fmt::format(",\"x{}\":0", i);
    std::string body;
    for (int i = 0; i < 200; ++i)
        body += fmt::format("{{\"node\":{{\"name\":\"n{}\",\"parent\":\"ninhthuan\"{}{}}}}}\n", i, members,
                            i == 199 ? ",\"x7\":0" : "");
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(refusal_of_body(body), "section_invalid: version 1 of the section of ninhthuan: line 201: "
                                     "expected each member once: x7 is repeated");
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(20));
}

TEST_F(section_test, a_bad_record_refuses_the_whole) {
    const std::string about = "section_invalid: version 1 of the section of ninhthuan: line 2: ";
    EXPECT_EQ(refusal_of_body("{\n").find(about + "expected JSON"), 0u);
    EXPECT_EQ(refusal_of_body("\n").find(about + "expected JSON"), 0u);
    EXPECT_EQ(refusal_of_body("# a comment\n").find(about + "expected JSON"), 0u);
    EXPECT_EQ(refusal_of_body("{\"node\":{\"name\":\"ninhthuan\",\"name\":\"ninhthuan\"}}\n"),
              about + "expected each member once: name is repeated");
    EXPECT_EQ(refusal_of_body("{\"node\":{\"name\":\"ninhthuan\",\"parent\":\"ninhthuan\"}}\n"),
              about + "node/parent: expected another node than this");
}

TEST_F(section_test, a_section_speaks_of_its_own_only) {
    const std::string about = "section_not_yours: version 1 of the section of ninhthuan: ";
    EXPECT_EQ(refusal_of_body(R"({"agency":{"code":"A","name":"x","node":"vpcp"}})"
                              "\n"),
              about + "line 2: agency A of node vpcp");
    EXPECT_EQ(refusal_of_body(R"({"node":{"name":"cana","parent":"thuannam"}})"
                              "\n"),
              about + "line 2: node cana");
    EXPECT_EQ(refusal_of_body(R"({"node":{"name":"vpcp"}})"
                              "\n"),
              about + "line 2: node vpcp");
    EXPECT_EQ(refusal_of_body(R"({"client":{"id":"c","agencies":["A"]}})"
                              "\n"),
              about + "client c");
    EXPECT_EQ(refusal_of_body(R"({"client":{"id":"c"}})"
                              "\n"),
              about + "client c");
    // A closing does not make the agency the section's own.
    EXPECT_EQ(refusal_of_body(R"({"agency":{"code":"A","name":"x","node":"cana","valid_to":"2025-07-01T00:00:00Z"}}
{"client":{"id":"c","agencies":["A"]}}
)"),
              about + "client c");
}

TEST_F(section_test, no_name_is_given_twice) {
    const std::string about = "section_invalid: version 1 of the section of ninhthuan: line 3: ";
    const auto agency_line = [](std::string_view code, std::string_view more = "") {
        return fmt::format(R"({{"agency":{{"code":"{}","name":"x","node":"ninhthuan"{}}}}})"
                           "\n",
                           code, more);
    };
    const auto digest = std::string(64, 'a');
    const auto certificate = fmt::format(R"(,"certificates":["{}"])", digest);
    EXPECT_EQ(refusal_of_body(agency_line("A") + agency_line("a")), about + "the code A belongs to line 2 already");
    EXPECT_EQ(refusal_of_body(agency_line("A") + agency_line("B", R"(,"aliases":["a"])")),
              about + "the code A belongs to line 2 already");
    EXPECT_EQ(refusal_of_body(agency_line("A", certificate) + agency_line("B", certificate)),
              about + "the certificate " + digest + " belongs to line 2 already");
    const auto client_line = [](std::string_view id, std::string_view more = "") {
        return fmt::format(R"({{"client":{{"id":"{}","agencies":["A"]{}}}}})"
                           "\n",
                           id, more);
    };
    EXPECT_EQ(refusal_of_body(client_line("c") + client_line("c")), about + "the id c belongs to line 2 already");
    EXPECT_EQ(refusal_of_body(client_line("c", certificate) + client_line("d", certificate)),
              about + "the client certificate " + digest + " belongs to line 2 already");
    const std::string node_line = R"({"node":{"name":"ninhthuan"}})"
                                  "\n";
    EXPECT_EQ(refusal_of_body(node_line + node_line), about + "the name ninhthuan belongs to line 2 already");
    // One agency may name a code twice; an agency and a client may have the same certificate.
    EXPECT_EQ(
        refusal_of_body(agency_line("A", certificate + R"(,"aliases":["a","B","b"])") + client_line("c", certificate)),
        "accepted");
}

} // namespace
} // namespace truc::directory
