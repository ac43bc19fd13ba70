// What neighbours refuse for good, and what people hold.
#include "forwarder_fixture.hpp"

#include <algorithm>

namespace truc::deliver {
namespace {

class refusal_test : public forwarder_test {
  protected:
    std::size_t hold(const std::vector<std::int64_t>& rows, store::held_kind kind = store::held_kind::by_person) {
        return wait_for<std::size_t>([&](auto done) {
            s_->hold({rows, {"an", "a look at it"}, kind}, std::move(done));
        });
    }
    std::size_t release(const std::vector<std::int64_t>& rows) {
        return wait_for<std::size_t>([&](auto done) { s_->release({rows, {"an", ""}}, std::move(done)); });
    }
    std::size_t expire(const std::vector<std::int64_t>& rows) {
        return wait_for<std::size_t>([&](auto done) { s_->expire({rows, {"an", "sent twice"}}, std::move(done)); });
    }
    template <class T, class Command>
    T wait_for(Command command) {
        std::promise<result<T>> answer;
        command([&answer](result<T> r) { answer.set_value(std::move(r)); });
        return answer.get_future().get().value();
    }
    bool proven(const uuid& dispatch, event_name name, const std::string& reason) {
        const auto receipts = s_->receipts_of(dispatch);
        return std::any_of(receipts.begin(), receipts.end(),
                           [&](const auto& r) { return r.event == name && r.xml.find(reason) != std::string::npos; });
    }
    std::vector<std::int64_t> rows_of(const uuid& dispatch) {
        std::vector<std::int64_t> rows;
        const auto found = s_->find_dispatch(dispatch);
        for (const auto& d : found->deliveries) rows.push_back(d.seq);
        return rows;
    }
};

TEST_F(refusal_test, what_is_refused_for_good_is_held_at_once_and_its_sender_learns_why) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    way->answer(leg_fate::rejected, "content_differs: of another digest");
    run();
    EXPECT_TRUE(alarmed("leg_rejected", "thuannam"));
    EXPECT_NE(alarms_.list().at(0).text.find(id.str()), std::string::npos);
    const auto kept = delivery(id);
    EXPECT_EQ(kept.state, delivery_state::queued) << "custody stays here";
    EXPECT_EQ(kept.held.kind, store::held_kind::by_truc);
    EXPECT_EQ(kept.held.by, "thuannam");
    EXPECT_EQ(kept.held.reason, "content_differs: of another digest");
    EXPECT_TRUE(proven(id, event_name::hold, "content_differs"));
    EXPECT_EQ(lane("thuannam").waiting, 0u);

    const auto other = submit("<b/>", {ca_na});
    run_after(1h);
    ASSERT_EQ(way->legs.size(), 1u) << "nothing else waits for it";
    EXPECT_EQ(way->legs[0].leg.header.dispatch_id, other);
}

TEST_F(refusal_test, a_person_who_releases_it_has_it_offered_again) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    way->answer(leg_fate::rejected, "schema");
    run();
    EXPECT_EQ(release(rows_of(id)), 1u);
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    way->answer(leg_fate::accepted);
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::relayed);
    run_after(1min);
    EXPECT_FALSE(alarmed("leg_rejected", "thuannam"));
}

TEST_F(refusal_test, of_a_leg_only_the_delivery_is_held_that_is_refused_alone) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na, thuan_nam});
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    while (!way->legs.empty()) {
        const auto& of = way->legs.front().leg.header.deliveries;
        const bool bad = std::any_of(of.begin(), of.end(), [](const auto& d) { return d.recipient == ca_na; });
        bad ? way->answer(leg_fate::rejected, "recipient_not_named: Cà Ná") : way->answer(leg_fate::accepted);
        run();
    }
    const auto found = s_->find_dispatch(id);
    for (const auto& d : found->deliveries) {
        const bool bad = d.recipient == ca_na;
        EXPECT_EQ(d.state, bad ? delivery_state::queued : delivery_state::relayed);
        EXPECT_EQ(d.held.kind, bad ? store::held_kind::by_truc : store::held_kind::no);
    }
}

TEST_F(refusal_test, what_is_held_expires_all_the_same_and_says_why_it_was) {
    run();
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na}, priority::normal, 5min);
    run();
    way->answer(leg_fate::rejected, "schema: not valid");
    run();
    run_after(6min);
    EXPECT_EQ(delivery(id).state, delivery_state::expired);
    EXPECT_EQ(delivery(id).reason, "schema: not valid");
}

TEST_F(refusal_test, what_was_refused_before_a_restart_expires_all_the_same) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na}, priority::normal, 5min);
    run();
    way->answer(leg_fate::rejected, "schema: not valid");
    run();
    restart();
    run_after(6min);
    EXPECT_EQ(delivery(id).state, delivery_state::expired) << "the neighbour has said that it has not";
    EXPECT_EQ(delivery(id).reason, "schema: not valid");
}

TEST_F(refusal_test, what_is_released_and_offered_again_may_be_there_after_a_restart) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na}, priority::normal, 5min);
    run();
    way->answer(leg_fate::rejected, "schema: not valid");
    run();
    EXPECT_EQ(release(rows_of(id)), 1u);
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    restart();
    run_after(6min);
    EXPECT_EQ(delivery(id).state, delivery_state::queued) << "nobody knows whether the last offer was taken";
    const auto again = connect("thuannam");
    run();
    ASSERT_EQ(again->legs.size(), 1u);
}

TEST_F(refusal_test, what_a_person_held_before_a_restart_is_asked_about_when_it_is_late_and_then_expires) {
    const auto id = submit("<a/>", {ca_na}, priority::normal, 5min);
    EXPECT_EQ(hold(rows_of(id)), 1u);
    restart();
    const auto way = connect("thuannam");
    run_after(6min);
    EXPECT_TRUE(way->legs.empty()) << "who is asked so early may take it";
    run_after(2min);
    run_after(11s);
    ASSERT_EQ(way->legs.size(), 1u) << "an earlier life may have offered it";
    way->answer(leg_fate::rejected, "deadline_passed: late");
    run();
    run_after(11s);
    EXPECT_EQ(delivery(id).state, delivery_state::expired);
    EXPECT_EQ(delivery(id).reason, "a look at it");
    EXPECT_TRUE(proven(id, event_name::expiry, "a look at it"));
    EXPECT_FALSE(proven(id, event_name::expiry, "admin:")) << "no person ended it";
    EXPECT_FALSE(alarmed("leg_rejected", "thuannam"));
}

TEST_F(refusal_test, what_a_neighbour_does_not_take_any_more_ends_here_and_is_nobodys_fault) {
    const auto id = submit("<a/>", {ca_na}, priority::normal, 5min);
    restart();
    run_after(6min);
    EXPECT_EQ(delivery(id).state, delivery_state::queued) << "it may have been offered";
    const auto way = connect("thuannam");
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    way->answer(leg_fate::rejected, "deadline_passed: late");
    run();
    EXPECT_EQ(delivery(id).held.kind, store::held_kind::no);
    EXPECT_FALSE(alarmed("leg_rejected", "thuannam"));
    run_after(11s);
    EXPECT_EQ(delivery(id).state, delivery_state::expired);
}

TEST_F(refusal_test, what_is_late_by_the_neighbours_clock_alone_is_tried_until_it_is_late_here) {
    run();
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na}, priority::normal, 5min);
    std::size_t offered = 0;
    for (int i = 0; i < 6; ++i) {
        run_after(1min);
        for (; !way->legs.empty(); run()) {
            ++offered;
            way->answer(leg_fate::rejected, "deadline_passed: late");
        }
        if (i < 3) {
            EXPECT_EQ(delivery(id).state, delivery_state::queued);
        }
    }
    run_after(11s);
    EXPECT_EQ(delivery(id).state, delivery_state::expired);
    EXPECT_FALSE(proven(id, event_name::hold, ""));
    EXPECT_GE(offered, 2u);
    EXPECT_LE(offered, 12u) << "less and less often";
}

TEST_F(refusal_test, of_a_leg_only_what_is_late_ends) {
    const auto id = submit("<a/>", {ca_na, thuan_nam}, priority::normal, 1h);
    restart();
    auto rows = rows_of(id);
    rows.resize(1);
    const auto way = connect("thuannam");
    run();
    ASSERT_EQ(way->legs.size(), 1u) << "both, before the order";
    EXPECT_EQ(expire(rows), 1u);
    run();
    way->answer(leg_fate::rejected, "deadline_passed: late");
    run();
    run_after(2s);
    ASSERT_EQ(way->legs.size(), 1u);
    EXPECT_EQ(way->legs[0].leg.rows, (std::vector<std::int64_t>{rows_of(id)[1]})) << "the other one goes on";
    way->answer(leg_fate::accepted);
    run_after(11s);
    EXPECT_EQ(delivery(id, 0).state, delivery_state::expired);
    EXPECT_EQ(delivery(id, 1).state, delivery_state::relayed);
}

TEST_F(refusal_test, what_a_person_holds_leaves_its_lane_until_it_is_released) {
    const auto id = submit("<a/>", {ca_na});
    const auto other = submit("<b/>", {ca_na});
    run();
    EXPECT_EQ(lane("thuannam").waiting, 2u);
    EXPECT_EQ(hold(rows_of(id)), 1u);
    run();
    EXPECT_EQ(lane("thuannam").waiting, 1u);
    const auto way = connect("thuannam");
    const auto legs = take_all(*way);
    ASSERT_EQ(legs.size(), 1u);
    EXPECT_EQ(legs[0].header.dispatch_id, other);
    restart();
    const auto again = connect("thuannam");
    run();
    EXPECT_TRUE(again->legs.empty()) << "also after a restart";
    EXPECT_EQ(release(rows_of(id)), 1u);
    run();
    EXPECT_EQ(again->legs.size(), 1u);
}

TEST_F(refusal_test, a_hold_does_not_forget_that_a_neighbour_may_have_it) {
    auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    forwarder_->disconnect("thuannam", way, "cut");
    run();
    EXPECT_EQ(hold(rows_of(id)), 1u);
    way = connect("thuannam");
    run();
    EXPECT_TRUE(way->legs.empty());
    EXPECT_EQ(release(rows_of(id)), 1u);
    change_directory(nodes() + agency(here, "ninhthuan") + agency(ca_na, "ninhson"));
    const auto ninhson = connect("ninhson");
    run();
    EXPECT_TRUE(ninhson->legs.empty()) << "the first one has not answered";
    EXPECT_EQ(way->legs.size(), 1u);
}

TEST_F(refusal_test, what_an_administrator_ends_ends_when_no_neighbour_can_have_it) {
    run();
    const auto waiting = submit("<a/>", {ca_na});
    EXPECT_EQ(expire(rows_of(waiting)), 1u);
    run_after(11s);
    EXPECT_EQ(delivery(waiting).state, delivery_state::expired);
    EXPECT_EQ(delivery(waiting).reason, "sent twice");

    auto way = connect("thuannam");
    const auto offered = submit("<b/>", {ca_na});
    run();
    forwarder_->disconnect("thuannam", way, "cut");
    run();
    EXPECT_EQ(expire(rows_of(offered)), 1u);
    run_after(11s);
    EXPECT_EQ(delivery(offered).state, delivery_state::queued) << "the neighbour may have it";
    way = connect("thuannam");
    run();
    EXPECT_TRUE(way->legs.empty()) << "so soon after the order it would simply take it";
    run_after(2min);
    ASSERT_EQ(way->legs.size(), 1u) << "so it is asked";
    way->answer(leg_fate::rejected, "deadline_passed: late");
    run();
    run_after(11s);
    EXPECT_EQ(delivery(offered).state, delivery_state::expired);
}

TEST_F(refusal_test, of_what_an_earlier_life_left_the_neighbour_is_asked_before_it_ends) {
    const auto id = submit("<a/>", {ca_na});
    restart();
    EXPECT_EQ(expire(rows_of(id)), 1u);
    const auto way = connect("thuannam");
    run_after(11s);
    EXPECT_TRUE(way->legs.empty()) << "so soon after the order it would simply take it";
    run_after(2min);
    ASSERT_EQ(way->legs.size(), 1u);
    way->answer(leg_fate::released, "not_ready");
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::queued) << "who takes nothing has not looked";
    run_after(11s);
    ASSERT_EQ(way->legs.size(), 1u);
    way->answer(leg_fate::released, "directory_behind");
    run_after(11s);
    EXPECT_EQ(delivery(id).state, delivery_state::expired);
}

TEST_F(refusal_test, alarms_of_what_is_held_come_back_with_a_restart) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    way->answer(leg_fate::rejected, "schema");
    run();
    alarms_.clear("leg_rejected", "thuannam");
    restart();
    run();
    EXPECT_TRUE(alarmed("leg_rejected", "thuannam"));
    EXPECT_EQ(release(rows_of(id)), 1u);
    run_after(1min);
    EXPECT_FALSE(alarmed("leg_rejected", "thuannam"));
}

} // namespace
} // namespace truc::deliver
