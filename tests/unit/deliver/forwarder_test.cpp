#include "forwarder_fixture.hpp"

namespace truc::deliver {
namespace {

std::string document(int i) { return "<n>" + std::to_string(i) + "</n>"; }

TEST_F(forwarder_test, carries_a_delivery_to_the_next_hop_and_forgets_it_when_that_is_committed) {
    const auto way = connect("thuannam");
    run();
    const auto id = submit("<a/>", {ca_na});
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    const auto& leg = way->legs[0].leg;
    EXPECT_EQ(leg.header.dispatch_id, id);
    EXPECT_EQ(leg.header.hops, std::vector<std::string>{"ninhthuan"});
    EXPECT_EQ(leg.header.deliveries.at(0).recipient, ca_na);
    EXPECT_EQ(leg.header.sections, (std::map<std::string, std::uint64_t>{{"ninhthuan", 4}, {"cana", 1}}));
    EXPECT_FALSE(leg.receipt.empty());
    EXPECT_EQ(lane("thuannam").under_way, 1u);
    EXPECT_EQ(delivery(id).state, delivery_state::queued);

    way->answer(leg_fate::accepted);
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::relayed);
    EXPECT_EQ(delivery(id).passed_to, "thuannam");
    EXPECT_EQ(lane("thuannam").under_way, 0u);
    EXPECT_EQ(lane("thuannam").waiting, 0u);
    EXPECT_NE(metrics_.expose().find("truc_attempts_total{outcome=\"accepted\"} 1"), std::string::npos);
}

TEST_F(forwarder_test, sends_the_recipients_behind_one_neighbour_together) {
    const auto down = connect("thuannam");
    const auto beside = connect("ninhson");
    submit("<a/>", {thuan_nam, ca_na, ninh_son, here});
    run();
    ASSERT_EQ(down->legs.size(), 1u);
    EXPECT_EQ(down->legs[0].leg.header.deliveries.size(), 2u);
    ASSERT_EQ(beside->legs.size(), 1u);
    EXPECT_EQ(beside->legs[0].leg.header.deliveries.size(), 1u);
}

TEST_F(forwarder_test, offers_the_urgent_first) {
    submit(document(1), {ca_na});
    submit(document(2), {ca_na}, priority::urgent);
    submit(document(3), {ca_na});
    submit(document(4), {ca_na}, priority::express_timed);
    const auto way = connect("thuannam");
    std::vector<priority> order;
    for (const auto& leg : take_all(*way)) order.push_back(leg.header.priority);
    EXPECT_EQ(order,
              (std::vector<priority>{priority::express_timed, priority::urgent, priority::normal, priority::normal}));
}

TEST_F(forwarder_test, respects_what_the_neighbour_has_room_for) {
    const auto way = connect("thuannam");
    way->credit = 2;
    for (int i = 0; i < 5; ++i) submit(document(i), {ca_na});
    run();
    EXPECT_EQ(way->legs.size(), 2u);
    way->answer(leg_fate::accepted);
    forwarder_->room("thuannam");
    run();
    EXPECT_EQ(way->legs.size(), 2u);
    EXPECT_EQ(lane("thuannam").waiting, 2u);
}

TEST_F(forwarder_test, a_dead_neighbour_costs_the_others_nothing) {
    for (int i = 0; i < 50; ++i) submit(document(i), {ninh_son});
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    const auto next = run();
    ASSERT_EQ(way->legs.size(), 1u);
    EXPECT_EQ(way->legs[0].leg.header.dispatch_id, id);
    EXPECT_EQ(lane("ninhson").waiting, 50u);
    EXPECT_FALSE(lane("ninhson").connected);
    ASSERT_TRUE(next);
    EXPECT_GE(*next, s_.clock().now() + 10s) << "nothing has to be tried while there is no connection";

    const auto late = connect("ninhson");
    run();
    EXPECT_EQ(late->legs.size(), 2u) << "carefully at first";
    EXPECT_EQ(take_all(*late).size(), 50u);
}

TEST_F(forwarder_test, one_bad_leg_does_not_hold_up_the_others) {
    const auto way = connect("thuannam");
    const auto bad = submit(document(1), {ca_na}, priority::urgent);
    run();
    way->answer(leg_fate::released, "directory_behind: section 7 of cana");
    const auto next = run();
    EXPECT_TRUE(way->legs.empty()) << "it waits";
    ASSERT_TRUE(next);
    EXPECT_GE(*next, s_.clock().now() + 500ms);
    EXPECT_LE(*next, s_.clock().now() + 1s);
    EXPECT_EQ(delivery(bad).attempts, 1u);
    EXPECT_NE(delivery(bad).last_attempt.find("directory_behind"), std::string::npos);
    EXPECT_EQ(delivery(bad).next_at, *next);

    submit(document(2), {ca_na});
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    way->answer(leg_fate::accepted);
    run_after(1s);
    ASSERT_EQ(way->legs.size(), 1u);
    EXPECT_EQ(way->legs[0].leg.header.dispatch_id, bad);
}

TEST_F(forwarder_test, waits_longer_each_time_a_leg_comes_back_and_writes_that_seldom) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    milliseconds waited{0};
    for (int i = 0; i < 9; ++i) {
        way->answer(leg_fate::released, "directory_behind: section 7 of cana");
        const auto next = *run();
        auto wait = next - s_.clock().now();
        // The look at deadlines comes in between.
        while (way->legs.empty()) wait += 1s, run_after(1s);
        waited = wait;
    }
    EXPECT_GE(waited, 30s);
    EXPECT_LE(waited, 75s);
    EXPECT_LE(delivery(id).attempts, 4u);
}

TEST_F(forwarder_test, a_neighbour_without_space_is_left_in_peace_and_then_probed_with_one_leg) {
    const auto way = connect("thuannam");
    for (int i = 0; i < 10; ++i) submit(document(i), {ca_na});
    run();
    ASSERT_EQ(way->legs.size(), 2u);
    for (int i = 0; i < 2; ++i) way->answer(leg_fate::released, "no_space");
    const auto next = *run();
    EXPECT_EQ(lane("thuannam").state, circuit::backing_off);
    EXPECT_TRUE(way->legs.empty());
    EXPECT_EQ(lane("thuannam").failures, 1u);
    EXPECT_EQ(lane("thuannam").last_failure, "no_space");
    EXPECT_EQ(lane("thuannam").next_at, next);

    run_after(next - s_.clock().now());
    EXPECT_EQ(way->legs.size(), 1u) << "the probe";
    EXPECT_EQ(lane("thuannam").state, circuit::probing);
    way->answer(leg_fate::released, "no_space");
    run();
    EXPECT_EQ(lane("thuannam").failures, 2u);
    EXPECT_TRUE(way->legs.empty());
    run_after(2s);
    ASSERT_EQ(way->legs.size(), 1u);
    way->answer(leg_fate::accepted);
    run();
    EXPECT_EQ(way->legs.size(), 2u) << "slowly again";
    EXPECT_EQ(lane("thuannam").failures, 0u);
    EXPECT_EQ(lane("thuannam").state, circuit::closed);
    EXPECT_EQ(take_all(*way).size(), 9u);
}

TEST_F(forwarder_test, what_was_lost_is_offered_again_when_there_is_a_link) {
    auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    way->answer(leg_fate::lost, "broken");
    forwarder_->disconnect("thuannam", way, "broken");
    run();
    EXPECT_EQ(lane("thuannam").waiting, 1u);
    EXPECT_EQ(lane("thuannam").last_failure, "broken");

    way = connect("thuannam");
    run();
    ASSERT_EQ(way->legs.size(), 1u) << "at once";
    way->answer(leg_fate::accepted);
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::relayed);
}

TEST_F(forwarder_test, a_link_that_loses_everything_is_not_flooded) {
    const auto way = connect("thuannam");
    submit("<a/>", {ca_na});
    run();
    way->answer(leg_fate::lost);
    run();
    EXPECT_TRUE(way->legs.empty());
    run_after(1s);
    EXPECT_EQ(way->legs.size(), 1u);
}

TEST_F(forwarder_test, a_newer_link_takes_over_from_the_one_before) {
    const auto old = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    const auto fresh = connect("thuannam");
    run();
    ASSERT_EQ(fresh->legs.size(), 1u) << "what is under way on the old one is lost";
    old->answer(leg_fate::accepted);
    forwarder_->disconnect("thuannam", old, "replaced");
    run();
    EXPECT_TRUE(lane("thuannam").connected) << "the old link is nobody's any more";
    EXPECT_EQ(delivery(id).state, delivery_state::queued);
    fresh->answer(leg_fate::accepted);
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::relayed);
}

TEST_F(forwarder_test, after_a_crash_before_the_commit_it_offers_again) {
    auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    way->answer(leg_fate::accepted);
    restart();
    way = connect("thuannam");
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    way->answer(leg_fate::accepted);
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::relayed);
    restart();
    way = connect("thuannam");
    run();
    EXPECT_TRUE(way->legs.empty()) << "passed on is passed on";
}

TEST_F(forwarder_test, retry_does_not_wait) {
    const auto way = connect("thuannam");
    submit("<a/>", {ca_na});
    run();
    way->answer(leg_fate::released, "directory_behind");
    run();
    forwarder_->retry("ninhson");
    run();
    EXPECT_TRUE(way->legs.empty());
    forwarder_->retry("thuannam");
    run();
    EXPECT_EQ(way->legs.size(), 1u);
}

TEST_F(forwarder_test, keeps_of_what_a_neighbour_says_no_more_than_people_read) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    way->answer(leg_fate::released, "schema: \xff" + std::string(100'000, 'x'));
    run();
    const auto kept = delivery(id).last_attempt;
    EXPECT_NE(kept.find("schema: \uFFFDxxx"), std::string::npos);
    EXPECT_LT(kept.size(), 600u);
    EXPECT_LT(lane("thuannam").last_failure.size(), 600u);
}

TEST_F(forwarder_test, sleeps_when_nothing_is_to_do) {
    connect("thuannam");
    run();
    const auto before = wakes_.load();
    for (int i = 0; i < 20; ++i) EXPECT_GE(*forwarder_->run(), s_.clock().now() + 5s);
    EXPECT_EQ(wakes_, before);
}

TEST_F(forwarder_test, answers_after_its_end_harm_nobody) {
    const auto way = connect("thuannam");
    submit("<a/>", {ca_na});
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    drop();
    const auto before = wakes_.load();
    way->answer(leg_fate::accepted);
    EXPECT_EQ(wakes_, before);
}

} // namespace
} // namespace truc::deliver
