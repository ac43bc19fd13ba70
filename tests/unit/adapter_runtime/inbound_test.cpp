// From the exchange into the legacy system.

#include "both_sides.hpp"

#include <gmock/gmock.h>

namespace truc::test {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class inbound_test : public testing::Test {
  public:
    inbound_test() { b.report_arrival = false, b.start(); }
    void deliver(int n = 1) {
        while (n-- > 0) b.middle.add_delivery(b.document("N1", both_sides::theirs, both_sides::ours), both_sides::ours);
    }
    void settle() { ASSERT_TRUE(b.settle()); }
    std::string id(std::size_t n) const { return b.middle.inbox[n].delivery_id.str(); }

    both_sides b;
};

} // namespace

TEST_F(inbound_test, a_system_that_is_away_gets_everything_later_and_is_not_pressed) {
    deliver(20);
    b.inbox.down = error(errc::unreachable, "share");
    for (int second = 0; second < 60; ++second) {
        settle();
        b.clock.pass(1s);
    }
    EXPECT_LE(b.inbox.attempts, 80u);
    EXPECT_THAT(b.middle.aside, IsEmpty()) << "nothing is wrong with the documents";
    EXPECT_THAT(b.middle.lent, IsEmpty());
    EXPECT_THAT(b.inbox_side.fault(), HasSubstr("share"));
    b.inbox.down.reset();
    for (int n = 0; n < 3; ++n) {
        b.clock.pass(61s);
        settle();
    }
    EXPECT_EQ(b.inbox.has.size(), 20u);
    EXPECT_EQ(b.middle.handed_over.size(), 20u);
    EXPECT_EQ(b.inbox.twice, 0u);
    EXPECT_THAT(b.inbox_side.fault(), IsEmpty());
}

TEST_F(inbound_test, a_delivery_that_fails_for_the_moment_holds_up_no_other) {
    deliver(3);
    b.inbox.faults.emplace(id(0), error(errc::not_ready, "locked"));
    settle();
    EXPECT_EQ(b.inbox.has.size(), 2u);
    b.inbox.faults.clear();
    b.clock.pass(60s);
    settle();
    EXPECT_EQ(b.inbox.has.size(), 3u);
}

TEST_F(inbound_test, what_cannot_be_taken_is_set_aside_until_somebody_wants_it_tried_again) {
    deliver(2);
    b.inbox.faults.emplace(id(0), error(errc::too_large, "12 MiB"));
    settle();
    EXPECT_THAT(b.middle.aside.at(b.middle.inbox[0].delivery_id), HasSubstr("12 MiB"));
    EXPECT_TRUE(b.middle.handed_over.contains(b.middle.inbox[1].delivery_id));

    const auto attempts = b.inbox.attempts;
    b.restart();
    settle();
    EXPECT_EQ(b.inbox.attempts, attempts) << "it comes again with each connection and is known";
    EXPECT_EQ(b.middle.aside.size(), 1u);

    b.inbox.faults.clear();
    EXPECT_EQ(b.journal->retry(id(0)), 1u);
    b.middle.ask_again();
    settle();
    EXPECT_EQ(b.inbox.has.size(), 2u);
    EXPECT_EQ(b.middle.handed_over.size(), 2u);
}

TEST_F(inbound_test, an_exception_of_a_legacy_systems_code_concerns_its_delivery_alone) {
    class broken final : public legacy_inbox {
      public:
        result<std::string> deliver(const incoming_item& item) override {
            if (given++ == 0) throw std::out_of_range("a fault of ours");
            return item.delivery_id.str();
        }
        int given = 0;
    } inbox;
    deliver(2);
    b.in = std::make_unique<inbound>(workshop{"td", *b.journal, b.middle, *b.desk, b.inbox_side, b.clock, b.metrics},
                                     b.context, inbox, inbound::options{false, {}});
    settle();
    EXPECT_EQ(b.middle.handed_over.size(), 1u);
    b.clock.pass(2s);
    settle();
    EXPECT_EQ(b.middle.handed_over.size(), 2u);
}

TEST_F(inbound_test, what_was_delivered_and_comes_again_is_accepted_without_a_word_to_the_system) {
    deliver();
    settle();
    b.middle.handed_over.clear(); // the node was restored
    const auto attempts = b.inbox.attempts;
    settle();
    EXPECT_EQ(b.inbox.attempts, attempts);
    EXPECT_EQ(b.middle.handed_over.size(), 1u);
}

TEST_F(inbound_test, the_arrival_is_reported_by_the_agency_that_received_it) {
    b.report_arrival = true;
    b.start();
    deliver();
    settle();
    const auto key = "arrived:" + id(0);
    const auto& status = b.middle.accepted.at("td:" + key);
    EXPECT_TRUE(b.middle.on_behalf.at("td:" + key));
    EXPECT_THAT(status, HasSubstr("UBND tỉnh"));
    EXPECT_THAT(status, HasSubstr(both_sides::theirs));
    EXPECT_THAT(status, HasSubstr(">01<"));
    EXPECT_THAT(b.outbox.told, IsEmpty());
}

TEST_F(inbound_test, the_arrival_of_what_cannot_be_read_is_reported_too) {
    b.report_arrival = true;
    b.start();
    b.middle.add_delivery("<edXML>", both_sides::ours);
    settle();
    EXPECT_THAT(b.accepted_with(">01<"), ElementsAre("td:arrived:" + id(0)));
    EXPECT_EQ(b.middle.handed_over.size(), 1u);
}

TEST_F(inbound_test, without_its_status_01_a_delivery_is_not_over) {
    class moody_clock final : public truc::clock {
      public:
        timestamp now() const override {
            if (fails) throw std::bad_alloc();
            return test_pki::now();
        }
        bool fails = true;
    } clock;
    const adapter_context context{"td", b.context.agencies, b.place.path(), clock, b.metrics};
    b.in = std::make_unique<inbound>(workshop{"td", *b.journal, b.middle, *b.desk, b.inbox_side, b.clock, b.metrics},
                                     context, b.inbox, inbound::options{true, {}});
    deliver();
    settle();
    EXPECT_THAT(b.middle.handed_over, IsEmpty());
    clock.fails = false;
    b.clock.pass(2s);
    settle();
    EXPECT_EQ(b.middle.handed_over.size(), 1u);
    EXPECT_EQ(b.inbox.twice, 0u);
    EXPECT_THAT(b.accepted_with(">01<"), ElementsAre("td:arrived:" + id(0)));
}

TEST_F(inbound_test, a_status_that_arrives_is_not_answered_by_another) {
    b.report_arrival = true;
    b.start();
    deliver();
    b.middle.inbox[0].kind = dispatch_kind::status;
    settle();
    EXPECT_EQ(b.inbox.has.size(), 1u);
    EXPECT_THAT(b.middle.accepted, IsEmpty());
}

} // namespace truc::test
