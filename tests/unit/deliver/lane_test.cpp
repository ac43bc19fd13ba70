#include "../../../src/deliver/lane.hpp"

#include <gtest/gtest.h>

namespace truc::deliver {
namespace {

using namespace std::chrono_literals;

const timestamp noon = from_millis(1'790'000'000'000);

waiting_leg leg(std::int64_t first, std::size_t rows = 1, priority p = priority::normal) {
    waiting_leg l;
    l.dispatch = first;
    l.priority = p;
    for (std::size_t i = 0; i < rows; ++i) l.rows.push_back(first + static_cast<std::int64_t>(i));
    return l;
}

class dead_end final : public link {
  public:
    std::size_t room() const override { return 1; }
    void offer(store::outgoing_leg, std::function<void(leg_answer)>) override {}
};

std::vector<std::int64_t> order_of(lane& l) {
    std::vector<std::int64_t> order;
    while (l.has_ready()) order.push_back(l.take_first().rows.front());
    return order;
}

TEST(lane, gives_the_urgent_first_and_then_in_the_order_of_arrival) {
    lane l{lane::limits()};
    for (const auto& each : {leg(3), leg(1), leg(5, 1, priority::express), leg(2), leg(9, 1, priority::express_timed)})
        EXPECT_TRUE(l.put(each).empty());
    EXPECT_EQ(order_of(l), (std::vector<std::int64_t>{9, 5, 1, 2, 3}));
}

TEST(lane, keeps_what_fits_and_knows_where_the_rest_begins) {
    lane::limits limits;
    limits.window = 10;
    lane l(limits);
    for (int i = 1; i <= 10; ++i) EXPECT_TRUE(l.put(leg(i)).empty());
    EXPECT_FALSE(l.horizon());

    const auto behind = l.put(leg(11));
    ASSERT_EQ(behind.size(), 1u);
    EXPECT_EQ(behind[0].rows, std::vector<std::int64_t>{11});
    EXPECT_EQ(*l.horizon(), (leg_key{priority::normal, 11}));

    // Something urgent finds room, and the last one loses it.
    const auto displaced = l.put(leg(20, 2, priority::urgent));
    ASSERT_EQ(displaced.size(), 2u);
    EXPECT_EQ(displaced[0].rows, std::vector<std::int64_t>{10});
    EXPECT_EQ(displaced[1].rows, std::vector<std::int64_t>{9});
    EXPECT_EQ(*l.horizon(), (leg_key{priority::normal, 9}));
    EXPECT_EQ(l.put(leg(10)).size(), 1u) << "it lies behind the horizon";
    EXPECT_EQ(l.waiting(), 10u);
}

TEST(lane, wants_more_when_half_of_it_has_gone_and_something_is_left_on_disk) {
    lane::limits limits;
    limits.window = 4;
    lane l(limits);
    for (int i = 1; i <= 5; ++i) l.put(leg(i));
    EXPECT_FALSE(l.wants_more());
    l.take_first();
    EXPECT_FALSE(l.wants_more());
    l.take_first();
    EXPECT_TRUE(l.wants_more());
    l.set_horizon(std::nullopt);
    EXPECT_FALSE(l.wants_more());
}

TEST(lane, a_leg_larger_than_what_is_left_of_the_window_still_gets_in) {
    lane::limits limits;
    limits.window = 5;
    lane l(limits);
    EXPECT_TRUE(l.put(leg(1)).empty());
    EXPECT_TRUE(l.put(leg(10, 20)).empty());
    EXPECT_FALSE(l.wants_more());
    EXPECT_EQ(l.put(leg(40)).size(), 1u);
    EXPECT_FALSE(l.wants_more()) << "else it would read the same again and again";
}

TEST(lane, what_waits_for_its_time_leaves_the_window_to_others) {
    lane::limits limits;
    limits.window = 2;
    lane l(limits);
    l.put(leg(1));
    l.put(leg(2));
    l.put(leg(3));
    while (l.has_ready()) l.delay(l.take_first(), noon + 1h);
    EXPECT_TRUE(l.wants_more());
    EXPECT_EQ(l.waiting(), 2u);
    for (int i = 10; i < 20; ++i) l.delay(leg(i), noon + 1h);
    EXPECT_FALSE(l.wants_more()) << "but not without a bound";
}

TEST(lane, wakes_what_is_due_in_its_old_place) {
    lane l{lane::limits()};
    l.delay(leg(1), noon + 5s);
    l.delay(leg(2), noon + 1s);
    l.delay(leg(3), noon + 9s, true);
    l.put(leg(4));
    EXPECT_EQ(l.next_delayed(), noon + 1s);
    l.wake(noon + 5s);
    EXPECT_EQ(order_of(l), (std::vector<std::int64_t>{1, 2, 4}));
    l.wake_lost();
    EXPECT_EQ(order_of(l), std::vector<std::int64_t>{3});
    EXPECT_FALSE(l.next_delayed());
}

TEST(lane, takes_single_deliveries_out_of_legs) {
    lane l{lane::limits()};
    l.put(leg(1, 3));
    l.put(leg(10));
    l.delay(leg(20, 2), noon);
    l.take_out({1, 10, 20});
    EXPECT_EQ(l.waiting(), 3u);
    l.wake(noon);
    EXPECT_EQ(l.take_first().rows, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(l.take_first().rows, std::vector<std::int64_t>{21});
    EXPECT_FALSE(l.has_ready());
}

TEST(lane, backs_off_and_then_lets_one_leg_probe) {
    lane l{lane::limits()};
    l.way = std::make_shared<dead_end>();
    for (int i = 1; i <= 5; ++i) l.put(leg(i));
    ASSERT_TRUE(l.may_offer(noon));
    l.back_off(noon, 2s);
    EXPECT_FALSE(l.may_offer(noon + 1999ms));
    l.back_off(noon + 1s, 8s);
    EXPECT_EQ(l.failures(), 1u) << "answers to what was offered before do not count again";
    l.succeeded(noon + 1s);
    EXPECT_FALSE(l.may_offer(noon + 1s)) << "nor do good ones";

    ASSERT_TRUE(l.may_offer(noon + 2s));
    const auto probe = l.take_first();
    l.sent(probe);
    EXPECT_FALSE(l.may_offer(noon + 2s)) << "one only";
    l.succeeded(noon + 3s);
    EXPECT_TRUE(l.may_offer(noon + 3s));
    EXPECT_EQ(l.failures(), 0u);
}

TEST(lane, bounds_what_is_under_way_in_number_and_bytes) {
    lane::limits limits;
    limits.legs = 2;
    limits.bytes = 100;
    limits.large = 40;
    limits.large_legs = 1;
    lane l(limits);
    l.way = std::make_shared<dead_end>();
    for (int i = 1; i <= 5; ++i) l.put(leg(i));

    EXPECT_TRUE(l.fits(1'000'000)) << "alone, anything does";
    auto large = l.take_first();
    large.size = 50;
    l.sent(large);
    EXPECT_FALSE(l.fits(45)) << "a second large one";
    EXPECT_TRUE(l.fits(39));
    auto small = l.take_first();
    small.size = 30;
    l.sent(small);
    EXPECT_FALSE(l.fits(21));
    EXPECT_FALSE(l.may_offer(noon)) << "two are under way";
    l.settled(large);
    EXPECT_TRUE(l.may_offer(noon));
    EXPECT_TRUE(l.fits(70));
    EXPECT_FALSE(l.fits(71));
}

TEST(lane, offers_nothing_without_a_connection) {
    lane l{lane::limits()};
    l.put(leg(1));
    EXPECT_FALSE(l.may_offer(noon));
}

} // namespace
} // namespace truc::deliver
