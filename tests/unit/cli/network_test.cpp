#include "network.hpp"
#include "session.hpp"
#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>

#include <gtest/gtest.h>

namespace truc::cli {
namespace {

network small_network() {
    network n;
    n.authority = "/n/ca.pem";
    n.agency_authority = "/n/agency-ca.pem";
    n.agency_authority_key = "/n/agency-ca-key.pem";
    n.nodes.push_back({"ninhthuan", "province", "/n/trucd.toml", "/n/data", "https://127.0.0.1:1",
                       "http://127.0.0.1:4/vxp", "amqps://127.0.0.1:3", "http://127.0.0.1:2", "/n/admin.sock"});
    n.agencies.push_back({"000.00.12.H43", "Sở \"X\"", "ninhthuan", "so-x", "/n/x.pem", "/n/x-key.pem"});
    n.clients.push_back({"so-x", {"000.00.12.H43", "000.00.13.H43"}, "/n/x.pem", "/n/x-key.pem", "secret", "password"});
    return n;
}

TEST(network, is_read_back_as_it_was_written) {
    const test::temporary_directory dir;
    const auto file = dir.path() / "network.json";
    ASSERT_TRUE(write_file(file, small_network().text()));
    const auto n = network::load(file);
    ASSERT_TRUE(n);
    EXPECT_EQ(n->text(), small_network().text());
    EXPECT_EQ(n->authority, "/n/ca.pem");
    EXPECT_EQ(n->agency_authority_key, "/n/agency-ca-key.pem");
    ASSERT_NE(n->find_node("ninhthuan"), nullptr);
    EXPECT_EQ(n->find_node("ninhthuan")->admin, "/n/admin.sock");
    EXPECT_EQ(n->find_node("ninhthuan")->vxp, "http://127.0.0.1:4/vxp");
    EXPECT_EQ(n->find_node("ninhthuan")->amqp, "amqps://127.0.0.1:3");
    ASSERT_NE(n->find_client("so-x"), nullptr);
    EXPECT_EQ(n->find_client("so-x")->agencies.size(), 2u);
    EXPECT_EQ(n->find_client("so-x")->vxp_secret, "secret");
    EXPECT_EQ(n->find_client("so-x")->amqp_password, "password");
}

TEST(network, finds_agencies_by_every_way_of_writing_a_code) {
    const auto n = small_network();
    ASSERT_NE(n.find_agency("000-00-12-h43"), nullptr);
    EXPECT_EQ(n.find_agency("000-00-12-h43")->name, "Sở \"X\"");
    EXPECT_EQ(n.find_agency("000.00.13.H43"), nullptr);
    EXPECT_EQ(n.find_agency("no code!"), nullptr);
}

TEST(network, a_file_that_is_none_is_a_usage_error) {
    const test::temporary_directory dir;
    const auto file = dir.path() / "network.json";
    EXPECT_EQ(network::load(file).error().code, exit_code::usage);
    for (const char* const text : {"", "[]", "{}", "{\"nodes\": "}) {
        ASSERT_TRUE(write_file(file, text));
        EXPECT_EQ(network::load(file).error().code, exit_code::usage) << text;
    }
}

TEST(target, encodes_values_and_leaves_empty_ones_out) {
    EXPECT_EQ(target("/v1/documents").with("document_id", "000.00.00.G22,2026/11/21,1/Đ").with("from", "").str(),
              "/v1/documents?document_id=000.00.00.G22%2C2026%2F11%2F21%2C1%2F%C4%90");
    EXPECT_EQ(target("/a").with("b", "1").with("c", "2").str(), "/a?b=1&c=2");
}

} // namespace
} // namespace truc::cli
