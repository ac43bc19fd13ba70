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
    /// How many deliveries the neighbour takes until nothing comes any more; each comes once.
    std::size_t take_once(hand_link& way) {
        for (const auto& leg : take_all(way))
            for (const auto& d : leg.header.deliveries) EXPECT_TRUE(taken_.insert(d.id).second);
        return taken_.size();
    }
    std::uint64_t rows_read() {
        return metrics_.get_counter("truc_lane_rows_read_total", "Queued deliveries that lanes read").value();
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
    EXPECT_EQ(take_once(*way), 3001u);
    EXPECT_FALSE(lane("thuannam").more);
    EXPECT_TRUE(s_->read_queued({}, 1).empty());
}

TEST_F(window_test, documents_that_have_to_wait_keep_no_others_on_disk) {
    window_ = 100;
    restart();
    submit_many(600, ca_na, "a");
    const auto way = connect("thuannam");
    for (run(); !way->legs.empty(); run())
        while (!way->legs.empty()) way->answer(leg_fate::released, "update_awaited");
    const auto urgent = submit("<u/>", {ca_na}, priority::express);
    submit_many(400, ca_na, "b");
    std::size_t taken = 0;
    for (run(); !way->legs.empty(); run())
        for (; !way->legs.empty(); ++taken) {
            if (taken == 0) {
                EXPECT_EQ(way->legs[0].leg.header.dispatch_id, urgent);
            }
            way->answer(leg_fate::accepted);
        }
    EXPECT_EQ(taken, 401u);
    EXPECT_FALSE(lane("thuannam").more);
}

TEST_F(window_test, what_is_found_at_the_start_goes_out_past_a_dead_neighbour) {
    drop();
    submit_many(5'000, ninh_son, "dead");
    submit_many(3'000, ca_na, "alive");
    window_ = 1000;
    restart();
    const auto way = connect("thuannam");
    EXPECT_EQ(take_once(*way), 3'000u);
    EXPECT_GE(lane("ninhson").waiting, 500u);
    EXPECT_LE(lane("ninhson").waiting, 1000u);
    EXPECT_TRUE(lane("ninhson").more);
    EXPECT_EQ(s_->read_queued({}, 100'000).size(), 5'000u);
}

TEST_F(window_test, what_waits_for_a_dead_neighbour_is_not_read_for_the_others) {
    drop();
    submit_many(5'000, ninh_son, "dead");
    submit_many(300, ca_na, "alive");
    window_ = 1000;
    restart();
    const auto before = rows_read();
    const auto way = connect("thuannam");
    EXPECT_EQ(take_once(*way), 300u);
    EXPECT_LE(rows_read() - before, 300u + 2 * window_) << "its own, and a window of the dead neighbour's";
    const auto then = rows_read();
    submit_many(3'000, ca_na, "more");
    EXPECT_EQ(take_once(*way), 3300u);
    EXPECT_LE(rows_read() - then, 3'000u);
}

TEST_F(window_test, the_first_offer_after_a_start_does_not_wait_for_the_queue_to_be_read) {
    drop();
    submit_many(6'000, ninh_son, "dead");
    submit_many(6'000, ca_na, "alive");
    restart();
    const auto way = connect("thuannam");
    forwarder_->run();
    EXPECT_FALSE(way->legs.empty()) << "in the first turn";
    EXPECT_LE(rows_read(), 5'000u);
}

TEST_F(window_test, an_urgent_one_overtakes_what_waits_on_disk_and_the_oldest_are_not_forgotten) {
    window_ = 100;
    restart();
    submit_many(1000, ca_na, "bulk");
    submit_many(200, ca_na, "more");
    std::vector<uuid> urgent;
    for (int i = 0; i < 70; ++i)
        urgent.push_back(submit("<u>" + std::to_string(i) + "</u>", {ca_na}, priority::express));
    const auto way = connect("thuannam");
    const auto legs = take_all(*way);
    ASSERT_EQ(legs.size(), 1270u);
    std::size_t bulk = 0;
    for (std::size_t i = 0; i < 80; ++i) bulk += legs[i].header.priority == priority::normal;
    EXPECT_EQ(bulk, 10u) << "each eighth";
    EXPECT_EQ(legs[78].header.dispatch_id, urgent.back());
}

TEST_F(window_test, what_a_commit_brings_while_nobody_takes_it_in_is_read_from_disk) {
    run();
    submit_many(21'000, ca_na, "a"); // no turn meanwhile
    const auto way = connect("thuannam");
    EXPECT_EQ(take_once(*way), 21'000u);
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
    std::size_t deliveries = 0;
    const auto legs = take_all(*way);
    EXPECT_EQ(legs.size(), 3u);
    for (const auto& leg : legs) {
        EXPECT_LE(leg.header.deliveries.size(), 500u);
        deliveries += leg.header.deliveries.size();
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
    EXPECT_TRUE(alarmed("no_route", "nowhere"));
    run_after(1h);
    run_after(1min);
    ASSERT_EQ(way->legs.size(), 1u);
    EXPECT_EQ(way->legs[0].leg.header.dispatch_id, last);
    EXPECT_FALSE(alarmed("no_route", "nowhere")) << "the others have expired";
}

} // namespace
} // namespace truc::deliver
