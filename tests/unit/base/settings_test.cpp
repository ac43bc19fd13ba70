#include "temporary_directory.hpp"

#include <truc/base/settings.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

namespace truc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class settings_of : public testing::Test {
  protected:
    settings load(const std::string& text) {
        std::ofstream(file()) << text;
        auto loaded = settings::load(file(), "conf/sample.toml");
        if (!loaded) throw std::runtime_error(loaded.error().what);
        return *loaded;
    }
    std::string fault(const settings& s) const {
        const auto good = s.finish();
        return good ? "" : good.error().what.substr(file().string().size());
    }
    std::filesystem::path file() const { return directory_.path() / "sample.toml"; }

    test::temporary_directory directory_;
};

TEST_F(settings_of, EveryKindOfValueIsRead) {
    auto s = load("text = 'văn bản'\nyes = true\nseconds = 7\nat = '[::1]:5671'\nlist = ['a', 'b']\nplace = 'x/y'\n"
                  "[codes]\n01 = '1'\n03 = '1'\n");
    std::string text;
    bool yes = false;
    std::chrono::seconds seconds{};
    address at;
    std::vector<std::string> list;
    std::filesystem::path place;
    std::map<std::string, std::string> codes;
    s.read_text("text", text, true);
    s.read("yes", yes);
    s.read_number("seconds", seconds, 0, 10);
    s.read_address("at", at);
    s.read_list("list", list);
    s.read_path("place", place, true, settings::is::any);
    s.read_map("codes", codes);
    EXPECT_EQ(fault(s), "");
    EXPECT_EQ(text, "văn bản");
    EXPECT_TRUE(yes);
    EXPECT_EQ(seconds.count(), 7);
    EXPECT_EQ(at.host, "::1");
    EXPECT_EQ(at.port, 5671);
    EXPECT_THAT(list, ElementsAre("a", "b"));
    EXPECT_EQ(place, directory_.path() / "x/y");
    EXPECT_THAT(codes, ElementsAre(Pair("01", "1"), Pair("03", "1")));
}

TEST_F(settings_of, WhatIsMissingKeepsItsDefault) {
    auto s = load("");
    address at{"127.0.0.1", 1};
    int number = 3;
    s.read_address("at", at);
    s.table("section").read_number("number", number, 0, 9);
    EXPECT_TRUE(s.tables("agencies").empty());
    EXPECT_FALSE(s.has("section"));
    EXPECT_EQ(at.port, 1);
    EXPECT_EQ(number, 3);
    EXPECT_EQ(fault(s), "");
}

TEST_F(settings_of, TheFirstFaultIsToldWithItsLine) {
    auto s = load("\n\n[http]\nport = 'x'\nother = 'y'\n");
    int number = 0;
    auto http = s.table("http");
    http.read_number("port", number, 1, 65535);
    http.read_number("other", number, 1, 9);
    EXPECT_EQ(fault(s), ":4: http.port: expected a whole number from 1 to 65535");
}

TEST_F(settings_of, AMandatoryKeyNamesItsTable) {
    auto s = load("[a]\nx = 1\n");
    std::string text;
    s.table("a").read_text("name", text, true);
    EXPECT_EQ(fault(s), ":1: a.name is missing");
}

TEST_F(settings_of, AKeyThatNobodyAskedForIsAFault) {
    auto s = load("good = true\n[[agencies]]\ncode = 'A'\nnmae = 'B'\n");
    bool good = false;
    std::string code;
    s.read("good", good);
    for (auto& one : s.tables("agencies")) one.read_text("code", code, true);
    EXPECT_EQ(fault(s), ":4: agencies.nmae: expected a key that exists (see conf/sample.toml)");
}

TEST_F(settings_of, ATableIsNoValueAndAValueNoTable) {
    auto s = load("section = 1\n");
    s.table("section");
    EXPECT_EQ(fault(s), ":1: section: expected a table [section]");
    auto t = load("agencies = 1\n");
    EXPECT_TRUE(t.tables("agencies").empty());
    EXPECT_EQ(fault(t), ":1: agencies: expected tables [[agencies]]");
}

TEST_F(settings_of, ATextMayBeJudged) {
    auto s = load("level = 'loud'\n");
    std::string level = "info";
    s.read_text(
        "level", level, false, [](std::string_view text) { return text == "info"; }, "info");
    EXPECT_EQ(level, "info");
    EXPECT_EQ(fault(s), ":1: level: expected info");
}

TEST_F(settings_of, AFileThatMustExistIsLookedFor) {
    auto s = load("key = 'none.pem'\n");
    std::filesystem::path key;
    s.read_path("key", key, true, settings::is::file);
    EXPECT_THAT(fault(s), HasSubstr(":1: key: expected a file that exists ("));
}

TEST_F(settings_of, WhatIsNoTomlIsRefusedWithItsLine) {
    std::ofstream(file()) << "a = 1\nb = \n";
    const auto loaded = settings::load(file(), "conf/sample.toml");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, errc::bad_configuration);
    EXPECT_THAT(loaded.error().what, HasSubstr("sample.toml:2: "));
}

} // namespace
} // namespace truc
