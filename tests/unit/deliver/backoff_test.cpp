#include "../../../src/deliver/backoff.hpp"

#include <gtest/gtest.h>

#include <set>

namespace truc::deliver {
namespace {

using namespace std::chrono_literals;

constexpr backoff::range half_a_second_to_a_minute{500ms, 60s};

TEST(backoff, doubles_from_the_first_wait_to_the_longest) {
    backoff b(7);
    for (int i = 0; i < 1000; ++i) {
        const auto first = b.after(1, half_a_second_to_a_minute);
        EXPECT_GE(first, 500ms);
        EXPECT_LE(first, 1s);
        const auto third = b.after(3, half_a_second_to_a_minute);
        EXPECT_GE(third, 2s);
        EXPECT_LE(third, 4s);
        const auto late = b.after(4'000'000'000u, half_a_second_to_a_minute);
        EXPECT_GE(late, 30s);
        EXPECT_LE(late, 60s);
    }
}

TEST(backoff, spreads_those_who_failed_together) {
    backoff b(7);
    std::set<milliseconds> waits;
    for (int i = 0; i < 100; ++i) waits.insert(b.after(7, half_a_second_to_a_minute));
    EXPECT_GT(waits.size(), 90u);
}

TEST(backoff, waits_the_same_for_the_same_seed) {
    backoff a(42), b(42), c(43);
    std::vector<milliseconds> one, same, other;
    for (unsigned i = 1; i < 20; ++i) {
        one.push_back(a.after(i, half_a_second_to_a_minute));
        same.push_back(b.after(i, half_a_second_to_a_minute));
        other.push_back(c.after(i, half_a_second_to_a_minute));
    }
    EXPECT_EQ(one, same);
    EXPECT_NE(one, other);
}

} // namespace
} // namespace truc::deliver
