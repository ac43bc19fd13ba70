#include <truc/base/durable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tdoffice/soap_settings.hpp>

#include <temporary_directory.hpp>

namespace truc::tdoffice {
namespace {

struct soap_settings_test : testing::Test {
    soap_settings_test() { password(0600); }

    void password(unsigned mode) { ASSERT_TRUE(write_file(directory.path() / "password", "x", mode)); }
    /// What is wrong with it; empty: nothing.
    std::string fault(const std::string& text) {
        EXPECT_TRUE(write_file(directory.path() / "a.toml", text));
        auto table = settings::load(directory.path() / "a.toml", "docs");
        if (!table) return table.error().what;
        const soap_settings made(*table);
        const auto finished = table->finish();
        return finished ? "" : finished.error().what;
    }
    test::temporary_directory directory;
    const std::string good = "url = \"http://10.0.0.7\"\nuser = \"truc\"\npassword_file = \"password\"\n";
};

TEST_F(soap_settings_test, need_little) { EXPECT_EQ(fault(good), ""); }

TEST_F(soap_settings_test, the_password_is_for_its_owner_alone) {
    password(0640);
    EXPECT_THAT(fault(good), testing::HasSubstr("password_file: expected a file that only its owner may read"));
}

TEST_F(soap_settings_test, plain_http_stays_in_a_private_network) {
    const std::string rest = "user = \"truc\"\npassword_file = \"password\"\n";
    EXPECT_THAT(fault("url = \"http://8.8.8.8\"\n" + rest), testing::HasSubstr("https://"));
    EXPECT_EQ(fault("url = \"http://8.8.8.8\"\nallow_plain_http = true\n" + rest), "");
    EXPECT_THAT(fault("url = \"https://8.8.8.8\"\n" + rest), testing::HasSubstr("ca is missing"));
}

TEST_F(soap_settings_test, mistakes_are_told) {
    for (const auto& [more, what] :
         {std::pair{"[members]\nTrichyeu = \"a\"\n", "members: expected names among"},
          {"[members]\nTrichYeu = \"a b\"\n", "members: expected names of letters"},
          {"[methods]\nNhanVanBanDen = \"\"\n", "methods: expected a name for NhanVanBanDen"},
          {"[vocabulary]\nstatuses_out = { \"1\" = \"1\" }\n", "codes among 01"},
          {"[results]\nsent = \"1\"\n", "results: expected accepted"},
          {"session = \"basic\"\n", "session: expected"},
          {"time = 1\n", "time: expected a key that exists"}})
        EXPECT_THAT(fault(good + more), testing::HasSubstr(what)) << more;
}

} // namespace
} // namespace truc::tdoffice
