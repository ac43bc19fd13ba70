// A delivery that its origin sends again: its Resend vouches for it, and for nothing else.
#include "exchange.hpp"

#include <truc/store/lanes.hpp>

namespace truc {
namespace {

using test::commune;
using test::department;
using test::district;
using test::offered_leg;
using testing::HasSubstr;

class resend_test : public test::exchange {
  protected:
    /// The only delivery of a leg becomes the first repetition of it.
    offered_leg resent(offered_leg leg) {
        auto& d = leg.header.deliveries.at(0);
        d.id = delivery_id_of(leg.header.dispatch_id, d.recipient, 1);
        leg.receipt = receipt_of(resend_of(leg), "trung-uong");
        return leg;
    }
    ledger::event resend_of(const offered_leg& leg) const {
        auto e = acceptance_of(leg);
        e.name = event_name::resend;
        e.delivery_id = leg.header.deliveries.at(0).id;
        e.channel = "admin:an";
        e.answers = {"trung-uong.1.7"};
        return e;
    }
};

TEST_F(resend_test, is_taken_on_its_way_with_or_without_the_first) {
    const auto leg = leg_to({commune});
    ASSERT_TRUE(take(leg));
    ASSERT_TRUE(take(resent(leg)));
    const auto dispatch = s_->find_dispatch(leg.header.dispatch_id);
    EXPECT_EQ(dispatch->deliveries.size(), 2u);
    ASSERT_TRUE(take(resent(leg_to({commune}))));
}

TEST_F(resend_test, comes_home) {
    const auto leg = resent(leg_to({department}));
    ASSERT_TRUE(take(leg));
    EXPECT_EQ(row_of(leg, department).state, delivery_state::consigned);
    EXPECT_TRUE(take(leg)->repeated);
}

TEST_F(resend_test, is_judged_by_the_day_of_the_first_acceptance) {
    auto leg = leg_to({department});
    const auto accepted = s_.clock().now();
    s_.clock().advance(std::chrono::hours(24));
    leg = resent(leg);
    ASSERT_TRUE(take(leg));
    EXPECT_EQ(s_->find_dispatch(leg.header.dispatch_id)->accepted_at, accepted);
}

TEST_F(resend_test, counts_from_the_day_on_which_it_was_sent_again) {
    auto leg = leg_to({commune});
    const auto accepted = s_.clock().now();
    ASSERT_TRUE(take(leg));
    s_.clock().advance(std::chrono::hours(24 * 60));
    leg = resent(leg);
    auto& d = leg.header.deliveries.at(0);
    d.deadline = s_.clock().now() + std::chrono::hours(72);
    ASSERT_TRUE(take(leg));
    const auto dispatch = s_->find_dispatch(leg.header.dispatch_id);
    EXPECT_EQ(dispatch->accepted_at, accepted);
    std::vector<event_name> trace;
    for (const auto& row : s_->trace(leg.header.dispatch_id)) trace.push_back(ledger::parse_event(row.event_xml)->name);
    EXPECT_THAT(trace, testing::ElementsAre(event_name::submission_acceptance, event_name::relay_acceptance,
                                            event_name::resend, event_name::relay_acceptance));

    const auto row = dispatch->deliveries.at(1).seq;
    const auto due_in = [&](int hours) {
        return store::due_warnings(*s_, s_.clock().now() + std::chrono::hours(hours), 10);
    };
    EXPECT_THAT(due_in(53), testing::Not(testing::Contains(row)));
    EXPECT_THAT(due_in(55), testing::Contains(row));
}

TEST_F(resend_test, its_receipt_vouches_for_no_other_delivery) {
    const auto first = leg_to({commune});
    auto leg = resent(first);
    leg.header.deliveries = first.header.deliveries;
    EXPECT_THAT(refusal(leg), HasSubstr("is about another delivery"));
    leg = resent(first);
    leg.header.deliveries.push_back(
        {delivery_id_of(leg.header.dispatch_id, district), district, first.header.deliveries[0].deadline});
    EXPECT_THAT(refusal(leg), HasSubstr("is about another delivery"));
    leg = resent(first);
    leg.header.deliveries[0].recipient = district;
    EXPECT_EQ(refusal_code(leg), "recipient_not_named");
}

TEST_F(resend_test, the_acceptance_vouches_for_no_repetition) {
    auto leg = leg_to({commune});
    leg.header.deliveries[0].id = delivery_id_of(leg.header.dispatch_id, commune, 1);
    EXPECT_EQ(refusal_code(leg), "envelope_invalid");
}

TEST_F(resend_test, must_say_for_whom) {
    auto leg = resent(leg_to({commune}));
    auto e = resend_of(leg);
    e.to = {commune, district};
    leg.receipt = receipt_of(e, "trung-uong");
    EXPECT_THAT(refusal(leg), HasSubstr("is no acceptance"));
    e = resend_of(leg);
    e.to = {district};
    leg.receipt = receipt_of(e, "trung-uong");
    EXPECT_EQ(refusal_code(leg), "envelope_invalid");
}

} // namespace
} // namespace truc
