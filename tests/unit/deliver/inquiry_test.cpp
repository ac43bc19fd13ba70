// A neighbour that was restored from a copy is asked about everything that was passed on to it.
#include "forwarder_fixture.hpp"

#include <gmock/gmock.h>

namespace truc::deliver {
namespace {

using enum delivery_state;

struct inquiry : forwarder_test {
    std::vector<uuid> pass_on(std::size_t count) {
        std::vector<uuid> ids;
        for (std::size_t i = 0; i < count; ++i)
            ids.push_back(submit("<a>" + std::to_string(i) + "</a>", {i % 2 == 0 ? thuan_nam : ca_na}));
        take_all(*way);
        for (const auto& id : ids) EXPECT_EQ(delivery(id).state, relayed);
        return ids;
    }
    std::vector<uuid> asked_of(hand_link& link) {
        std::vector<uuid> asked;
        for (const auto& leg : take_all(link)) asked.push_back(leg.header.dispatch_id);
        return asked;
    }
    void open_log(const std::string& log) {
        store::known_head h{log, 1, sha256(log), s_.clock().now(), "<head/>"};
        ASSERT_TRUE(
            test::wait_for<std::monostate>([&](auto done) { s_->remember_head("thuannam", h, std::move(done)); }));
    }
    std::shared_ptr<hand_link> way = connect("thuannam");
};

TEST_F(inquiry, asks_about_all_that_has_no_end) {
    const auto ids = pass_on(5);
    auto elsewhere = connect("ninhson");
    submit("<elsewhere/>", {ninh_son});
    take_all(*elsewhere);
    forwarder_->ask_again("thuannam");
    EXPECT_THAT(asked_of(*way), testing::UnorderedElementsAreArray(ids));
    EXPECT_TRUE(asked_of(*elsewhere).empty());
    for (const auto& id : ids) EXPECT_EQ(delivery(id).state, relayed);
    run_after(1min);
    EXPECT_TRUE(way->legs.empty()) << "once";
    EXPECT_TRUE(s_->read_books().balance());
}

TEST_F(inquiry, waits_until_the_neighbour_can_take_more) {
    const auto ids = pass_on(5);
    way->credit = 2;
    forwarder_->ask_again("thuannam");
    run();
    EXPECT_EQ(way->legs.size(), 2u);
    std::vector<uuid> asked;
    for (int turn = 0; turn < 10 && asked.size() < 5; ++turn) {
        while (!way->legs.empty()) asked.push_back(way->answer(leg_fate::accepted).header.dispatch_id);
        run_after(1s);
    }
    EXPECT_THAT(asked, testing::UnorderedElementsAreArray(ids));
}

TEST_F(inquiry, begins_anew_when_answers_were_lost) {
    const auto ids = pass_on(3);
    forwarder_->ask_again("thuannam");
    run();
    ASSERT_EQ(way->legs.size(), 3u);
    way->answer(leg_fate::accepted);
    forwarder_->disconnect("thuannam", way, "cut");
    run_after(1min);
    way = connect("thuannam");
    EXPECT_THAT(asked_of(*way), testing::UnorderedElementsAreArray(ids));
}

/// An update, or a crash, with the next stretch unasked.
TEST_F(inquiry, goes_on_in_the_next_life) {
    const auto ids = pass_on(3);
    open_log("thuannam.1");
    open_log("thuannam.2");
    forwarder_->ask_again("thuannam");
    run();
    EXPECT_EQ(way->legs.size(), 3u);
    way->answer(leg_fate::accepted);
    restart();
    way = connect("thuannam");
    EXPECT_THAT(asked_of(*way), testing::UnorderedElementsAreArray(ids));
    run_after(1min);
    restart();
    way = connect("thuannam");
    EXPECT_TRUE(asked_of(*way).empty()) << "it was answered";
}

TEST_F(inquiry, begins_once_an_hour_unless_a_person_wants_it_sooner) {
    const auto ids = pass_on(3);
    forwarder_->ask_again("thuannam");
    EXPECT_EQ(asked_of(*way).size(), 3u);
    for (int i = 0; i < 10; ++i) forwarder_->ask_again("thuannam");
    EXPECT_TRUE(asked_of(*way).empty());
    run_after(50min);
    EXPECT_TRUE(way->legs.empty());
    run_after(11min);
    EXPECT_EQ(asked_of(*way).size(), 3u);
    forwarder_->ask_again("thuannam");
    EXPECT_TRUE(asked_of(*way).empty());
    forwarder_->retry("thuannam");
    EXPECT_EQ(asked_of(*way).size(), 3u);
}

TEST_F(inquiry, new_documents_go_on_beside_it) {
    pass_on(3);
    forwarder_->ask_again("thuannam");
    const auto fresh = submit("<new/>", {thuan_nam});
    EXPECT_THAT(asked_of(*way), testing::Contains(fresh));
    EXPECT_EQ(delivery(fresh).state, relayed);
}

} // namespace
} // namespace truc::deliver
