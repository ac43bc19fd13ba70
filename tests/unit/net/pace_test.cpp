#include <truc/net/pace.hpp>

#include <gtest/gtest.h>

namespace truc::net {
namespace {

using namespace std::chrono_literals;

pace_limits limits() {
    pace_limits l;
    l.grace = 10s;
    l.stall = 30s;
    l.bytes_per_second = 1000;
    return l;
}

TEST(pace, gives_the_grace_at_first) {
    const pace p(limits());
    const pace::clock::time_point now{};
    EXPECT_EQ(p.deadline(now), now + 10s);
}

TEST(pace, waiting_uses_it_up_and_bytes_earn_it_back) {
    pace p(limits());
    const pace::clock::time_point now{};
    p.waited(8s);
    EXPECT_EQ(p.deadline(now), now + 2s);
    p.moved(3000);
    EXPECT_EQ(p.deadline(now), now + 5s);
    p.waited(20s);
    EXPECT_EQ(p.deadline(now), now) << "too slow: no further wait";
}

TEST(pace, no_credit_allows_a_longer_pause_than_the_stall) {
    pace p(limits());
    const pace::clock::time_point now{};
    p.moved(1'000'000'000);
    EXPECT_EQ(p.deadline(now), now + 30s);
}

} // namespace
} // namespace truc::net
