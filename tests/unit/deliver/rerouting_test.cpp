#include "forwarder_fixture.hpp"

namespace truc::deliver {
namespace {

class rerouting_test : public forwarder_test {
  protected:
    /// Cà Ná's home is another node by now.
    static std::string with_ca_na_at(const std::string& node) {
        return nodes() + agency(above, "vpcp") + agency(here, "ninhthuan") + agency(thuan_nam, "thuannam") +
               agency(ca_na, node) + agency(ninh_son, "ninhson");
    }
    result<store::home_finding> judge(const store::outgoing_leg& leg) override {
        judged_.push_back(leg);
        return judgement_;
    }

    std::vector<store::outgoing_leg> judged_;
    result<store::home_finding> judgement_;
};

TEST_F(rerouting_test, what_waits_goes_where_the_new_directory_says) {
    const auto thuannam = connect("thuannam");
    thuannam->credit = 1;
    const auto ninhson = connect("ninhson");
    const auto first = submit("<a/>", {ca_na});
    const auto second = submit("<b/>", {ca_na});
    run();
    ASSERT_EQ(thuannam->legs.size(), 1u);

    change_directory(with_ca_na_at("ninhson"));
    run();
    ASSERT_EQ(ninhson->legs.size(), 1u) << "the one that is under way has to be answered first";
    EXPECT_EQ(ninhson->legs[0].leg.header.dispatch_id, second);
    EXPECT_EQ(lane("thuannam").waiting, 0u);

    thuannam->answer(leg_fate::released, "directory_behind");
    run();
    ASSERT_EQ(ninhson->legs.size(), 2u);
    EXPECT_EQ(ninhson->legs[1].leg.header.dispatch_id, first);
}

TEST_F(rerouting_test, what_waits_on_disk_behind_a_dead_neighbour_moves_as_well) {
    window_ = 5;
    restart();
    run();
    for (int i = 0; i < 40; ++i) submit("<a>" + std::to_string(i) + "</a>", {ca_na});
    run();
    EXPECT_TRUE(lane("thuannam").more);
    change_directory(with_ca_na_at("ninhson"));
    const auto ninhson = connect("ninhson");
    EXPECT_EQ(take_all(*ninhson).size(), 40u);
    EXPECT_EQ(lane("thuannam").waiting, 0u);
    EXPECT_FALSE(lane("thuannam").more);
}

TEST_F(rerouting_test, what_an_earlier_life_left_is_asked_about_where_it_was_and_then_moves) {
    const auto id = submit("<a/>", {ca_na});
    use_directory(with_ca_na_at("ninhson"));
    restart();
    const auto thuannam = connect("thuannam");
    const auto ninhson = connect("ninhson");
    run();
    EXPECT_TRUE(ninhson->legs.empty()) << "the node may have died after an offer";
    ASSERT_EQ(thuannam->legs.size(), 1u);
    thuannam->answer(leg_fate::released, "directory_behind");
    run();
    ASSERT_EQ(ninhson->legs.size(), 1u);
    EXPECT_EQ(ninhson->legs[0].leg.header.dispatch_id, id);
    forwarder_->disconnect("ninhson", ninhson, "cut");
    restart();
    const auto again = connect("ninhson");
    run();
    EXPECT_EQ(again->legs.size(), 1u) << "who was asked last is on record";
}

TEST_F(rerouting_test, an_answer_counts_also_when_the_directory_has_changed_meanwhile) {
    const auto thuannam = connect("thuannam");
    const auto ninhson = connect("ninhson");
    const auto id = submit("<a/>", {ca_na});
    run();
    change_directory(with_ca_na_at("ninhson"));
    run();
    thuannam->answer(leg_fate::accepted);
    run();
    EXPECT_EQ(delivery(id).passed_to, "thuannam");
    EXPECT_TRUE(ninhson->legs.empty());
}

TEST_F(rerouting_test, what_a_neighbour_may_have_is_offered_to_no_other_before_it_has_answered) {
    auto thuannam = connect("thuannam");
    const auto ninhson = connect("ninhson");
    const auto id = submit("<a/>", {ca_na});
    run();
    ASSERT_EQ(thuannam->legs.size(), 1u);
    forwarder_->disconnect("thuannam", thuannam, "cut");
    run();
    change_directory(with_ca_na_at("ninhson"));
    run();
    EXPECT_TRUE(ninhson->legs.empty()) << "else both could hand it over";
    thuannam = connect("thuannam");
    run();
    ASSERT_EQ(thuannam->legs.size(), 1u);
    thuannam->answer(leg_fate::released, "directory_behind");
    run();
    ASSERT_EQ(ninhson->legs.size(), 1u) << "it has not";
    EXPECT_EQ(ninhson->legs[0].leg.header.dispatch_id, id);
}

TEST_F(rerouting_test, what_comes_back_says_nothing_of_the_rest_of_its_leg) {
    auto thuannam = connect("thuannam");
    const auto ninhson = connect("ninhson");
    const auto id = submit("<a/>", {ca_na, thuan_nam});
    run();
    ASSERT_EQ(thuannam->legs.size(), 1u);
    auto leg = thuannam->legs[0].leg;
    ASSERT_EQ(leg.header.deliveries.size(), 2u);
    const auto other = leg.header.deliveries[1];
    forwarder_->disconnect("thuannam", thuannam, "cut");
    run();
    // The neighbour had taken both, and gives one of them back.
    leg.header.deliveries.pop_back();
    auto back = net_.as_received(leg, "ninhthuan", "thuannam");
    back.hops = {"ninhthuan", "thuannam"};
    back.neighbour = "thuannam";
    ASSERT_TRUE(net_.take("ninhthuan", std::move(back)));
    thuannam = connect("thuannam");
    run();
    ASSERT_EQ(thuannam->legs.size(), 1u) << "what came back waits a while before it goes there again";
    ASSERT_EQ(thuannam->legs[0].leg.header.deliveries.size(), 1u);
    EXPECT_EQ(thuannam->legs[0].leg.header.deliveries[0].id, other.id);
    forwarder_->disconnect("thuannam", thuannam, "cut");
    run();
    change_directory(nodes() + agency(above, "vpcp") + agency(here, "ninhthuan") + agency(thuan_nam, "ninhson") +
                     agency(ca_na, "ninhson"));
    run();
    ASSERT_EQ(ninhson->legs.size(), 1u);
    ASSERT_EQ(ninhson->legs[0].leg.header.deliveries.size(), 1u);
    EXPECT_NE(ninhson->legs[0].leg.header.deliveries[0].id, other.id) << "the neighbour may have it";
    EXPECT_EQ(ninhson->legs[0].leg.header.dispatch_id, id);
}

TEST_F(rerouting_test, without_a_way_a_delivery_waits_and_an_alarm_says_so) {
    use_directory(with_ca_na_at("cana") + agency("000.00.99.H99", "nowhere") +
                  R"({"node": {"name": "nowhere", "level": "ministry"}})");
    restart();
    const auto thuannam = connect("thuannam");
    const auto id = submit("<a/>", {"000.00.99.H99"});
    const auto unknown = submit("<b/>", {"000.00.77.H43"});
    const auto next = *run();
    EXPECT_LE(next, s_.clock().now() + 1min);
    EXPECT_TRUE(alarmed("no_route", "nowhere"));
    EXPECT_TRUE(alarmed("no_route", "000.00.77.H43"));
    EXPECT_EQ(delivery(id).state, delivery_state::queued);

    change_directory(with_ca_na_at("cana") + agency("000.00.99.H99", "thuannam"));
    run();
    ASSERT_EQ(thuannam->legs.size(), 1u);
    EXPECT_EQ(thuannam->legs[0].leg.header.dispatch_id, id);
    EXPECT_FALSE(alarmed("no_route", "nowhere"));
    EXPECT_TRUE(alarmed("no_route", "000.00.77.H43"));
    EXPECT_EQ(delivery(unknown).state, delivery_state::queued);
}

TEST_F(rerouting_test, a_way_that_opens_with_time_is_found) {
    // The successor's code is valid from tomorrow on, and its home can be reached.
    const auto tomorrow = to_rfc3339(s_.clock().now() + 24h);
    use_directory(
        nodes() + R"({"node": {"name": "nowhere", "level": "ministry"}})" + "\n" +
        agency("000.00.98.H98", "nowhere", R"(, "valid_to": ")" + tomorrow + R"(", "successors": ["000.00.30.H43"])") +
        agency(thuan_nam, "thuannam"));
    restart();
    const auto thuannam = connect("thuannam");
    submit("<a/>", {"000.00.98.H98"}, priority::normal, 100h);
    run();
    EXPECT_TRUE(alarmed("no_route", "nowhere"));
    EXPECT_TRUE(thuannam->legs.empty());
    run_after(24h);
    EXPECT_EQ(thuannam->legs.size(), 1u);
    EXPECT_FALSE(alarmed("no_route", "nowhere"));
}

TEST_F(rerouting_test, what_was_submitted_here_comes_home_without_another_check) {
    const auto id = submit("<a/>", {ca_na});
    run();
    change_directory(with_ca_na_at("ninhthuan"));
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::consigned);
    EXPECT_TRUE(judged_.empty());
    EXPECT_EQ(lane("thuannam").waiting, 0u);
}

TEST_F(rerouting_test, what_waited_for_a_recipient_that_is_closed_comes_home_to_its_successor) {
    const auto with_past = [](const std::string& more) {
        return nodes() + agency(above, "vpcp") + agency(here, "ninhthuan") + agency(thuan_nam, "thuannam") +
               agency(ninh_son, "ninhson") +
               agency(ca_na, "thuannam", R"(, "valid_to": "2021-01-01T00:00:00+07:00")" + more);
    };
    const auto brought = receive("<a/>", ca_na, {"vpcp"});
    const auto own = submit("<b/>", {ca_na});
    run();
    change_directory(with_past(std::string(R"(, "successors": [")") + here + "\"]"));
    run();
    for (const auto& id : {brought, own}) {
        EXPECT_EQ(delivery(id).state, delivery_state::consigned);
        EXPECT_EQ(delivery(id).recipient, here) << "the inbox that is read";
    }
}

TEST_F(rerouting_test, what_a_neighbour_brought_comes_home_as_the_check_says) {
    const auto good = receive("<a/>", ca_na, {"vpcp"});
    run();
    change_directory(with_ca_na_at("ninhthuan"));
    run();
    EXPECT_EQ(delivery(good).state, delivery_state::consigned);
    ASSERT_EQ(judged_.size(), 1u);
    EXPECT_EQ(judged_[0].header.hops, std::vector<std::string>{"vpcp"});

    judgement_ = store::home_finding{store::fate::undeliverable, errc::signature_differs};
    change_directory(with_ca_na_at("cana"));
    run();
    const auto bad = receive("<b/>", thuan_nam, {"vpcp"});
    run();
    change_directory(nodes() + agency(thuan_nam, "ninhthuan"));
    run();
    EXPECT_EQ(delivery(bad).state, delivery_state::undeliverable);
    EXPECT_EQ(delivery(bad).reason, "signature_differs");
}

TEST_F(rerouting_test, a_check_that_cannot_be_made_now_is_made_later) {
    judgement_ = fail(errc::not_ready, "revocation list");
    const auto id = receive("<a/>", ca_na, {"vpcp"});
    run();
    change_directory(with_ca_na_at("ninhthuan"));
    const auto next = *run();
    EXPECT_EQ(delivery(id).state, delivery_state::queued);
    EXPECT_LE(next, s_.clock().now() + 1s);
    EXPECT_GT(next, s_.clock().now());
    judgement_ = store::home_finding{};
    run_after(1s);
    EXPECT_EQ(delivery(id).state, delivery_state::consigned);
}

TEST_F(rerouting_test, an_own_submission_to_an_agency_that_closed_meanwhile_is_undeliverable) {
    const auto id = submit("<a/>", {ca_na});
    run();
    const auto now = to_rfc3339(s_.clock().now());
    change_directory(nodes() + agency(ca_na, "ninhthuan", R"(, "valid_to": ")" + now + "\""));
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::undeliverable);
    EXPECT_EQ(delivery(id).reason, "recipient_closed");
}

TEST_F(rerouting_test, an_inbox_whose_home_moved_is_sent_after_it) {
    const auto stays = submit("<a/>", {here});
    use_directory(with_ca_na_at("ninhthuan"));
    const auto moves = submit("<b/>", {ca_na});
    ASSERT_EQ(delivery(moves).state, delivery_state::consigned);
    restart();
    const auto way = connect("thuannam");
    run();
    EXPECT_TRUE(way->legs.empty());
    change_directory(with_ca_na_at("cana"));
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    EXPECT_EQ(way->legs[0].leg.header.dispatch_id, moves);
    EXPECT_EQ(delivery(stays).state, delivery_state::consigned);
}

TEST_F(rerouting_test, what_the_next_node_had_already_waits_for_the_directories_to_agree) {
    const auto way = connect("thuannam");
    run();
    const auto first = receive("<a/>", ca_na, {"vpcp", "thuannam"});
    run();
    ASSERT_EQ(way->legs.size(), 1u) << "it was here for the first time";
    way->answer(leg_fate::accepted);
    const auto again = receive("<b/>", ca_na, {"vpcp", "ninhthuan", "thuannam", "ninhthuan", "thuannam"});
    run();
    EXPECT_EQ(delivery(first).state, delivery_state::relayed);
    EXPECT_TRUE(way->legs.empty());
    EXPECT_NE(delivery(again).last_attempt.find("directory_behind"), std::string::npos);
    EXPECT_EQ(delivery(again).next_at, s_.clock().now() + 20s);
    run_after(19s);
    EXPECT_TRUE(way->legs.empty());
    run_after(1s);
    EXPECT_EQ(way->legs.size(), 1u);
}

TEST_F(rerouting_test, custody_that_comes_back_while_the_answer_is_on_its_way_is_not_forgotten) {
    const auto way = connect("thuannam");
    const auto id = submit("<a/>", {ca_na});
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    // The neighbour has taken it and, by its directory, gives it back before its answer is dealt with here.
    auto back = net_.as_received(way->legs[0].leg, "ninhthuan", "thuannam");
    back.hops = {"ninhthuan", "thuannam"};
    back.neighbour = "thuannam";
    ASSERT_TRUE(net_.take("ninhthuan", std::move(back)));
    way->answer(leg_fate::accepted);
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::queued) << "custody is here";
    run_after(10s);
    ASSERT_EQ(way->legs.size(), 1u) << "and it is offered anew";
    EXPECT_EQ(way->legs[0].leg.header.hops, (std::vector<std::string>{"ninhthuan", "thuannam", "ninhthuan"}));
    way->answer(leg_fate::accepted);
    run();
    EXPECT_EQ(delivery(id).state, delivery_state::relayed);
}

} // namespace
} // namespace truc::deliver
