#include <truc/api/client_limits.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace truc::api {
namespace {

using namespace std::chrono_literals;

/// Time stands still unless a test moves it.
class client_limits_test : public testing::Test {
  protected:
    client_limits::options limits(double per_second, double burst, std::size_t at_once = 1'000) {
        client_limits::options o;
        o.per_second = per_second;
        o.burst = burst;
        o.at_once = at_once;
        o.now = [this] { return now_; };
        return o;
    }
    /// How many of `n` requests, one after the other, are let in.
    static int admitted(client_limits& l, const std::string& client, int n) {
        int count = 0;
        for (int i = 0; i < n; ++i) count += l.admit(client).has_value();
        return count;
    }

    std::chrono::steady_clock::time_point now_{1h};
};

TEST_F(client_limits_test, a_burst_is_let_in_and_then_the_rate) {
    client_limits l(limits(2, 10));
    EXPECT_EQ(admitted(l, "one", 20), 10);
    now_ += 500ms;
    EXPECT_EQ(admitted(l, "one", 20), 1);
    now_ += 3s;
    EXPECT_EQ(admitted(l, "one", 20), 6);
    now_ += 24h;
    EXPECT_EQ(admitted(l, "one", 20), 10) << "what was not used beyond a burst is lost";
}

TEST_F(client_limits_test, a_refusal_says_why_and_when_to_come_again) {
    client_limits l(limits(0.25, 1));
    ASSERT_TRUE(l.admit("one"));
    const auto refused = l.admit("one");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().why.code, errc::rate_limited);
    EXPECT_EQ(refused.error().retry_after, 4s);
    now_ += 3s;
    EXPECT_EQ(l.admit("one").error().retry_after, 1s);
    now_ += 1s;
    EXPECT_TRUE(l.admit("one")) << "what was told is true";
}

TEST_F(client_limits_test, one_clients_haste_costs_another_nothing) {
    client_limits l(limits(1, 3));
    EXPECT_EQ(admitted(l, "one", 100), 3);
    EXPECT_EQ(admitted(l, "two", 100), 3);
}

TEST_F(client_limits_test, requests_under_way_are_bounded_until_one_ends) {
    client_limits l(limits(1'000, 1'000, 2));
    auto first = l.admit("one");
    auto second = l.admit("one");
    ASSERT_TRUE(first && second);
    const auto third = l.admit("one");
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().why.code, errc::rate_limited);
    EXPECT_GE(third.error().retry_after, 1s);
    EXPECT_TRUE(l.admit("two")) << "others have their own";
    client_limits::ticket moved = std::move(*first);
    EXPECT_FALSE(l.admit("one")) << "a ticket that moved counts once";
    moved = client_limits::ticket();
    EXPECT_TRUE(l.admit("one"));
}

TEST_F(client_limits_test, a_rate_of_nothing_closes_and_a_burst_is_at_least_one_request) {
    client_limits l(limits(0, 0));
    EXPECT_TRUE(l.admit("one"));
    now_ += 24h;
    EXPECT_EQ(l.admit("one").error().retry_after, 1h);
}

TEST_F(client_limits_test, quiet_clients_are_forgotten_and_busy_ones_are_not) {
    client_limits l(limits(1, 2, 1));
    const auto under_way = l.admit("waiting");
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 100; ++i) EXPECT_TRUE(l.admit(std::to_string(round) + "/" + std::to_string(i)));
        now_ += 1s;
    }
    EXPECT_LE(l.clients(), 500u);
    EXPECT_FALSE(l.admit("waiting")) << "its request is still under way";
    EXPECT_EQ(admitted(l, "99/99", 3), 2) << "a second later its bucket is full, remembered or not";
}

TEST_F(client_limits_test, refusals_are_counted) {
    metrics_registry metrics;
    client_limits l(limits(1, 1), &metrics);
    EXPECT_EQ(admitted(l, "one", 4), 1);
    EXPECT_NE(metrics.expose().find("truc_rate_limited_total 3"), std::string::npos);
}

TEST_F(client_limits_test, threads_share_one_bound) {
    client_limits l(limits(0, 1'000, 100'000));
    std::atomic<int> let_in{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 1'000; ++i) let_in += l.admit("one").has_value();
        });
    for (auto& t : threads) t.join();
    EXPECT_EQ(let_in, 1'000);
}

} // namespace
} // namespace truc::api
