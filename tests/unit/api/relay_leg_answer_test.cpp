#include "../../../src/api/relay_leg_sender.hpp"

#include <gtest/gtest.h>

namespace truc::api {
namespace {

using deliver::leg_fate;

deliver::leg_answer rejected(const error& e) { return leg_answer_of(amqp::outcome::rejected, condition_of(e)); }

TEST(relay_leg_answer_test, a_code_that_may_go_away_releases_the_leg_and_is_named) {
    for (const auto code : {errc::no_space, errc::not_ready, errc::directory_behind, errc::internal}) {
        const auto a = rejected(error(code));
        EXPECT_EQ(a.fate, leg_fate::released) << describe(code).name;
        EXPECT_TRUE(a.reason.starts_with(std::string(describe(code).name) + ": ")) << a.reason;
    }
}

TEST(relay_leg_answer_test, another_code_rejects_it) {
    const auto a = rejected(error(errc::envelope_invalid, "no deliveries"));
    EXPECT_EQ(a.fate, leg_fate::rejected);
    EXPECT_TRUE(a.reason.starts_with("envelope_invalid: ")) << a.reason;
}

TEST(relay_leg_answer_test, a_condition_that_is_none_of_ours_rejects_it) {
    for (const char* name : {"amqp:decode-error", "no_space", "truc:", "truc:of_a_newer_node"})
        EXPECT_EQ(leg_answer_of(amqp::outcome::rejected, amqp::condition{name, "x"}).fate, leg_fate::rejected) << name;
    EXPECT_EQ(leg_answer_of(amqp::outcome::rejected, {}).fate, leg_fate::rejected);
}

TEST(relay_leg_answer_test, what_this_node_can_never_send_is_no_matter_of_the_neighbours_pace) {
    for (const auto code : {errc::purged, errc::corrupt}) {
        const auto a = answer_without_content(error(code, "abc"));
        EXPECT_EQ(a.fate, leg_fate::rejected) << "held, with that code";
        EXPECT_TRUE(a.reason.starts_with(std::string(describe(code).name) + ": ")) << a.reason;
    }
    EXPECT_EQ(answer_without_content(error(errc::not_ready)).fate, leg_fate::released);
}

TEST(relay_leg_answer_test, what_says_nothing_of_the_leg_leaves_it_here) {
    EXPECT_EQ(leg_answer_of(amqp::outcome::released, {}).fate, leg_fate::released);
    EXPECT_EQ(leg_answer_of(amqp::outcome::modified, {}).fate, leg_fate::released);
    EXPECT_EQ(leg_answer_of(amqp::outcome::lost, {}).fate, leg_fate::lost);
    EXPECT_EQ(leg_answer_of(amqp::outcome::accepted, {}).fate, leg_fate::accepted);
}

} // namespace
} // namespace truc::api
