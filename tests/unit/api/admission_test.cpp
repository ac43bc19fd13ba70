#include <truc/api/admission.hpp>

#include <gtest/gtest.h>

#include <future>

namespace truc::api {
namespace {

TEST(admission, a_client_has_its_bound_and_all_together_have_theirs) {
    net::work_pool pool(1);
    admission a(pool, 1);
    for (std::size_t i = 0; i < admission::messages_per_client; ++i) ASSERT_TRUE(a.begin("one"));
    EXPECT_FALSE(a.begin("one"));
    EXPECT_TRUE(a.begin("two")) << "others have room";
    a.end("one");
    EXPECT_TRUE(a.begin("one"));
    std::size_t under_way = admission::messages_per_client + 1;
    for (int client = 0; under_way < admission::messages_in_all; ++client)
        for (std::size_t i = 0; i < admission::messages_per_client && under_way < admission::messages_in_all; ++i)
            under_way += a.begin(std::to_string(client));
    EXPECT_FALSE(a.begin("late"));
    a.end("two");
    EXPECT_TRUE(a.begin("late"));
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
