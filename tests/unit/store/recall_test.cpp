// Recalls: document and recall both travel, the recipient's home decides, and proves it.
#include "business_case.hpp"

namespace truc {
namespace {

using namespace test::business;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum delivery_state;

class recall : public business_case {};

TEST_F(recall, before_the_hand_over_takes_the_document_away_and_is_not_shown_itself) {
    const auto document = come_home(send("X"));
    const auto take = come_home(send("X", recalls("X")));
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_EQ(home_state(take), recalled);
    EXPECT_THAT(inbox(), IsEmpty());
    EXPECT_THAT(home_reason(document), HasSubstr(take.accepted.id.str()));
    EXPECT_TRUE(net_.balance());
    EXPECT_TRUE(home_->check_ledger(home_.authorities()));
}

TEST_F(recall, is_proven_to_the_sender_by_an_event_that_answers_the_recall) {
    const auto document = come_home(send("X"));
    const auto take = come_home(send("X", recalls("X")));
    net_.feed("ninhthuan", "vpcp");
    EXPECT_EQ(net_.state("vpcp", document.delivery()), recalled);
    EXPECT_EQ(net_.state("vpcp", take.delivery()), recalled);
    const auto proof = event_of(document, event_name::recall);
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->log.node, "ninhthuan");
    EXPECT_THAT(proof->answers, ElementsAre(event_of(document, event_name::content_consignment)->id(),
                                            event_of(take, event_name::relay_acceptance)->id()));
    EXPECT_FALSE(event_of(take, event_name::content_consignment)) << "never shown";
}

TEST_F(recall, after_it_wins_over_the_acknowledgement_that_comes_later) {
    const auto document = come_home(send("X"));
    come_home(send("X", recalls("X")));
    for (const bool accepted : {true, false}) {
        const auto late = home_.conclude(document.delivery(), accepted);
        ASSERT_FALSE(late);
        EXPECT_EQ(late.error().code, errc::already_ended);
    }
    EXPECT_EQ(home_state(document), recalled);
}

TEST_F(recall, after_the_hand_over_is_shown_and_the_sender_learns_when_that_was) {
    const auto document = come_home(send("X"));
    ASSERT_TRUE(home_.conclude(document.delivery()));
    const auto handed_over = to_rfc3339(*net_.row("ninhthuan", document.delivery()).ended_at);
    home_.clock().advance(std::chrono::minutes(5));
    const auto take = come_home(send("X", recalls("X")));
    EXPECT_EQ(home_state(document), delivery_state::handed_over);
    EXPECT_EQ(home_state(take), consigned);
    EXPECT_THAT(inbox(), ElementsAre(take.delivery()));
    net_.feed("ninhthuan", "vpcp");
    const auto late = event_of(take, event_name::recall_too_late);
    ASSERT_TRUE(late);
    EXPECT_EQ(late->reason, "handed over at " + handed_over);
    EXPECT_THAT(late->answers, ElementsAre(event_of(document, event_name::content_handover)->id()));
    EXPECT_EQ(net_.state("vpcp", take.delivery()), relayed) << "that is no end";
}

TEST_F(recall, of_what_the_recipients_system_has_already_is_too_late_though_nothing_was_acknowledged) {
    const auto document = come_home(send("X"));
    say_processing(document);
    const auto take = come_home(send("X", recalls("X")));
    EXPECT_EQ(home_state(document), consigned);
    EXPECT_THAT(inbox(), ElementsAre(document.delivery(), take.delivery()));
    const auto late = event_of(take, event_name::recall_too_late);
    ASSERT_TRUE(late);
    EXPECT_THAT(late->reason, testing::StartsWith("given out at 2"));
    EXPECT_THAT(late->answers, ElementsAre(event_of(document, event_name::content_consignment)->id()));
    EXPECT_TRUE(home_.conclude(document.delivery()));
    EXPECT_TRUE(net_.balance());
}

TEST_F(recall, of_what_was_on_the_way_to_the_recipients_system_and_is_taken_there_is_told_to_the_sender_once) {
    const auto document = come_home(send("X"));
    const auto take = come_home(send("X", recalls("X")));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(home_.conclude(document.delivery()).error().code, errc::already_ended);
    EXPECT_EQ(times(take, event_name::recall_too_late), 1u);
    net_.feed("ninhthuan", "vpcp");
    std::optional<ledger::event> late;
    for (const auto& row : origin_->trace(take.accepted.id))
        if (auto e = ledger::parse_event(row.event_xml); e && e->name == event_name::recall_too_late) late = *e;
    ASSERT_TRUE(late);
    EXPECT_EQ(late->delivery_id, take.delivery());
    EXPECT_THAT(late->reason, testing::EndsWith(" before it heard of the recall"));
    EXPECT_THAT(late->answers, ElementsAre(event_of(document, event_name::recall)->id()));
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_TRUE(home_->check_ledger(home_.authorities()));
    EXPECT_TRUE(net_.balance());
}

TEST_F(recall, of_what_never_was_in_the_inbox_is_not_doubted_by_an_acknowledgement) {
    const auto document = send("X");
    const auto take = come_home(send("X", recalls("X")));
    come_home(document);
    EXPECT_EQ(home_.conclude(document.delivery()).error().code, errc::already_ended);
    EXPECT_FALSE(event_of(take, event_name::recall_too_late));
}

TEST_F(recall, of_what_was_refused_on_the_way_stays_in_time) {
    const auto document = come_home(send("X"));
    const auto take = come_home(send("X", recalls("X")));
    EXPECT_EQ(home_.conclude(document.delivery(), false).error().code, errc::already_ended);
    EXPECT_FALSE(event_of(take, event_name::recall_too_late));
}

TEST_F(recall, answers_the_hand_over_at_another_home) {
    const auto document = send("X");
    pass_on_at(document, "laocai", store::fate::consign);
    ASSERT_TRUE(net_["laocai"].conclude(document.delivery()));
    net_.feed("laocai", "vpcp");
    const auto take = test::wait_for<store::acceptance>(
        [&](auto done) { origin_->accept(dispatch_at("vpcp", "X", recalls("X"), {recipient}), std::move(done)); });
    ASSERT_TRUE(take);
    std::optional<ledger::event> late, handover;
    for (const auto& row : origin_->trace(take->id))
        if (auto e = ledger::parse_event(row.event_xml); e && e->name == event_name::recall_too_late) late = *e;
    for (const auto& row : origin_->trace(document.accepted.id))
        if (auto e = ledger::parse_event(row.event_xml); e && e->name == event_name::content_handover) handover = *e;
    ASSERT_TRUE(late && handover);
    EXPECT_THAT(late->answers, ElementsAre(handover->id()));
}

TEST_F(recall, of_what_the_recipients_system_refused_has_nothing_to_tell_it) {
    const auto document = come_home(send("X"));
    ASSERT_TRUE(home_.conclude(document.delivery(), false));
    EXPECT_EQ(home_state(come_home(send("X", recalls("X")))), recalled);
    EXPECT_EQ(home_state(document), rejected);
}

TEST_F(recall, that_overtakes_the_document_waits_for_it_and_both_end) {
    const auto document = send("X");
    const auto take = come_home(send("X", recalls("X")));
    EXPECT_THAT(inbox(), ElementsAre(take.delivery())) << "the recipient may have got it by another way";
    come_home(document);
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_EQ(home_state(take), recalled);
    EXPECT_THAT(inbox(), IsEmpty());
    EXPECT_FALSE(event_of(document, event_name::content_consignment)) << "never shown";
}

TEST_F(recall, that_was_taken_before_the_document_came_keeps_it_away_all_the_same) {
    const auto document = send("X");
    const auto take = come_home(send("X", recalls("X")));
    ASSERT_TRUE(home_.conclude(take.delivery()));
    come_home(document);
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_EQ(home_state(take), delivery_state::handed_over);
}

TEST_F(recall, repeated_ends_like_the_first) {
    const auto document = come_home(send("X"));
    come_home(send("X", recalls("X")));
    const auto again = come_home(send("X", recalls("X")));
    EXPECT_EQ(home_state(again), recalled);
    EXPECT_EQ(home_state(document), recalled);
}

TEST_F(recall, leaves_what_is_sent_anew_under_the_same_number) {
    const auto document = come_home(send("X"));
    come_home(send("X", recalls("X")));
    origin_.clock().advance(std::chrono::seconds(1));
    const auto better = come_home(send("X"));
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_THAT(inbox(), ElementsAre(better.delivery()));
}

TEST_F(recall, leaves_what_its_agency_sends_anew_after_it_has_moved) {
    const auto document = come_home(send("X"));
    come_home(send("X", recalls("X")));
    net_["laocai"].clock().advance(std::chrono::hours(1));
    const auto better = come_home(send("X", {}, {recipient}, "laocai"));
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_THAT(inbox(), ElementsAre(better.delivery()));
}

TEST_F(recall, takes_what_was_sent_before_its_agency_moved) {
    const auto document = come_home(send("X"));
    net_["laocai"].clock().advance(std::chrono::hours(1));
    come_home(send("X", recalls("X"), {recipient}, "laocai"));
    EXPECT_EQ(home_state(document), recalled);
}

TEST_F(recall, takes_only_from_whom_it_is_for) {
    const auto document = come_home(send("X", {}, {recipient, other_one}));
    come_home(send("X", recalls("X")));
    EXPECT_EQ(home_state(document, 0), recalled);
    EXPECT_EQ(home_state(document, 1), consigned);
}

TEST_F(recall, by_somebody_else_takes_nothing_and_is_not_shown) {
    const auto document = come_home(send("X"));
    auto stranger = recalls("X");
    stranger.sender = somebody_else;
    const auto take = come_home(send("X", stranger, {recipient}, "laocai"));
    EXPECT_EQ(home_state(document), consigned);
    EXPECT_EQ(home_state(take), undeliverable);
    EXPECT_EQ(home_reason(take), "recall_not_yours");
    EXPECT_THAT(inbox(), ElementsAre(document.delivery()));
}

TEST_F(recall, by_somebody_else_that_comes_first_takes_nothing_either) {
    auto stranger = recalls("X");
    stranger.sender = somebody_else;
    come_home(send("X", stranger, {recipient}, "laocai"));
    const auto document = come_home(send("X"));
    EXPECT_EQ(home_state(document), consigned);
    EXPECT_EQ(home_state(come_home(send("X", recalls("X")))), recalled) << "nor does it keep the sender from it";
    EXPECT_EQ(home_state(document), recalled);
}

TEST_F(recall, is_refused_at_once_where_it_is_known_that_somebody_else_sent_it) {
    send("X");
    auto stranger = recalls("X");
    stranger.sender = somebody_else;
    const auto refused = try_to_send("X", stranger);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::recall_not_yours);
    EXPECT_EQ(try_to_send("X", updates("X", stranger.sender)).error().code, errc::update_not_yours);
    EXPECT_EQ(try_to_send("Y", replaces("X", stranger.sender)).error().code, errc::replace_not_yours);
}

TEST_F(recall, by_an_agency_that_has_moved_here_is_not_refused_for_what_a_stranger_sent_under_its_number) {
    come_home(send("Z"));
    auto stranger = dispatch_at("ninhthuan", "X", {}, {other_one});
    stranger.sender = somebody_else;
    ASSERT_TRUE(home_.accept(std::move(stranger)));
    const auto take = home_.accept(dispatch_at("ninhthuan", "X", recalls("X"), {recipient}));
    ASSERT_TRUE(take) << "its document X may never have passed here";
    EXPECT_THAT(take->warnings, ElementsAre("document_not_seen"));
    EXPECT_THAT(inbox(other_one), testing::SizeIs(1)) << "and takes nothing that is a stranger's";
}

TEST_F(recall, of_what_was_never_seen_is_accepted_with_a_warning) {
    const auto take = try_to_send("X", recalls("X"));
    ASSERT_TRUE(take);
    EXPECT_THAT(take->warnings, ElementsAre("document_not_seen"));
    const auto again = try_to_send("X", recalls("X"));
    ASSERT_TRUE(again);
    EXPECT_THAT(again->warnings, ElementsAre("document_not_seen")) << "a recall is not the document";
}

TEST_F(recall, by_the_successor_of_the_sender_counts) {
    const auto succeeds = [](const std::string& earlier, const std::string& today) {
        return earlier == government && today == somebody_else;
    };
    origin_.stands_for = home_.stands_for = succeeds;
    const auto document = come_home(send("X"));
    auto heir = recalls("X");
    heir.sender = somebody_else;
    const auto take = come_home(send("X", heir));
    EXPECT_EQ(home_state(document), recalled);
    EXPECT_EQ(home_state(take), recalled);
}

TEST_F(recall, takes_a_second_copy_that_waits_behind_the_first_as_well) {
    const auto essence = sha256("the letter");
    wish by_another_exchange;
    by_another_exchange.by_gateway = true;
    const auto tree = send("X"), axis = send("X", by_another_exchange, {recipient}, "laocai");
    const auto first = come_home(tree, essence), second = come_home(axis, essence);
    ASSERT_EQ(net_.row("ninhthuan", second.delivery()).copy_of, first.delivery());
    come_home(send("X", recalls("X")));
    EXPECT_EQ(home_state(first), recalled);
    EXPECT_EQ(home_state(second), recalled);
    EXPECT_THAT(inbox(), IsEmpty());
    EXPECT_TRUE(net_.balance());
}

TEST_F(recall, takes_a_copy_that_another_exchange_brings_later) {
    const auto essence = sha256("the letter");
    const auto first = come_home(send("X"), essence);
    come_home(send("X", recalls("X")));
    net_["laocai"].clock().advance(std::chrono::hours(1));
    wish by_another_exchange;
    by_another_exchange.by_gateway = true;
    const auto second = come_home(send("X", by_another_exchange, {recipient}, "laocai"), essence);
    EXPECT_EQ(home_state(first), recalled);
    EXPECT_EQ(home_state(second), recalled);
}

TEST_F(recall, takes_what_is_held_in_the_inbox_too) {
    const auto document = come_home(send("X"));
    store::administration a;
    a.rows = {net_.row("ninhthuan", document.delivery()).seq};
    a.who = {"lan", "đang kiểm tra"};
    ASSERT_TRUE(test::wait_for<std::size_t>([&](auto done) { home_->hold(a, std::move(done)); }));
    come_home(send("X", recalls("X")));
    EXPECT_EQ(home_state(document), recalled);
}

TEST_F(recall, waits_with_the_document_where_both_are_only_passing) {
    const auto document = send("X"), take = send("X", recalls("X"));
    for (const auto& one : {document, take}) pass_on_at(one, "ninhthuan", store::fate::forward);
    EXPECT_EQ(home_state(document), queued) << "a recall never acts in transit";
    EXPECT_EQ(home_state(take), queued);
}

TEST_F(recall, acts_where_the_document_was_submitted_if_the_recipient_is_at_home_there) {
    const auto at_home = submit_at_home("X", {});
    const auto take = submit_at_home("X", recalls("X"));
    EXPECT_EQ(home_->find_dispatch(at_home.id)->deliveries.at(0).state, recalled);
    EXPECT_EQ(home_->find_dispatch(take.id)->deliveries.at(0).state, recalled);
    EXPECT_THAT(take.warnings, IsEmpty());
    EXPECT_TRUE(net_.balance());
}

} // namespace
} // namespace truc
