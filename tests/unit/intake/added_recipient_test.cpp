// A recipient that the document does not name, and an update of it does (custody rule 8c).
#include "exchange.hpp"

namespace truc {
namespace {

using namespace test;
using testing::StartsWith;

class added_recipient : public exchange {
  protected:
    /// What the government's node passes on of it; its acceptance names just these recipients.
    offered_leg leg_of(edxml_document d, const std::vector<std::string>& recipients) {
        d.from = government;
        d.number = std::to_string(++number_);
        offered_leg leg;
        leg.content = *dsig::sign(build(d), *government_key_.signing_key());
        leg.header.dispatch_id = uuid::make(s_.clock().now());
        leg.header.hops = {"trung-uong"};
        for (const auto& code : recipients)
            leg.header.deliveries.push_back(
                {delivery_id_of(leg.header.dispatch_id, code), code, s_.clock().now() + std::chrono::hours(24)});
        leg.receipt = receipt_of(acceptance_of(leg), "trung-uong");
        return leg;
    }
    static edxml_document first_version() {
        edxml_document d;
        d.to = {district};
        d.document_id = "X";
        return d;
    }
    static edxml_document update_of(std::string id, std::vector<std::string> added) {
        edxml_document d;
        d.to = {district};
        d.document_id = "U";
        d.business = 2;
        d.acts_on = std::move(id);
        d.added = std::move(added);
        return d;
    }
};

TEST_F(added_recipient, waits_for_the_update_that_its_origin_vouches_for) {
    const auto leg = leg_of(first_version(), {commune});
    EXPECT_EQ(refusal(leg), std::string("update_awaited: ") + commune) << "released, and nobody is accused";
    ASSERT_TRUE(take(leg_of(update_of("X", {commune}), {district, commune})));
    EXPECT_TRUE(take(leg));
    EXPECT_EQ(row_of(leg, commune).state, delivery_state::queued);
}

TEST_F(added_recipient, is_added_by_an_update_of_that_very_document) {
    const auto leg = leg_of(first_version(), {commune});
    ASSERT_TRUE(take(leg_of(update_of("Y", {commune}), {commune})));
    EXPECT_THAT(refusal(leg), StartsWith("update_awaited"));
    auto other = update_of("X", {department});
    ASSERT_TRUE(take(leg_of(other, {department})));
    EXPECT_THAT(refusal(leg), StartsWith("update_awaited"));
}

TEST_F(added_recipient, that_nobody_vouches_for_is_a_lie) {
    auto leg = leg_of(first_version(), {commune});
    auto e = acceptance_of(leg);
    e.to = {district};
    leg.receipt = receipt_of(e, "trung-uong");
    EXPECT_THAT(refusal(leg), StartsWith("recipient_not_named"));
}

TEST_F(added_recipient, and_whom_an_update_removes_are_named_in_the_update) {
    auto update = update_of("X", {commune});
    update.removed = {department};
    const auto leg = leg_of(update, {commune, department});
    ASSERT_TRUE(take(leg));
    EXPECT_EQ(row_of(leg, commune).state, delivery_state::queued);
    EXPECT_EQ(row_of(leg, department).state, delivery_state::consigned);
}

TEST_F(added_recipient, of_a_leg_that_is_a_recall_what_it_takes_is_known_where_its_recipient_is_at_home) {
    auto document = first_version();
    document.to = {department};
    const auto first = leg_of(document, {department});
    ASSERT_TRUE(take(first));
    document.business = 1;
    const auto recall = leg_of(document, {department});
    ASSERT_TRUE(take(recall));
    EXPECT_EQ(row_of(first, department).state, delivery_state::recalled);
    EXPECT_EQ(row_of(recall, department).state, delivery_state::recalled);
}

} // namespace
} // namespace truc
