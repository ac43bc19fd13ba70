#include "forwarder_fixture.hpp"

namespace truc::deliver {
namespace {

class deadline_test : public forwarder_test {
  protected:
    /// Time passes as it does for a node: a turn whenever one is due.
    void live(milliseconds period) {
        const auto end = s_.clock().now() + period;
        while (s_.clock().now() < end) {
            const auto next = std::min(run().value_or(end), end);
            s_.clock().advance(next - s_.clock().now());
        }
        run();
    }
    bool proven(const uuid& dispatch, event_name name) {
        for (const auto& r : s_->receipts_of(dispatch))
            if (r.event == name) return true;
        return false;
    }
};

TEST_F(deadline_test, what_nobody_took_in_time_expires_and_that_is_proven) {
    live(2min);
    const auto late = submit("<a/>", {ca_na}, priority::normal, 5min);
    const auto not_yet = submit("<b/>", {ca_na}, priority::normal, 1h);
    live(6min);
    EXPECT_EQ(delivery(late).state, delivery_state::expired);
    EXPECT_EQ(delivery(late).reason, "unreachable: thuannam");
    EXPECT_TRUE(proven(late, event_name::expiry));
    EXPECT_EQ(delivery(not_yet).state, delivery_state::queued);
    EXPECT_EQ(lane("thuannam").waiting, 1u);
    const auto way = connect("thuannam");
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    EXPECT_EQ(way->legs[0].leg.header.dispatch_id, not_yet);
}

TEST_F(deadline_test, nothing_expires_while_the_clocks_differ) {
    live(2min);
    const auto id = submit("<a/>", {ca_na}, priority::normal, 5min);
    forwarder_->hold_expiry(true);
    live(1h);
    EXPECT_EQ(delivery(id).state, delivery_state::queued);
    forwarder_->hold_expiry(false);
    live(1min);
    EXPECT_EQ(delivery(id).state, delivery_state::expired);
}

TEST_F(deadline_test, what_a_life_before_left_behind_is_ended_only_after_the_neighbour_was_heard) {
    const auto taken = submit("<a/>", {ca_na}, priority::normal, 5min);
    const auto refused = submit("<b/>", {ca_na}, priority::normal, 5min);
    run();
    restart();
    live(1h);
    ASSERT_EQ(delivery(taken).state, delivery_state::queued) << "it may have been under way when this node died";
    EXPECT_TRUE(alarmed("overdue", "thuannam"));
    const auto fresh = submit("<c/>", {ca_na}, priority::normal, 5min);
    live(6min);
    EXPECT_EQ(delivery(fresh).state, delivery_state::expired) << "it certainly was not";

    const auto way = connect("thuannam");
    run();
    ASSERT_EQ(way->legs.size(), 2u);
    way->answer(leg_fate::accepted);
    way->answer(leg_fate::released, "directory_behind");
    forwarder_->disconnect("thuannam", way, "cut");
    live(1min);
    EXPECT_EQ(delivery(taken).state, delivery_state::relayed);
    EXPECT_EQ(delivery(refused).state, delivery_state::expired);
}

TEST_F(deadline_test, what_the_neighbour_may_have_is_not_ended_here) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na}, priority::normal, 5min);
    live(1s);
    ASSERT_EQ(way->legs.size(), 1u);
    forwarder_->disconnect("thuannam", way, "cut");
    live(1h);
    EXPECT_EQ(delivery(id).state, delivery_state::queued);
    EXPECT_TRUE(alarmed("overdue", "thuannam"));

    // It says that it has not: then it can be ended.
    const auto again = connect("thuannam");
    run();
    ASSERT_EQ(again->legs.size(), 1u);
    again->answer(leg_fate::released, "directory_behind");
    forwarder_->disconnect("thuannam", again, "cut");
    live(1min);
    EXPECT_EQ(delivery(id).state, delivery_state::expired);
    EXPECT_FALSE(alarmed("overdue", "thuannam"));
}

TEST_F(deadline_test, the_neighbour_that_may_have_it_is_named_and_not_the_one_that_would_get_it_now) {
    const auto way = connect("thuannam");
    submit("<a/>", {ca_na}, priority::normal, 5min);
    live(1s);
    ASSERT_EQ(way->legs.size(), 1u);
    forwarder_->disconnect("thuannam", way, "cut");
    change_directory(nodes() + agency(here, "ninhthuan") + agency(ca_na, "ninhson"));
    live(1h);
    EXPECT_TRUE(alarmed("overdue", "thuannam"));
    EXPECT_FALSE(alarmed("overdue", "ninhson"));
}

TEST_F(deadline_test, what_lies_in_an_inbox_reminds_and_never_ends) {
    const auto id = submit("<a/>", {here}, priority::normal, 5min);
    live(4min);
    EXPECT_FALSE(alarmed("overdue", here));
    live(5min);
    EXPECT_TRUE(alarmed("overdue", here));
    EXPECT_EQ(delivery(id).state, delivery_state::consigned);
    ASSERT_TRUE(s_.conclude(delivery(id).id));
    live(2min);
    EXPECT_FALSE(alarmed("overdue", here));
}

TEST_F(deadline_test, what_was_passed_on_without_an_end_is_asked_about_less_and_less_often) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na, thuan_nam}, priority::normal, 5min);
    live(1s);
    way->answer(leg_fate::accepted);
    live(4min);
    EXPECT_TRUE(way->legs.empty());
    live(3min);
    EXPECT_TRUE(alarmed("overdue", "thuannam"));
    ASSERT_EQ(way->legs.size(), 1u) << "asked";
    const auto& leg = way->legs[0].leg;
    EXPECT_EQ(leg.header.dispatch_id, id);
    EXPECT_EQ(leg.header.hops, std::vector<std::string>{"ninhthuan"}) << "the same leg as before";
    EXPECT_EQ(leg.header.deliveries.size(), 2u);
    way->answer(leg_fate::accepted);

    std::size_t asked = 0;
    for (int i = 0; i < 120; ++i) {
        live(1min);
        asked += way->legs.size();
        while (!way->legs.empty()) way->answer(leg_fate::accepted);
    }
    EXPECT_GE(asked, 4u);
    EXPECT_LE(asked, 8u);
    EXPECT_EQ(delivery(id).state, delivery_state::relayed) << "it ends by evidence alone";
    EXPECT_EQ(delivery(id).passed_to, "thuannam");
}

TEST_F(deadline_test, its_sender_is_warned_once_when_three_quarters_of_the_time_are_over) {
    live(2min);
    const auto id = submit("<a/>", {ca_na}, priority::normal, 40min);
    live(29min);
    EXPECT_FALSE(proven(id, event_name::expiry_warning));
    live(2min);
    EXPECT_TRUE(proven(id, event_name::expiry_warning));
    live(5min);
    std::size_t told = 0;
    for (const auto& e : s_->read_feed({s_.dispatch("<x/>", {}).sender}, 0, 100))
        told += e.event == event_name::expiry_warning;
    EXPECT_EQ(told, 1u);
    EXPECT_EQ(delivery(id).state, delivery_state::queued);
}

TEST_F(deadline_test, what_was_passed_on_in_time_is_warned_of_by_whoever_has_it) {
    live(2min);
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na}, priority::normal, 40min);
    live(1s);
    way->answer(leg_fate::accepted);
    live(35min);
    EXPECT_FALSE(proven(id, event_name::expiry_warning));
}

TEST_F(deadline_test, what_nobody_could_take_before_a_restart_and_had_no_way_still_expires) {
    const auto id = submit("<a/>", {"000.00.77.H43"}, priority::normal, 5min);
    restart();
    live(6min);
    EXPECT_EQ(delivery(id).state, delivery_state::expired) << "it was never offered to anybody";
    EXPECT_EQ(delivery(id).reason, "recipient_unknown: 000.00.77.H43");
}

TEST_F(deadline_test, many_expire_page_by_page) {
    live(2min);
    for (int i = 0; i < 3; ++i) {
        std::vector<std::string> recipients;
        for (int k = 0; k < 400; ++k) recipients.push_back(fmt::format("{:03}.{:02}.77.H43", k, i));
        submit(std::string(std::size_t(i) + 1, ' ') + "<a/>", recipients, priority::normal, 5min);
    }
    live(6min);
    EXPECT_TRUE(s_->read_queued({}, 1).empty());
    EXPECT_TRUE(s_->read_books().balance());
    live(2min);
    EXPECT_FALSE(alarmed("no_route", "000.00.77.H43"));
}

} // namespace
} // namespace truc::deliver
