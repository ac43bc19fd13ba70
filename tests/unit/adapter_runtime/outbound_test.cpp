// From the legacy system into the exchange: what goes wrong, and that it holds up nobody else.

#include "both_sides.hpp"
#include "edxml_builder.hpp"

#include <gmock/gmock.h>

namespace truc::test {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using stage = outgoing_report::stage;
using outcome = client::submission_answer::outcome;

class outbound_test : public testing::Test {
  public:
    item_row row(const std::string& key) const {
        for (const auto& r : b.journal->items({direction::outgoing, std::nullopt, 0, 1000}))
            if (r.key == key) return r;
        return {};
    }
    void settle() { ASSERT_TRUE(b.settle()); }

    both_sides b;
};

} // namespace

TEST_F(outbound_test, what_the_exchange_refuses_is_explained_in_vietnamese_and_tried_anew_when_corrected) {
    b.outbox.waiting["1"].content = b.document("N1");
    const error refusal(errc::recipient_unknown, "000.00.99.H43");
    b.middle.answers["td:1"] = {outcome::refused, "recipient_unknown", explain(refusal, language::english)};
    settle();
    ASSERT_THAT(b.outbox.stages_of("1"), ElementsAre(stage::refused));
    EXPECT_EQ(b.outbox.told["1"][0].code, "recipient_unknown");
    EXPECT_EQ(b.outbox.told["1"][0].text, explain(refusal, language::vietnamese));
    EXPECT_EQ(row("1").state, item_state::quarantined);

    b.middle.answers.clear();
    b.outbox.waiting["1"].content = b.document("N2");
    b.clock.pass(2s);
    settle();
    EXPECT_THAT(b.accepted_with("N1</"), IsEmpty());
    EXPECT_THAT(b.accepted_with("N2</"), ElementsAre("td:1"));
    EXPECT_THAT(b.outbox.stages_of("1"), ElementsAre(stage::refused, stage::accepted, stage::handed_over));
}

TEST_F(outbound_test, retry_loads_a_quarantined_item_without_the_list) {
    b.outbox.waiting["1"].content = b.document("N1");
    b.middle.answers["td:1"] = {outcome::refused, "recipient_unknown", "?"};
    settle();
    b.middle.answers.clear();
    EXPECT_EQ(b.journal->retry("2"), 0u);
    EXPECT_EQ(b.journal->retry("1"), 1u);
    b.outbox.waiting["1"].content = b.document("N1"); // what load() reads
    b.outbox.down.reset();
    settle();
    EXPECT_THAT(b.accepted_with("N1</"), ElementsAre("td:1"));
}

TEST_F(outbound_test, what_was_accepted_is_not_sent_again_but_reported_again) {
    b.outbox.waiting["1"].content = b.document("N1");
    settle();
    const auto submitted = b.middle.submissions;
    b.outbox.told.clear();
    b.outbox.waiting["1"].content = b.document("N1 changed"); // restored from a backup
    settle();
    EXPECT_EQ(b.middle.submissions, submitted);
    EXPECT_EQ(b.outbox.waiting.size(), 0u);
    ASSERT_THAT(b.outbox.stages_of("1"), ElementsAre(stage::accepted));
    EXPECT_FALSE(b.outbox.told["1"][0].dispatch_id.empty());
}

TEST_F(outbound_test, an_item_that_cannot_be_read_holds_up_no_other) {
    for (const std::string key : {"1", "2", "3", "4"}) b.outbox.waiting[key].fault = error(errc::not_ready, "locked");
    b.outbox.waiting["5"].content = b.document("N5");
    for (int n = 0; n < 4; ++n) {
        settle();
        b.clock.pass(1s);
    }
    EXPECT_THAT(b.accepted_with("N5</"), ElementsAre("td:5"));
    const auto loads = b.outbox.waiting["1"].loads;
    settle();
    EXPECT_LE(b.outbox.waiting["1"].loads, loads + 1) << "it is tried now and then";

    b.outbox.waiting["1"] = {b.document("N1"), std::nullopt, 0};
    b.clock.pass(60s);
    settle();
    EXPECT_THAT(b.accepted_with("N1</"), ElementsAre("td:1"));
}

TEST_F(outbound_test, however_many_items_that_cannot_be_read_now_hold_up_none_behind_them) {
    for (int n = 0; n < 500; ++n) b.outbox.waiting["a" + std::to_string(n)].fault = error(errc::not_ready, "share");
    b.outbox.waiting["z"].content = b.document("NZ");
    for (int second = 0; second < 200 && b.outbox.waiting.contains("z"); ++second) {
        settle();
        b.clock.pass(1s);
    }
    EXPECT_THAT(b.accepted_with("NZ</"), ElementsAre("td:z"));
}

TEST_F(outbound_test, a_refusal_is_logged_once) {
    b.outbox.waiting["1"].content = b.document("N1");
    const error refusal(errc::recipient_unknown, "000.00.99.H43");
    b.middle.answers["td:1"] = {outcome::refused, "recipient_unknown", explain(refusal, language::english)};
    testing::internal::CaptureStdout();
    for (int n = 0; n < 5; ++n) {
        settle();
        b.outbox.waiting["1"].content = b.document("N1");
        b.clock.pass(61s);
    }
    const auto log = testing::internal::GetCapturedStdout();
    const std::string line = "1 (item 1) is refused: recipient_unknown: " + explain(refusal, language::english);
    EXPECT_THAT(log, HasSubstr(line));
    EXPECT_EQ(log.find(line), log.rfind(line));
}

TEST_F(outbound_test, an_exception_of_a_legacy_systems_code_concerns_its_item_alone) {
    class broken final : public legacy_outbox {
      public:
        explicit broken(fake_outbox& o) : o_(o) {}
        result<std::vector<waiting_item>> list(std::size_t max) override { return o_.list(max); }
        result<std::string> load(const std::string& key) override {
            if (key == "1") throw std::out_of_range("a fault of ours");
            return o_.load(key);
        }
        result<void> report(const outgoing_report& r) override { return o_.report(r); }
        void wait(std::chrono::milliseconds) override {}
        void interrupt() override {}

      private:
        fake_outbox& o_;
    } outbox(b.outbox);
    b.outbox.waiting["1"].content = b.document("N1");
    b.outbox.waiting["2"].content = b.document("N2");
    b.out = std::make_unique<outbound>(workshop{"td", *b.journal, b.middle, *b.desk, b.outbox_side, b.clock, b.metrics},
                                       outbox);
    settle();
    EXPECT_THAT(b.accepted_with("N2</"), ElementsAre("td:2"));
    EXPECT_TRUE(b.outbox.waiting.contains("1"));
}

TEST_F(outbound_test, a_legacy_system_that_is_away_is_asked_ever_more_seldom_and_costs_no_attempts) {
    b.outbox.waiting["1"].content = b.document("N1");
    b.outbox.down = error(errc::unreachable, "database");
    for (int second = 0; second < 120; ++second) {
        settle();
        b.clock.pass(1s);
    }
    EXPECT_GE(b.outbox.asked, 6u);
    EXPECT_LE(b.outbox.asked, 9u) << "1, 2, 4, 8, 16, 32, 60 seconds";
    EXPECT_THAT(b.outbox_side.fault(), HasSubstr("database"));
    b.outbox.down.reset();
    b.clock.pass(60s);
    settle();
    EXPECT_THAT(b.accepted_with("N1</"), ElementsAre("td:1"));
    EXPECT_TRUE(b.outbox_side.is_good());
    EXPECT_EQ(row("1").attempts, 0u);
}

TEST_F(outbound_test, what_the_node_cannot_take_now_goes_later_byte_for_byte_and_others_meanwhile) {
    b.outbox.waiting["1"].content = b.document("N1");
    b.outbox.waiting["2"].content = b.document("N2");
    b.middle.answers["td:1"] = {outcome::later, "no_space", "full"};
    settle();
    EXPECT_THAT(b.accepted_with("N2</"), ElementsAre("td:2"));
    EXPECT_EQ(row("1").attempts, 1u);
    EXPECT_EQ(row("1").code, "no_space");
    const auto before = b.journal->ready(1, 1);
    EXPECT_THAT(before, IsEmpty()) << "it rests";
    b.clock.pass(1s);
    const auto bytes = b.journal->ready(1, 1).at(0).content;
    b.restart();
    b.middle.answers.clear();
    settle();
    EXPECT_EQ(b.middle.accepted.at("td:1"), bytes);
}

TEST_F(outbound_test, an_answer_that_was_lost_is_replaced_by_the_evidence) {
    b.outbox.waiting["1"].content = b.document("N1");
    b.middle.answers["td:1"] = {outcome::unknown, {}, {}};
    settle();
    b.middle.add_fact("td:1", event_name::submission_acceptance);
    settle();
    EXPECT_THAT(b.outbox.stages_of("1"), ElementsAre(stage::accepted));
    b.clock.pass(60s);
    const auto submitted = b.middle.submissions;
    settle();
    EXPECT_EQ(b.middle.submissions, submitted);
    EXPECT_EQ(row("1").state, item_state::done);
}

TEST_F(outbound_test, evidence_about_other_bytes_under_the_name_of_an_item_says_nothing_about_it) {
    b.middle.connected = false;
    b.outbox.waiting["1"].content = b.document("N1");
    settle();
    // Another client of the agency chose the name, or we did, before the legacy system counted from 1 again.
    b.middle.add_fact("td:1", event_name::submission_acceptance);
    b.middle.add_fact("td:1", event_name::content_handover);
    settle();
    EXPECT_THAT(b.outbox.stages_of("1"), IsEmpty());
    EXPECT_EQ(row("1").state, item_state::under_way);
    b.middle.connected = true;
    settle();
    EXPECT_THAT(b.accepted_with("N1</"), ElementsAre("td:1"));
    EXPECT_THAT(b.outbox.stages_of("1"), ElementsAre(stage::accepted, stage::handed_over));
}

TEST_F(outbound_test, the_same_bytes_under_a_second_key_are_told_what_the_first_is_told) {
    b.policy = sign_policy::never;
    b.start();
    b.outbox.waiting["1"].content = b.document("N1");
    settle();
    b.outbox.waiting["2"].content = b.document("N1"); // saved again under another name
    settle();
    EXPECT_EQ(b.middle.accepted.size(), 1u);
    EXPECT_THAT(b.outbox.stages_of("2"), ElementsAre(stage::accepted, stage::handed_over));
    EXPECT_FALSE(b.outbox.told["2"][0].dispatch_id.empty());
    EXPECT_EQ(row("2").reference, row("1").reference);
    b.middle.add_fact("td:1", event_name::expiry, "expired");
    settle();
    EXPECT_THAT(b.outbox.stages_of("2"), ElementsAre(stage::accepted, stage::handed_over, stage::failed));
    EXPECT_THAT(b.outbox.stages_of("1"), ElementsAre(stage::accepted, stage::handed_over, stage::failed));
}

TEST_F(outbound_test, nothing_is_sent_while_the_node_is_away) {
    b.middle.connected = false;
    b.outbox.waiting["1"].content = b.document("N1");
    settle();
    EXPECT_EQ(b.middle.submissions, 0u);
    EXPECT_EQ(row("1").state, item_state::under_way);
    b.middle.connected = true;
    settle();
    EXPECT_THAT(b.accepted_with("N1</"), ElementsAre("td:1"));
}

TEST_F(outbound_test, what_waited_long_for_the_node_is_asked_for_anew_unless_it_was_perhaps_sent) {
    b.middle.answers["td:4"] = {outcome::unknown, {}, {}};
    b.outbox.waiting["4"].content = b.document("N4");
    settle();
    b.middle.connected = false;
    for (const std::string n : {"1", "2", "3"}) b.outbox.waiting[n].content = b.document("N" + n);
    settle();
    const auto perhaps_sent = b.middle.seen.at("td:4");
    b.outbox.waiting.erase("1"); // withdrawn
    b.outbox.waiting["2"].fault = error(errc::secret_document, "Mật");
    b.outbox.waiting["3"].content = b.document("N3bis");
    b.outbox.waiting["4"].content = b.document("N4bis");
    b.clock.pass(61s);
    b.middle.connected = true;
    b.middle.answers.clear();
    settle();
    EXPECT_THAT(b.accepted_with("N1</"), IsEmpty());
    EXPECT_THAT(b.accepted_with("N2</"), IsEmpty());
    EXPECT_THAT(b.outbox.stages_of("2"), ElementsAre(stage::refused));
    EXPECT_THAT(b.accepted_with("N3</"), IsEmpty());
    EXPECT_THAT(b.accepted_with("N3bis</"), ElementsAre("td:3"));
    EXPECT_EQ(b.middle.accepted.at("td:4"), perhaps_sent);
    EXPECT_THAT(b.journal->items({direction::outgoing, item_state::under_way, 0, 10}), IsEmpty());
}

TEST_F(outbound_test, a_delivery_that_failed_is_reported_with_its_reason) {
    b.outbox.waiting["1"].content = b.document("N1");
    settle();
    b.middle.add_fact("td:1", event_name::content_consignment_failure, "recipient_closed");
    b.middle.add_fact("td:1", event_name::content_handover_failure, "hỏng tệp");
    b.middle.add_fact("td:1", event_name::relay_acceptance);
    b.middle.add_fact("td:unknown", event_name::content_handover);
    b.middle.feed.push_back({both_sides::ours, "td:1", std::nullopt, std::to_string(b.middle.feed.size() + 1)});
    settle();
    const auto& told = b.outbox.told["1"];
    ASSERT_EQ(b.outbox.stages_of("1").back(), stage::failed);
    EXPECT_EQ(told.back().recipient, both_sides::theirs);
    EXPECT_EQ(told.back().code, "recipient_closed");
    EXPECT_THAT(told.back().text, HasSubstr("đã ngừng hoạt động"));
    EXPECT_EQ(b.journal->cursor(both_sides::ours), std::to_string(b.middle.feed.size()));
}

TEST_F(outbound_test, a_recipient_that_had_the_document_already_is_no_failure) {
    b.outbox.waiting["1"].content = b.document("N1");
    settle();
    b.outbox.told.clear();
    b.middle.add_fact("td:1", event_name::content_consignment_failure,
                      "second_copy: 01a20000-0000-7000-8000-000000000000");
    settle();
    ASSERT_THAT(b.outbox.stages_of("1"), ElementsAre(stage::handed_over));
    EXPECT_EQ(b.outbox.told["1"][0].recipient, both_sides::theirs);
    EXPECT_EQ(b.outbox.told["1"][0].code, "second_copy");
    EXPECT_THAT(b.outbox.told["1"][0].text, HasSubstr("không ai phải làm gì"));
}

TEST_F(outbound_test, a_refused_item_that_is_listed_on_and_on_is_read_ever_more_seldom) {
    for (int second = 0; second < 600; ++second) {
        // A list that goes on showing it though it was told.
        b.outbox.waiting["1"].content = b.document("N1", both_sides::ours, both_sides::theirs, "(MẬT) V/v tuyển quân");
        settle();
        b.clock.pass(1s);
    }
    EXPECT_GE(b.outbox.waiting["1"].loads + row("1").attempts, 10u);
    EXPECT_LE(row("1").attempts, 20u) << "1, 2, 4, 8, 16, 32, 60, 60 … seconds";
    b.clock.pass(1h);
    settle();
    b.outbox.waiting["1"].content = b.document("N1"); // corrected another day
    b.clock.pass(2s);
    settle();
    EXPECT_THAT(b.accepted_with("N1</"), ElementsAre("td:1"));
}

TEST_F(outbound_test, what_is_to_be_loaded_again_is_not_what_is_to_be_sent) {
    b.outbox.waiting["1"].content = b.document("N1");
    b.middle.answers["td:1"] = {outcome::refused, "recipient_unknown", "?"};
    settle();
    b.outbox.waiting["1"].fault = error(errc::not_ready, "share");
    EXPECT_EQ(b.journal->retry("1"), 1u);
    settle();
    EXPECT_EQ(b.journal->next_ready(), std::nullopt);
}

TEST_F(outbound_test, a_report_that_the_legacy_system_does_not_take_is_kept_and_holds_up_nothing) {
    b.outbox.waiting["1"].content = b.document("N1");
    b.outbox.refuses_reports = error(errc::not_found, "record 1");
    settle();
    EXPECT_EQ(b.middle.accepted.size(), 1u);
    EXPECT_GE(b.journal->counts().reports_set_aside, 1u);
    b.outbox.refuses_reports.reset();
    b.outbox.waiting["2"].content = b.document("N2");
    settle();
    EXPECT_THAT(b.outbox.stages_of("2"), ElementsAre(stage::accepted, stage::handed_over));
    EXPECT_GE(b.journal->retry("1"), 1u);
    settle();
    EXPECT_THAT(b.outbox.stages_of("1"), ElementsAre(stage::accepted, stage::handed_over));
    EXPECT_EQ(b.middle.accepted.size(), 2u);
}

TEST_F(outbound_test, long_lists_pass_in_batches) {
    for (int n = 0; n < 300; ++n) b.outbox.waiting[std::to_string(n)].content = b.document("N" + std::to_string(n));
    settle();
    EXPECT_EQ(b.middle.accepted.size(), 300u);
    EXPECT_TRUE(b.outbox.waiting.empty());
}

TEST_F(outbound_test, a_document_marked_secret_stays_where_it_is) {
    b.outbox.waiting["1"].content = b.document("N1", both_sides::ours, both_sides::theirs, "(MẬT) V/v tuyển quân");
    settle();
    EXPECT_THAT(b.middle.accepted, IsEmpty());
    ASSERT_THAT(b.outbox.stages_of("1"), ElementsAre(stage::refused));
    EXPECT_EQ(b.outbox.told["1"][0].code, "secret_document");
}

TEST_F(outbound_test, names_of_submissions_are_short_enough_for_the_exchange) {
    EXPECT_EQ(submission_name("td", "1"), "td:1");
    EXPECT_EQ(submission_name("td", std::string(252, 'k')).size(), 255u);
    EXPECT_EQ(submission_name("td", std::string(253, 'k')).size(), 64u);
    EXPECT_NE(submission_name("td", std::string(253, 'k')), submission_name("td", std::string(254, 'k')));
}

} // namespace truc::test
