#include <truc/api/admission.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

namespace truc::api {
namespace {

std::size_t begin_all(admission& a, const std::string& client, std::size_t wanted = 1'000'000) {
    std::size_t begun = 0;
    while (begun < wanted && a.begin(client)) ++begun;
    return begun;
}

TEST(admission, a_client_has_its_bound) {
    net::work_pool pool(1);
    admission a(pool, 1);
    EXPECT_EQ(begin_all(a, "one"), admission::messages_per_client);
    EXPECT_TRUE(a.begin("two")) << "others have room";
    a.end("one");
    EXPECT_EQ(begin_all(a, "one"), 1u);
}

TEST(admission, whoever_comes_late_finds_room) {
    net::work_pool pool(1);
    admission a(pool, 1);
    std::size_t under_way = 0;
    for (int client = 0; client < 1000; ++client) {
        const auto begun = begin_all(a, std::to_string(client));
        EXPECT_GE(begun, 1u) << client;
        under_way += begun;
        if (client % 10 == 0)
            for (std::size_t i = 0; i < begun; ++i, --under_way) a.end(std::to_string(client));
    }
    EXPECT_LE(under_way, admission::messages_in_all);
}

TEST(admission, many_links_of_a_client_share_what_one_would_have) {
    net::work_pool pool(1);
    admission a(pool, 1);
    EXPECT_EQ(a.open_link("one"), admission::window);
    std::size_t window = 0;
    for (int i = 0; i < 50; ++i) window = a.open_link("many");
    EXPECT_EQ(window, admission::messages_per_client / 50);
    EXPECT_EQ(a.window_of("one"), admission::window);
    for (int i = 0; i < 1000; ++i) a.open_link("many");
    EXPECT_EQ(a.window_of("many"), 1u) << "each link goes on";
    for (int i = 0; i < 1049; ++i) a.close_link("many");
    EXPECT_EQ(a.window_of("many"), admission::window);
}

/// What counts is how often one is examined while the other is.
TEST(admission, fifty_links_get_no_more_than_one) {
    net::work_pool pool(1);
    admission a(pool, 1);
    std::promise<void> go_on;
    pool.post([gate = go_on.get_future().share()] { gate.wait(); });
    std::string order;
    std::size_t many = 0;
    for (int link = 0; link < 50; ++link)
        for (std::size_t i = 0; i < admission::window; ++i)
            if (a.begin("many")) ++many, a.take_turn("many", [&order] { order += 'm'; });
    for (std::size_t i = 0; i < admission::window; ++i)
        if (a.begin("one")) a.take_turn("one", [&order] { order += '1'; });
    go_on.set_value();
    pool.join();
    EXPECT_EQ(many, admission::messages_per_client);
    const auto last = order.rfind('1');
    ASSERT_NE(last, std::string::npos);
    EXPECT_EQ(std::count(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(last), 'm'), 64);
    EXPECT_EQ(std::count(order.begin(), order.end(), '1'), 64);
}

TEST(admission, connections_of_a_client_are_counted) {
    net::work_pool pool(1);
    admission a(pool, 1);
    for (std::size_t i = 0; i < admission::connections_per_client; ++i) ASSERT_TRUE(a.open_connection("one"));
    EXPECT_FALSE(a.open_connection("one"));
    EXPECT_TRUE(a.open_connection("two"));
    a.close_connection("one");
    EXPECT_TRUE(a.open_connection("one"));
}

TEST(admission, whoever_settles_nothing_gets_no_more) {
    net::work_pool pool(1);
    admission a(pool, 1);
    for (std::size_t i = 0; i < admission::lent_per_client; ++i) ASSERT_TRUE(a.lend("one", 1));
    EXPECT_FALSE(a.lend("one", 1));
    EXPECT_TRUE(a.lend("two", admission::lent_bytes_per_client));
    EXPECT_FALSE(a.lend("two", 1));
    EXPECT_TRUE(a.lend("three", 2 * admission::lent_bytes_per_client)) << "each may have one, however large";
    EXPECT_FALSE(a.lend("three", 1));
    a.give_back("one", 1);
    EXPECT_TRUE(a.lend("one", 1));
}

TEST(admission, all_together_have_a_bound_of_what_is_lent) {
    net::work_pool pool(1);
    admission a(pool, 1);
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(a.lend(std::to_string(i), admission::lent_bytes_per_client));
    EXPECT_TRUE(a.lend("late", 1)) << "each may have one";
    EXPECT_FALSE(a.lend("late", 1));
    a.give_back("0", admission::lent_bytes_per_client);
    EXPECT_TRUE(a.lend("late", 1));
}

TEST(admission, too_many_bytes_are_said_to_be_too_many_until_they_are_fewer) {
    net::work_pool pool(1);
    admission a(pool, 1);
    EXPECT_FALSE(a.hold(0, admission::bytes_in_all));
    EXPECT_TRUE(a.hold(0, 1));
    EXPECT_FALSE(a.hold(admission::bytes_in_all, admission::bytes_in_all - 1));
}

TEST(admission, turns_go_round_the_clients) {
    net::work_pool pool(1);
    admission a(pool, 1);
    std::promise<void> go_on;
    pool.post([gate = go_on.get_future().share()] { gate.wait(); });
    std::string order;
    for (int i = 0; i < 3; ++i) a.take_turn("many", [&order] { order += 'm'; });
    a.take_turn("few", [&order] { order += 'f'; });
    a.take_turn("one", [&order] { order += '1'; });
    go_on.set_value();
    pool.join();
    EXPECT_EQ(order, "mf1mm");
}

TEST(admission, no_more_are_examined_at_once_than_there_are_turns) {
    net::work_pool pool(4);
    admission a(pool, 2);
    std::atomic<int> now{0}, most{0};
    for (int i = 0; i < 50; ++i)
        a.take_turn(std::to_string(i % 5), [&] {
            most = std::max(most.load(), ++now);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            --now;
        });
    pool.join();
    EXPECT_LE(most, 2);
    EXPECT_EQ(now, 0);
}

} // namespace
} // namespace truc::api
