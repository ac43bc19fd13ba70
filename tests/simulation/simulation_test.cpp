// Several nodes in virtual time, through everything that may go wrong. A failure names its seed;
// `truc-simulation --seed N --verbose` plays it again.
#include "run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::simulation {
namespace {

outcome played(plan p) {
    auto o = play(p);
    EXPECT_THAT(o.violations, testing::IsEmpty()) << "seed " << p.seed << ": " << o.summary();
    EXPECT_GT(o.handed_over, 0u);
    return o;
}

TEST(simulation, what_is_sent_in_good_weather_arrives) {
    plan p{1};
    p.crashes = p.cuts = p.moves = false;
    const auto o = played(p);
    EXPECT_EQ(o.expired + o.undeliverable, 0u) << o.summary();
    EXPECT_THAT(o.accused, testing::IsEmpty());
}

TEST(simulation, a_run_depends_on_its_seed_alone) {
    plan p{2};
    p.minutes = 1;
    p.moves = false;
    const auto once = played(p);
    EXPECT_EQ(once.digest, played(p).digest);
    p.seed = 3;
    EXPECT_NE(once.digest, played(p).digest);
}

TEST(simulation, deaths_and_losses_break_no_promise) {
    for (const std::uint64_t seed : {11, 12}) {
        plan p{seed};
        p.moves = false;
        EXPECT_THAT(played(p).accused, testing::IsEmpty()) << seed;
    }
}

TEST(simulation, agencies_that_move_break_no_promise) {
    for (const std::uint64_t seed : {21, 22}) {
        plan p{seed};
        p.crashes = p.cuts = false;
        EXPECT_THAT(played(p).accused, testing::IsEmpty()) << seed;
    }
}

// In both a node died after an offer without an answer, and the recipient had moved when it came back.
TEST(simulation, deaths_while_agencies_move_break_no_promise) {
    for (const std::uint64_t seed : {120, 125}) EXPECT_THAT(played(plan{seed}).accused, testing::IsEmpty()) << seed;
}

TEST(simulation, administrators_who_hold_and_end_deliveries_break_no_promise) {
    for (const std::uint64_t seed : {41, 42, 43}) {
        plan p{seed};
        p.holds = true;
        EXPECT_THAT(played(p).accused, testing::IsEmpty()) << seed;
    }
}

TEST(simulation, a_liar_harms_nobody_and_is_named) {
    for (const std::uint64_t seed : {31, 32}) {
        plan p{seed};
        p.crashes = p.cuts = p.moves = false;
        p.liar = true;
        const auto o = played(p);
        EXPECT_GT(o.lies, 0u) << seed;
        EXPECT_THAT(o.accused, testing::Not(testing::IsEmpty())) << seed;
        EXPECT_THAT(o.accused, testing::Each(testing::StartsWith(o.liar + " is accused"))) << seed;
    }
}

} // namespace
} // namespace truc::simulation
