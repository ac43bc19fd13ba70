#include "../../../src/deliver/lane.hpp"

#include <gtest/gtest.h>

namespace truc::deliver {
namespace {

using namespace std::chrono_literals;

const timestamp noon = from_millis(1'790'000'000'000);
constexpr auto normal = lane_class::normal;

waiting_leg leg(std::int64_t first, std::size_t rows = 1, lane_class of = normal) {
    waiting_leg l;
    l.dispatch = first;
    l.lane_class = of;
    for (std::size_t i = 0; i < rows; ++i) l.rows.push_back(first + static_cast<std::int64_t>(i));
    return l;
}

class dead_end final : public link {
  public:
    std::size_t room() const override { return 1; }
    void offer(store::outgoing_leg, std::function<void(leg_answer)>) override {}
};

/// A lane that has read its disk, on which nothing was.
lane empty_lane(const lane::limits& limits = {}) {
    lane l(limits);
    for (std::size_t of = 0; of < lane_classes; ++of) l.has_read(static_cast<lane_class>(of), std::nullopt);
    return l;
}

std::vector<std::int64_t> order_of(lane& l) {
    std::vector<std::int64_t> order;
    while (l.next()) order.push_back(l.take_next().rows.front());
    return order;
}

TEST(lane, gives_the_urgent_first_and_then_in_the_order_of_arrival) {
    auto l = empty_lane();
    for (const auto& each : {leg(3), leg(1), leg(5, 1, lane_class::express), leg(2), leg(7, 1, lane_class::status),
                             leg(8, 1, lane_class::recall), leg(9, 1, lane_class::express_timed)})
        EXPECT_TRUE(l.put(each).empty());
    EXPECT_EQ(order_of(l), (std::vector<std::int64_t>{8, 9, 5, 7, 1, 2, 3}));
}

TEST(lane, each_eighth_turn_is_that_of_the_leg_which_has_waited_longest) {
    auto l = empty_lane();
    for (int i = 1; i <= 3; ++i) l.put(leg(i));
    l.put(leg(4, 1, lane_class::status));
    for (int i = 10; i < 50; ++i) l.put(leg(i, 1, lane_class::express));
    const auto order = order_of(l);
    const auto turn_of = [&order](std::int64_t key) {
        return std::find(order.begin(), order.end(), key) - order.begin() + 1;
    };
    EXPECT_EQ(turn_of(1), 8);
    EXPECT_EQ(turn_of(2), 16);
    EXPECT_EQ(turn_of(3), 24);
    EXPECT_EQ(turn_of(4), 32);
    EXPECT_EQ(turn_of(10), 1) << "strictly by class otherwise";
    EXPECT_EQ(order.size(), 44u);
}

TEST(lane, keeps_of_each_class_what_fits_and_knows_where_the_rest_begins) {
    lane::limits limits;
    limits.window = 10;
    auto l = empty_lane(limits);
    for (int i = 1; i <= 10; ++i) EXPECT_TRUE(l.put(leg(i)).empty());
    EXPECT_FALSE(l.has_more());

    const auto behind = l.put(leg(11));
    ASSERT_EQ(behind.size(), 1u);
    EXPECT_EQ(behind[0].rows, std::vector<std::int64_t>{11});
    EXPECT_TRUE(l.has_more());

    EXPECT_TRUE(l.put(leg(20, 2, lane_class::urgent)).empty()) << "that class has a window of its own";
    // What comes back earlier finds room, and the last one loses it.
    const auto displaced = l.put(leg(0));
    ASSERT_EQ(displaced.size(), 1u);
    EXPECT_EQ(displaced[0].rows, std::vector<std::int64_t>{10});
    EXPECT_EQ(l.put(leg(10)).size(), 1u) << "it lies behind the horizon";
    EXPECT_EQ(l.waiting(), 12u);
    EXPECT_EQ(l.waiting_by_class()[static_cast<std::size_t>(lane_class::urgent)], 2u);
}

TEST(lane, wants_more_when_half_of_a_class_has_gone_and_something_is_left_on_disk) {
    lane::limits limits;
    limits.window = 4;
    auto l = empty_lane(limits);
    for (int i = 1; i <= 5; ++i) l.put(leg(i));
    EXPECT_FALSE(l.wants_more());
    l.take_next();
    EXPECT_FALSE(l.wants_more());
    l.take_next();
    ASSERT_TRUE(l.wants_more());
    EXPECT_EQ(l.wants_more()->of, normal);
    EXPECT_EQ(l.wants_more()->from, 5);
    l.has_read(normal, std::nullopt);
    EXPECT_FALSE(l.wants_more());
    l.read_again(lane_class::urgent, 3);
    l.read_again(lane_class::urgent, 9);
    ASSERT_TRUE(l.wants_more());
    EXPECT_EQ(l.wants_more()->from, 3);
}

TEST(lane, begins_with_the_most_urgent_class_on_disk) {
    lane l{lane::limits()};
    EXPECT_EQ(l.wants_more()->of, lane_class::recall);
    l.has_read(lane_class::recall, std::nullopt);
    EXPECT_EQ(l.wants_more()->of, lane_class::express_timed);
}

TEST(lane, a_leg_larger_than_what_is_left_of_the_window_still_gets_in) {
    lane::limits limits;
    limits.window = 5;
    auto l = empty_lane(limits);
    EXPECT_TRUE(l.put(leg(1)).empty());
    EXPECT_TRUE(l.put(leg(10, 20)).empty());
    EXPECT_EQ(l.put(leg(40)).size(), 1u);
    EXPECT_FALSE(l.wants_more()) << "else it would read the same again and again";
}

TEST(lane, what_waits_for_its_time_leaves_the_window_to_others) {
    lane::limits limits;
    limits.window = 2;
    auto l = empty_lane(limits);
    l.put(leg(1));
    l.put(leg(2));
    l.put(leg(3));
    while (l.next()) l.delay(l.take_next(), noon + 1h);
    EXPECT_TRUE(l.wants_more());
    EXPECT_EQ(l.waiting(), 2u);
    EXPECT_EQ(l.waiting_by_class()[0], 0u);
}

TEST(lane, what_waits_for_its_time_is_bounded_by_class_and_keeps_no_other_from_reading) {
    lane::limits limits;
    limits.window = 2;
    limits.delayed = 20;
    lane l(limits);
    for (int i = 10; i < 30; ++i) l.delay(leg(i), noon + 1h);
    for (std::size_t c = 1; c < lane_classes; ++c) l.has_read(static_cast<lane_class>(c), std::nullopt);
    ASSERT_TRUE(l.wants_more()) << "ten times the window";
    EXPECT_EQ(l.wants_more()->of, lane_class::normal);
    l.delay(leg(30), noon + 1h);
    EXPECT_FALSE(l.wants_more()) << "but not without a bound";
    l.read_again(lane_class::urgent, 1);
    ASSERT_TRUE(l.wants_more());
    EXPECT_EQ(l.wants_more()->of, lane_class::urgent);
    l.wake_all();
    EXPECT_EQ(l.waiting(), 21u);
}

TEST(lane, recalls_are_read_whatever_waits_for_its_time) {
    lane::limits limits;
    limits.delayed = 2;
    lane l(limits);
    for (int i = 1; i < 9; ++i) l.delay(leg(i, 1, lane_class::recall), noon + 1h);
    ASSERT_TRUE(l.wants_more());
    EXPECT_EQ(l.wants_more()->of, lane_class::recall);
}

TEST(lane, wakes_what_is_due_in_its_old_place) {
    auto l = empty_lane();
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
    auto l = empty_lane();
    l.put(leg(1, 3));
    l.put(leg(10));
    l.delay(leg(20, 2), noon);
    l.take_out({1, 10, 20});
    EXPECT_EQ(l.waiting(), 3u);
    l.wake(noon);
    EXPECT_EQ(l.take_next().rows, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(l.take_next().rows, std::vector<std::int64_t>{21});
    EXPECT_FALSE(l.has_ready());
}

TEST(lane, opens_its_circuit_and_then_lets_one_leg_probe) {
    auto l = empty_lane();
    l.way = std::make_shared<dead_end>();
    for (int i = 1; i <= 5; ++i) l.put(leg(i));
    ASSERT_TRUE(l.may_offer(noon));
    EXPECT_EQ(l.state(noon), circuit::closed);
    l.back_off(noon, 2s);
    EXPECT_FALSE(l.may_offer(noon + 1999ms));
    EXPECT_EQ(l.state(noon + 1s), circuit::backing_off);
    l.back_off(noon + 1s, 8s);
    EXPECT_EQ(l.failures(), 1u) << "answers to what was offered before do not count again";
    l.accepted(noon + 1s);
    EXPECT_FALSE(l.may_offer(noon + 1s)) << "nor do good ones";

    ASSERT_TRUE(l.may_offer(noon + 2s));
    EXPECT_EQ(l.state(noon + 2s), circuit::probing);
    EXPECT_EQ(l.limit(), 1u);
    const auto probe = l.take_next();
    l.sent(probe);
    EXPECT_FALSE(l.may_offer(noon + 2s)) << "one only";
    l.accepted(noon + 3s);
    EXPECT_TRUE(l.may_offer(noon + 3s));
    EXPECT_EQ(l.failures(), 0u);
    EXPECT_EQ(l.state(noon + 3s), circuit::closed);
}

TEST(lane, begins_slowly_and_doubles_each_round_that_is_accepted) {
    lane::limits limits;
    limits.legs = 16;
    auto l = empty_lane(limits);
    std::vector<std::size_t> rounds;
    for (int round = 0; round < 5; ++round) {
        const auto limit = l.limit();
        rounds.push_back(limit);
        for (std::size_t i = 0; i < limit; ++i) l.accepted(noon);
    }
    EXPECT_EQ(rounds, (std::vector<std::size_t>{2, 4, 8, 16, 16}));
}

TEST(lane, halves_when_the_neighbour_cannot_keep_up_and_then_grows_carefully) {
    auto l = empty_lane();
    while (l.limit() < 64) l.accepted(noon);
    for (int i = 0; i < 20; ++i) l.slow_down(noon); // what was under way together fails together
    EXPECT_EQ(l.limit(), 32u);
    for (int i = 0; i < 32; ++i) l.accepted(noon);
    EXPECT_EQ(l.limit(), 33u);
    l.slow_down(noon + 5s);
    EXPECT_EQ(l.limit(), 16u);
    for (int i = 0; i < 10; ++i) l.slow_down(noon + 10s + i * 5s);
    EXPECT_EQ(l.limit(), 1u) << "never none";
    l.restart();
    EXPECT_EQ(l.limit(), 2u) << "a new connection begins anew";
}

TEST(lane, bounds_what_is_under_way_in_number_and_bytes) {
    lane::limits limits;
    limits.first_legs = limits.legs = 2;
    limits.bytes = 100;
    limits.large = 1000;
    auto l = empty_lane(limits);
    l.way = std::make_shared<dead_end>();
    for (int i = 1; i <= 5; ++i) l.put(leg(i));
    auto first = l.take_next();
    first.size = 30;
    l.sent(first);
    EXPECT_TRUE(l.fits(70));
    EXPECT_FALSE(l.fits(71));
    auto second = l.take_next();
    second.size = 30;
    l.sent(second);
    EXPECT_EQ(l.next(), nullptr) << "two are under way";
    l.settled(first);
    EXPECT_NE(l.next(), nullptr);
}

TEST(lane, a_large_one_that_has_to_wait_is_passed_by_the_small_ones) {
    lane::limits limits;
    limits.large = 40;
    limits.large_legs = 1;
    auto l = empty_lane(limits);
    l.way = std::make_shared<dead_end>();
    for (int i = 1; i <= 4; ++i) l.put(leg(i));
    l.remember_size(1'000'000);
    EXPECT_EQ(l.next()->key(), 1) << "alone, anything goes";
    const auto large = l.take_next();
    l.sent(large);
    EXPECT_EQ(l.next()->key(), 2);
    l.remember_size(50);
    EXPECT_EQ(l.next()->key(), 3) << "a second large one waits, and nobody for it";
    const auto small = l.take_next();
    l.sent(small);
    EXPECT_EQ(l.next()->key(), 4);
    l.settled(large);
    EXPECT_EQ(l.next()->key(), 2) << "in its old place";
    EXPECT_EQ(l.under_way(), 1u);
}

TEST(lane, offers_nothing_without_a_connection) {
    auto l = empty_lane();
    l.put(leg(1));
    EXPECT_FALSE(l.may_offer(noon));
}

} // namespace
} // namespace truc::deliver
