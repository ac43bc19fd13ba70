#include "../../../adapters/liaison/axis.hpp"

#include <truc/base/durable.hpp>

#include <gtest/gtest.h>

#include <temporary_directory.hpp>

namespace truc::liaison {
namespace {

class axis_configuration : public ::testing::Test {
  protected:
    /// What is wrong with that text as [axis]; empty when nothing is.
    std::string fault(const std::string& text) {
        EXPECT_TRUE(write_file(directory.path() / "a.toml", "[axis]\n" + text));
        auto root = settings::load(directory.path() / "a.toml", "the documentation");
        if (!root) return root.error().what;
        const auto system = make_axis(root->table("axis"), context);
        const auto done = root->finish();
        if (!done) return done.error().what;
        EXPECT_TRUE(system.outbox && system.inbox) << text;
        return {};
    }
    void secret(const std::string& text, unsigned mode) {
        EXPECT_TRUE(write_file(directory.path() / "secret", text, mode));
    }
    static std::string with(const std::string& endpoint, const std::string& more = {}) {
        return "endpoint = \"" + endpoint + "\"\nsystem_id = \"000.00.01.G22\"\nsecret_file = \"secret\"\n" + more;
    }

    test::temporary_directory directory;
    metrics_registry metrics;
    adapter::adapter_context context{"axis", {}, directory.path(), system_clock(), metrics, {}};
};

TEST_F(axis_configuration, is_complete_with_endpoint_system_and_secret) {
    secret("s3cret\n", 0600);
    EXPECT_EQ(fault(with("http://127.0.0.1:8280/vxp")), "");
    EXPECT_EQ(fault(with("http://192.168.3.4/vxp", "poll_least_ms = 300000\npoll_most_ms = 300000\nsettle_ms = 0\n"
                                                   "[[axis.register]]\ncode = \"000.00.00.H43\"\nname = \"UBND\"\n")),
              "");
}

TEST_F(axis_configuration, keeps_plain_http_within_private_networks) {
    secret("s3cret", 0600);
    EXPECT_NE(fault(with("http://8.8.8.8/vxp")).find("endpoint"), std::string::npos);
    EXPECT_EQ(fault(with("http://8.8.8.8/vxp", "allow_plain_http = true\n")), "");
    EXPECT_NE(fault(with("https://127.0.0.1/vxp")).find("ca"), std::string::npos) << "nobody vouches for it";
}

TEST_F(axis_configuration, keeps_the_secret_secret) {
    secret("s3cret", 0640);
    EXPECT_NE(fault(with("http://127.0.0.1/vxp")).find("secret_file"), std::string::npos);
    secret("\n", 0600);
    EXPECT_NE(fault(with("http://127.0.0.1/vxp")).find("secret_file"), std::string::npos);
}

TEST_F(axis_configuration, says_what_is_wrong) {
    secret("s3cret", 0600);
    for (const auto& [text, key] : std::vector<std::pair<std::string, std::string>>{
             {with("ftp://127.0.0.1/vxp"), "endpoint"},
             {with("http://127.0.0.1/vxp", "poll_least_ms = 5000\npoll_most_ms = 4000\n"), "poll_most_ms"},
             {with("http://127.0.0.1/vxp", "[[axis.register]]\ncode = \"a b\"\nname = \"x\"\n"), "code"},
             {with("http://127.0.0.1/vxp", "unheard_of = 1\n"), "unheard_of"}})
        EXPECT_NE(fault(text).find(key), std::string::npos) << text;
}

} // namespace
} // namespace truc::liaison
