#include "forwarder_fixture.hpp"

#include <set>

namespace truc::deliver {
namespace {

/// Lanes with little room, and more on disk than they hold.
class window_test : public forwarder_test {
  protected:
    /// So many deliveries of one document each, as fast as the store takes them.
    void submit_many(int count, const std::string& to, const std::string& name) {
        std::vector<std::future<bool>> answers;
        for (int i = 0; i < count; ++i) {
            auto d = s_.dispatch("<" + name + ">" + std::to_string(i) + "</" + name + ">", {to});
            d.document_id = name + std::to_string(i);
            d.elsewhere = {to};
            auto promise = std::make_shared<std::promise<bool>>();
            answers.push_back(promise->get_future());
            s_->accept(std::move(d), [promise](const auto& a) { promise->set_value(a.has_value()); });
            if (answers.size() < 1000) continue;
            for (auto& a : answers) ASSERT_TRUE(a.get());
            answers.clear();
        }
        for (auto& a : answers) ASSERT_TRUE(a.get());
    }
    /// Takes what is offered until nothing comes any more; every delivery must come once.
    std::size_t take_all(hand_link& way) {
        run();
        while (!way.legs.empty()) {
            while (!way.legs.empty()) {
                const auto leg = way.answer(leg_fate::accepted);
                for (const auto& d : leg.header.deliveries) EXPECT_TRUE(taken_.insert(d.id).second);
            }
            run();
        }
        return taken_.size();
    }

    std::set<uuid> taken_;
};

TEST_F(window_test, what_has_no_room_in_memory_is_read_from_disk) {
    window_ = 500;
    restart();
    run();
    submit_many(3000, ca_na, "a");
    run();
    EXPECT_LE(lane("thuannam").waiting, 500u);
    EXPECT_TRUE(lane("thuannam").more);
    const auto urgent = submit("<u/>", {ca_na}, priority::express);
    const auto way = connect("thuannam");
    run();
    ASSERT_FALSE(way->legs.empty());
    EXPECT_EQ(way->legs[0].leg.header.dispatch_id, urgent) << "what is urgent needs no room";
    EXPECT_EQ(take_all(*way), 3001u);
    EXPECT_FALSE(lane("thuannam").more);
    EXPECT_TRUE(s_->read_queued({}, 1).empty());
}

TEST_F(window_test, thirty_thousand_found_at_the_start_go_out_past_a_dead_neighbour) {
    drop();
    submit_many(20'000, ninh_son, "dead");
    submit_many(10'000, ca_na, "alive");
    window_ = 2000;
    restart();
    const auto way = connect("thuannam");
    EXPECT_EQ(take_all(*way), 10'000u);
    EXPECT_EQ(lane("ninhson").waiting, 2000u);
    EXPECT_TRUE(lane("ninhson").more);
    EXPECT_EQ(s_->read_queued({}, 100'000).size(), 20'000u);
}

TEST_F(window_test, what_a_commit_brings_while_nobody_takes_it_in_is_read_from_disk) {
    run();
    submit_many(21'000, ca_na, "a"); // no turn meanwhile
    const auto way = connect("thuannam");
    EXPECT_EQ(take_all(*way), 21'000u);
}

TEST_F(window_test, a_dispatch_with_many_recipients_goes_in_legs_of_bounded_size) {
    std::string text = exchange();
    std::vector<std::string> recipients;
    for (int i = 0; i < 1200; ++i) {
        recipients.push_back(fmt::format("{:03}.{:02}.77.H43", i % 1000, i / 1000));
        text += agency(recipients.back(), "cana");
    }
    use_directory(text);
    restart();
    submit("<a/>", recipients);
    const auto way = connect("thuannam");
    run();
    ASSERT_EQ(way->legs.size(), 3u);
    std::size_t deliveries = 0;
    for (const auto& o : way->legs) {
        EXPECT_LE(o.leg.header.deliveries.size(), 500u);
        deliveries += o.leg.header.deliveries.size();
    }
    EXPECT_EQ(deliveries, 1200u);
}

TEST_F(window_test, more_without_a_way_than_memory_holds_do_not_disturb_what_has_one) {
    use_directory(exchange() + agency("000.00.99.H99", "nowhere") +
                  R"({"node": {"name": "nowhere", "level": "ministry"}})");
    window_ = 5;
    restart();
    const auto way = connect("thuannam");
    submit("<t/>", {thuan_nam});
    submit_many(12, "000.00.99.H99", "a");
    run();
    ASSERT_EQ(way->legs.size(), 1u);
    run_after(61s); // there was a look for new ways meanwhile
    way->answer(leg_fate::released, "directory_behind");
    run();
    EXPECT_TRUE(way->legs.empty()) << "it backs off as ever";
    run_after(1s);
    EXPECT_EQ(way->legs.size(), 1u);
}

TEST_F(window_test, a_way_that_opens_is_found_for_what_memory_does_not_hold) {
    const auto tomorrow = to_rfc3339(s_.clock().now() + 24h);
    use_directory(
        nodes() + R"({"node": {"name": "nowhere", "level": "ministry"}})" + "\n" + agency("000.00.99.H99", "nowhere") +
        agency("000.00.98.H98", "nowhere", R"(, "valid_to": ")" + tomorrow + R"(", "successors": ["000.00.30.H43"])") +
        agency(thuan_nam, "thuannam"));
    window_ = 5;
    restart();
    const auto way = connect("thuannam");
    submit_many(12, "000.00.99.H99", "a");
    const auto last = submit("<z/>", {"000.00.98.H98"}, priority::normal, 100h);
    run();
    EXPECT_TRUE(way->legs.empty());
    run_after(23h);
    run_after(1h);
    run_after(1min);
    ASSERT_EQ(way->legs.size(), 1u);
    EXPECT_EQ(way->legs[0].leg.header.dispatch_id, last);
    EXPECT_TRUE(alarmed("no_route", "nowhere"));
}

} // namespace
} // namespace truc::deliver
