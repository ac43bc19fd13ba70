// Updates of the list of recipients, and replacements.
#include "business_case.hpp"

namespace truc {
namespace {

using namespace test::business;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using enum delivery_state;

wish removing(std::string id, std::vector<std::string> whom) {
    auto w = updates(std::move(id));
    w.removes = std::move(whom);
    return w;
}
wish adding(std::string id, std::vector<std::string> whom) {
    auto w = updates(std::move(id));
    w.adds = std::move(whom);
    return w;
}

class update : public business_case {
  protected:
    store::dispatch_row at_origin(const sent& s) { return *origin_->find_dispatch(s.accepted.id); }
};

TEST_F(update, takes_the_document_from_whom_it_removes_and_from_nobody_else) {
    const auto document = come_home(send("X", {}, {recipient, other_one}));
    const auto change = come_home(send("X", removing("X", {recipient}), {recipient, other_one}));
    EXPECT_EQ(home_state(document, 0), recalled);
    EXPECT_EQ(home_state(change, 0), recalled) << "who never got the document has nothing to learn";
    EXPECT_EQ(home_state(document, 1), consigned);
    EXPECT_EQ(home_state(change, 1), consigned);
    EXPECT_THAT(inbox(), IsEmpty());
    EXPECT_THAT(inbox(other_one), SizeIs(2));
    EXPECT_TRUE(net_.balance());
}

TEST_F(update, that_comes_too_late_to_remove_somebody_is_shown_to_it) {
    const auto document = come_home(send("X"));
    ASSERT_TRUE(home_.conclude(document.delivery()));
    const auto change = come_home(send("X", removing("X", {recipient})));
    EXPECT_THAT(inbox(), ElementsAre(change.delivery()));
    EXPECT_TRUE(event_of(change, event_name::recall_too_late));
}

TEST_F(update, that_overtakes_the_document_keeps_it_from_whom_it_removes) {
    const auto document = send("X");
    const auto change = come_home(send("X", removing("X", {recipient})));
    come_home(document);
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_EQ(home_state(change), recalled);
}

TEST_F(update, by_somebody_else_is_not_shown) {
    come_home(send("X"));
    const auto change = come_home(send("Y", updates("X", somebody_else), {recipient}, "laocai"));
    EXPECT_EQ(home_state(change), undeliverable);
    EXPECT_EQ(home_reason(change), "update_not_yours");
    const auto instead = come_home(send("Y", replaces("X", somebody_else), {recipient}, "laocai"));
    EXPECT_EQ(home_reason(instead), "replace_not_yours");
}

TEST_F(update, sends_the_first_version_to_whom_it_adds) {
    const auto document = send("X");
    const auto change = send("X", adding("X", {other_one}), {recipient, other_one});
    const auto row = at_origin(document);
    ASSERT_THAT(row.deliveries, SizeIs(2));
    EXPECT_EQ(row.deliveries[1].recipient, other_one);
    EXPECT_EQ(row.deliveries[1].state, queued);
    std::vector<ledger::event> accepted;
    for (const auto& r : origin_->trace(document.accepted.id))
        if (auto e = ledger::parse_event(r.event_xml); e && e->name == event_name::submission_acceptance)
            accepted.push_back(*e);
    ASSERT_THAT(accepted, SizeIs(2));
    EXPECT_THAT(accepted[1].to, ElementsAre(other_one));
    EXPECT_THAT(accepted[1].answers, Contains(accepted[0].id()));
    EXPECT_THAT(accepted[1].answers, SizeIs(2)) << "the update's acceptance as well";
    EXPECT_TRUE(net_.balance());
    send("X", adding("X", {other_one}), {other_one});
    EXPECT_THAT(at_origin(document).deliveries, SizeIs(2)) << "once";
}

TEST_F(update, vouches_for_whom_it_adds_by_the_event_that_accepts_the_document_for_them) {
    const auto document = send("X");
    send("X", adding("X", {other_one}), {recipient, other_one});
    const auto added = at_origin(document).deliveries.at(1);
    const auto leg = origin_->load_leg({added.seq});
    ASSERT_TRUE(leg);
    const auto vouched = ledger::verify_receipt(leg->receipt, origin_.authorities());
    ASSERT_TRUE(vouched);
    EXPECT_THAT(vouched->event.to, ElementsAre(other_one));
    ASSERT_TRUE(net_.take("ninhthuan", net_.as_received(*leg, "vpcp", "ninhthuan")));
    const auto onward = home_->load_leg({net_.row("ninhthuan", added.id).seq});
    ASSERT_TRUE(onward);
    EXPECT_EQ(onward->receipt, leg->receipt) << "also where the document came before, for others";
}

TEST_F(update, submitted_again_for_others_sends_them_the_first_version_too) {
    const auto document = send("X");
    const auto bytes = std::string("<update of=\"X\"/>");
    const auto submit_for = [&](const std::string& agency) {
        auto d = origin_.dispatch(bytes, {agency});
        d.sender = government;
        d.document_id = "U";
        d.business = business_type::update;
        d.action =
            action_of(adding("X", agency == other_one ? std::vector{other_one} : std::vector<std::string>()), {});
        d.elsewhere = {agency};
        return origin_.accept(std::move(d));
    };
    ASSERT_TRUE(submit_for(recipient));
    EXPECT_THAT(at_origin(document).deliveries, SizeIs(1));
    for (int i = 0; i < 2; ++i) {
        const auto repeated = submit_for(other_one);
        ASSERT_TRUE(repeated);
        EXPECT_TRUE(repeated->repeated);
        ASSERT_THAT(at_origin(document).deliveries, SizeIs(2));
    }
    EXPECT_EQ(at_origin(document).deliveries[1].recipient, other_one);
    EXPECT_THAT(store::recipients_added_to(*origin_, "X"), SizeIs(1));
    EXPECT_TRUE(net_.balance());
}

TEST_F(update, adds_nobody_to_what_is_not_kept_any_more_and_says_so) {
    const auto document = come_home(send("X"));
    ASSERT_TRUE(home_.conclude(document.delivery()));
    net_.feed("ninhthuan", "vpcp");
    origin_.clock().advance(std::chrono::hours(24));
    const store::purge_order all{origin_.clock().now(), origin_.clock().now(), 100};
    ASSERT_EQ(test::wait_for<store::purge_result>([&](auto done) { origin_->purge(all, std::move(done)); })->contents,
              1u);
    const auto change = send("X", adding("X", {other_one}), {recipient, other_one});
    EXPECT_THAT(change.accepted.warnings, Contains("document_not_seen")) << "its sender has to send it anew";
    EXPECT_THAT(at_origin(document).deliveries, SizeIs(1)) << "accepted means safe";
}

TEST_F(update, sends_the_first_version_to_whom_it_adds_at_home) {
    const auto document = submit_at_home("X", {});
    auto d = dispatch_at("ninhthuan", "X", adding("X", {other_one}), {recipient, other_one});
    ASSERT_TRUE(home_.accept(std::move(d)));
    EXPECT_THAT(inbox(other_one),
                UnorderedElementsAre(home_->find_dispatch(document.id)->deliveries.at(1).id, testing::_));
}

TEST_F(update, adds_nobody_to_what_was_recalled) {
    const auto document = send("X");
    send("X", recalls("X"));
    send("X", adding("X", {other_one}), {other_one});
    EXPECT_THAT(at_origin(document).deliveries, SizeIs(1));
}

TEST_F(update, tells_the_nodes_on_its_way_whom_it_adds) {
    come_home(send("X"));
    come_home(send("X", adding("X", {other_one}), {recipient, other_one}));
    const auto added = store::recipients_added_to(*home_, "X");
    ASSERT_THAT(added, SizeIs(1));
    EXPECT_EQ(added[0].code, other_one);
    EXPECT_EQ(added[0].by, government);
    EXPECT_THAT(store::recipients_added_to(*home_, "Y"), IsEmpty());
}

TEST_F(update, and_what_it_acts_on_are_known_again_after_a_restart) {
    const auto document = send("X");
    const auto take = come_home(send("X", recalls("X")));
    home_.open();
    EXPECT_THAT(home_->find_dispatch(take.accepted.id)->acts_on, ElementsAre("X"));
    EXPECT_EQ(home_->find_dispatch(take.accepted.id)->business, business_type::recall);
    come_home(document);
    EXPECT_EQ(home_state(document), recalled);
}

using replacement = update;

TEST_F(replacement, takes_what_it_replaces_away_and_is_shown) {
    const auto document = come_home(send("X"));
    const auto instead = come_home(send("Y", replaces("X")));
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_THAT(inbox(), ElementsAre(instead.delivery()));
}

TEST_F(replacement, that_comes_too_late_is_shown_and_says_so) {
    const auto document = come_home(send("X"));
    ASSERT_TRUE(home_.conclude(document.delivery()));
    const auto instead = come_home(send("Y", replaces("X")));
    EXPECT_THAT(inbox(), ElementsAre(instead.delivery()));
    EXPECT_TRUE(event_of(instead, event_name::recall_too_late));
}

TEST_F(replacement, that_comes_first_stays_when_the_document_comes_and_ends) {
    const auto document = send("X");
    const auto instead = come_home(send("Y", replaces("X")));
    come_home(document);
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_THAT(inbox(), ElementsAre(instead.delivery()));
}

TEST_F(replacement, can_be_recalled_itself) {
    come_home(send("X"));
    const auto instead = come_home(send("Y", replaces("X")));
    const auto take = come_home(send("Y", recalls("Y")));
    EXPECT_EQ(home_state(instead), recalled);
    EXPECT_EQ(home_state(take), recalled);
}

} // namespace
} // namespace truc
