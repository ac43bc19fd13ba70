#include <truc/base/seldom.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

using namespace std::chrono_literals;

TEST(seldom, says_each_thing_once_in_a_while_and_counts_between) {
    seldom log(60s, 10);
    const seldom::time_point start{};
    EXPECT_EQ(log.may_say("a", start), 0u);
    EXPECT_EQ(log.may_say("a", start + 1s), std::nullopt);
    EXPECT_EQ(log.may_say("b", start + 2s), 0u);
    EXPECT_EQ(log.may_say("a", start + 59s), std::nullopt);
    EXPECT_EQ(log.may_say("a", start + 60s), 2u);
    EXPECT_EQ(log.may_say("a", start + 61s), std::nullopt);
}

TEST(seldom, does_not_say_more_than_so_many_things) {
    seldom log(60s, 3);
    const seldom::time_point start{};
    int said = 0;
    for (int i = 0; i < 1000; ++i)
        if (log.may_say(std::to_string(i), start + 10s)) ++said;
    EXPECT_EQ(said, 3);
    EXPECT_EQ(log.may_say("0", start + 71s), 0u);
    EXPECT_EQ(log.may_say("later", start + 71s), 0u) << "the others are forgotten";
}

} // namespace
} // namespace truc
