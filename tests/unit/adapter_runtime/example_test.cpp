// The example of docs/adapters.md is this file's neighbour, word for word, and it does what the page says.

#include "both_sides.hpp"
#include "example_legacy_system.hpp"

#include <gmock/gmock.h>

namespace truc::test {

namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string content(const std::filesystem::path& file) { return read_file(file).value_or("(there is no such file)"); }

class example_test : public testing::Test {
  public:
    example_test() {
        for (const auto& dir : {out, in}) std::filesystem::create_directory(dir);
        const auto file = place.path() / "a.toml";
        EXPECT_TRUE(write_file(file, "outbox = \"out\"\ninbox = \"in\"\n"));
        auto s = settings::load(file, "docs/adapters.md");
        system = example::make_example(*s, b.context);
        EXPECT_TRUE(s->finish());
        b.out = std::make_unique<outbound>(
            workshop{"td", *b.journal, b.middle, *b.desk, b.outbox_side, b.clock, b.metrics}, *system.outbox);
        b.in =
            std::make_unique<inbound>(workshop{"td", *b.journal, b.middle, *b.desk, b.inbox_side, b.clock, b.metrics},
                                      b.context, *system.inbox, inbound::options{true, {}});
    }

    both_sides b;
    temporary_directory place;
    std::filesystem::path out = place.path() / "out";
    std::filesystem::path in = place.path() / "in";
    legacy_system system;
};

} // namespace

TEST_F(example_test, stands_in_the_documentation_as_it_is_compiled) {
    const std::filesystem::path source = TRUC_SOURCE_DIR;
    const auto code = content(source / "tests/unit/adapter_runtime/example_legacy_system.hpp");
    EXPECT_THAT(content(source / "docs/adapters.md"), HasSubstr("```cpp\n" + code + "```\n"));
}

TEST_F(example_test, sends_what_lies_in_the_outbox_and_says_what_became_of_it) {
    ASSERT_TRUE(write_file(out / "1.xml", b.document("N1")));
    ASSERT_TRUE(write_file(out / "2.xml", "<a/>"));
    ASSERT_TRUE(b.settle());
    EXPECT_THAT(b.accepted_with("N1</"), testing::ElementsAre("td:1.xml"));
    EXPECT_FALSE(std::filesystem::exists(out / "1.xml"));
    EXPECT_TRUE(std::filesystem::exists(out / "1.xml.sent"));
    EXPECT_TRUE(std::filesystem::exists(out / ("1.xml." + std::string(both_sides::theirs) + ".delivered")));
    EXPECT_THAT(content(out / "2.xml.refused"), HasSubstr("edXML"));

    ASSERT_TRUE(write_file(out / "2.xml", b.document("N2"))); // its people correct it
    std::filesystem::remove(out / "2.xml.refused");
    b.clock.pass(std::chrono::seconds(1));
    ASSERT_TRUE(b.settle());
    EXPECT_THAT(b.accepted_with("N2</"), testing::ElementsAre("td:2.xml"));
}

TEST_F(example_test, puts_what_arrives_into_the_inbox) {
    b.middle.add_delivery(b.document("N3", both_sides::theirs, both_sides::ours), both_sides::ours);
    ASSERT_TRUE(b.settle());
    const auto& d = b.middle.inbox[0];
    EXPECT_EQ(content(in / (d.delivery_id.str() + ".xml")), d.content);
    EXPECT_EQ(b.middle.handed_over.size(), 1u);
}

TEST_F(example_test, waits_while_its_directories_are_away) {
    std::filesystem::remove_all(out);
    std::filesystem::remove_all(in);
    b.middle.add_delivery(b.document("N3", both_sides::theirs, both_sides::ours), both_sides::ours);
    ASSERT_TRUE(b.settle());
    EXPECT_THAT(b.middle.handed_over, IsEmpty());
    EXPECT_FALSE(b.outbox_side.is_good());
    std::filesystem::create_directory(out);
    std::filesystem::create_directory(in);
    b.clock.pass(std::chrono::seconds(60));
    ASSERT_TRUE(b.settle());
    EXPECT_EQ(b.middle.handed_over.size(), 1u);
}

} // namespace truc::test
