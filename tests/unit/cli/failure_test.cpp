#include "failure.hpp"
#include "fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdlib.h>

namespace truc::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Before anything asks for the language, which is read once.
[[maybe_unused]] const bool speaks_english = setenv("LC_ALL", "C", 1) == 0;

TEST(failure, an_unreachable_node_ends_with_3_anything_else_with_1) {
    EXPECT_EQ(failure_of(error(errc::unreachable, "x")).code, exit_code::unreachable);
    EXPECT_EQ(failure_of(error(errc::timeout, "x")).code, exit_code::unreachable);
    EXPECT_EQ(failure_of(error(errc::not_found, "x")).code, exit_code::no);
    EXPECT_EQ(usage_failure("x").code, exit_code::usage);
}

TEST(failure, tells_code_place_who_when_and_receipt) {
    failure f;
    f.problem = {
        {"code", "schema"}, {"detail", "Subject is missing"}, {"line", 7},         {"column", 3}, {"path", "edXML/To"},
        {"who", "sender"},  {"id", "ninhthuan.1.9"},          {"next_at", "later"}};
    const auto text = describe_failure(f);
    EXPECT_THAT(text, HasSubstr("truc: schema: Subject is missing\n"));
    EXPECT_THAT(text, HasSubstr("line 7, column 3, edXML/To\n"));
    EXPECT_THAT(text, HasSubstr("the sender\n"));
    EXPECT_THAT(text, HasSubstr("later\n"));
    EXPECT_THAT(text, HasSubstr("ninhthuan.1.9\n"));
}

TEST(failure, names_every_cause) {
    failure f;
    f.problem = {{"code", "recipient_unknown"},
                 {"detail", "two"},
                 {"causes", json::array{json::object{{"code", "recipient_unknown"}, {"detail", "A"}},
                                        json::object{{"code", "recipient_closed"}, {"detail", "B"}}}}};
    EXPECT_THAT(describe_failure(f), HasSubstr("    recipient_unknown: A\n    recipient_closed: B\n"));
}

TEST(failure, what_a_node_sends_cannot_command_the_terminal) {
    failure f;
    f.problem = {{"code", "x"}, {"detail", "\x1B]0;owned\x07"}};
    EXPECT_THAT(describe_failure(f), Not(HasSubstr("\x1B")));
}

TEST(fields, absent_members_and_those_of_another_kind_read_as_empty) {
    const json::object o{{"text", "a"}, {"number", 7}, {"list", json::array{"x", 1}}, {"nothing", nullptr}};
    EXPECT_EQ(text_field(o, "text"), "a");
    EXPECT_EQ(text_field(o, "number"), "7");
    EXPECT_EQ(text_field(o, "nothing"), "");
    EXPECT_EQ(text_field(o, "absent"), "");
    EXPECT_EQ(number_field(o, "number"), 7);
    EXPECT_EQ(number_field(o, "text"), 0);
    EXPECT_EQ(list_field(o, "list"), "x, 1");
    EXPECT_TRUE(array_field(o, "text").empty());
    EXPECT_TRUE(objects_field(o, "list").empty());
    EXPECT_FALSE(flag_field(o, "text"));
}

} // namespace
} // namespace truc::cli
