#include <truc/model/legal_clock.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

using namespace std::chrono_literals;

timestamp at(const std::string& when) { return *from_rfc3339(when + ":00+07:00"); }

/// A document sent on Tuesday, 24 November 2026, at nine.
class legal_clock_test : public testing::Test {
  protected:
    clock_state read(legal_clock c, const std::string& now) const {
        return read_clock(c, life_, rules_, at(now)).state;
    }
    std::string due(legal_clock c) const {
        return to_rfc3339(read_clock(c, life_, rules_, life_.sent_at).due).substr(0, 16);
    }

    clock_rules rules_;
    delivery_life life_{priority::normal, {}, at("2026-11-24T09:00"), {}, {}, {}, {}, {}};
};

TEST_F(legal_clock_test, only_urgent_documents_have_to_be_handed_over_at_once) {
    EXPECT_EQ(read(legal_clock::urgent, "2026-11-30T09:00"), clock_state::idle);
    life_.priority = priority::urgent;
    EXPECT_EQ(due(legal_clock::urgent), "2026-11-24T09:30");
    EXPECT_EQ(read(legal_clock::urgent, "2026-11-24T09:29"), clock_state::runs);
    EXPECT_EQ(read(legal_clock::urgent, "2026-11-24T09:30"), clock_state::late);
    life_.arrived_at = at("2026-11-24T09:01");
    EXPECT_EQ(read(legal_clock::urgent, "2026-11-24T09:30"), clock_state::late) << "nobody has read it yet";
    life_.handed_over_at = at("2026-11-24T09:30");
    EXPECT_EQ(read(legal_clock::urgent, "2026-11-24T09:30"), clock_state::kept);
    life_.handed_over_at = at("2026-11-24T09:31");
    EXPECT_EQ(read(legal_clock::urgent, "2026-11-24T09:31"), clock_state::missed);
    rules_.urgent_time = 60min;
    EXPECT_EQ(read(legal_clock::urgent, "2026-11-24T09:31"), clock_state::kept);
}

TEST_F(legal_clock_test, an_urgent_document_does_not_wait_for_monday) {
    life_ = {priority::express, {}, at("2026-11-21T22:00"), {}, {}, {}, {}, {}};
    EXPECT_EQ(due(legal_clock::urgent), "2026-11-21T22:30");
}

TEST_F(legal_clock_test, a_document_arrives_by_the_next_working_morning) {
    EXPECT_EQ(due(legal_clock::arrived), "2026-11-25T11:30");
    EXPECT_EQ(read(legal_clock::arrived, "2026-11-25T11:29"), clock_state::runs);
    EXPECT_EQ(read(legal_clock::arrived, "2026-11-25T11:30"), clock_state::late);
    life_.arrived_at = at("2026-11-25T11:31");
    EXPECT_EQ(read(legal_clock::arrived, "2026-11-25T12:00"), clock_state::missed);
    life_.arrived_at = at("2026-11-24T09:01");
    EXPECT_EQ(read(legal_clock::arrived, "2026-11-25T12:00"), clock_state::kept);
}

TEST_F(legal_clock_test, the_sender_is_told_of_receipt_on_the_day_of_hand_over) {
    EXPECT_EQ(read(legal_clock::received, "2026-11-30T09:00"), clock_state::idle) << "nobody has it yet";
    life_.handed_over_at = at("2026-11-24T16:30");
    EXPECT_EQ(due(legal_clock::received), "2026-11-25T00:00");
    EXPECT_EQ(read(legal_clock::received, "2026-11-25T00:00"), clock_state::late);
    life_.handed_over_at = at("2026-11-27T17:30"); // Friday evening: Monday is the day on which it is dealt with
    EXPECT_EQ(due(legal_clock::received), "2026-12-01T00:00");
    life_.told_at = at("2026-11-30T08:00");
    EXPECT_EQ(read(legal_clock::received, "2026-12-05T00:00"), clock_state::kept);
}

TEST_F(legal_clock_test, what_was_received_is_accepted_or_refused_by_the_next_working_morning) {
    life_.handed_over_at = at("2026-11-24T10:00");
    EXPECT_EQ(read(legal_clock::accepted, "2026-11-30T09:00"), clock_state::idle) << "the clock before runs";
    life_.told_at = at("2026-11-24T10:05");
    EXPECT_EQ(due(legal_clock::accepted), "2026-11-25T11:30");
    EXPECT_EQ(read(legal_clock::accepted, "2026-11-25T11:30"), clock_state::late);
    life_.decided_at = at("2026-11-25T11:30");
    EXPECT_EQ(read(legal_clock::accepted, "2026-11-26T11:30"), clock_state::kept);
}

TEST_F(legal_clock_test, a_recall_arrives_in_time_but_is_not_answered_by_these_statuses) {
    life_.business = business_type::recall;
    life_.handed_over_at = life_.told_at = at("2026-11-24T10:00");
    EXPECT_EQ(read(legal_clock::received, "2026-11-30T09:00"), clock_state::idle);
    EXPECT_EQ(read(legal_clock::accepted, "2026-11-30T09:00"), clock_state::idle);
    EXPECT_EQ(read(legal_clock::arrived, "2026-11-30T09:00"), clock_state::late);
}

TEST_F(legal_clock_test, an_end_without_hand_over_stops_the_clocks_but_does_not_excuse_what_was_late_before) {
    life_.given_up_at = at("2026-11-24T15:00");
    EXPECT_EQ(read(legal_clock::arrived, "2026-11-30T09:00"), clock_state::kept);
    life_.given_up_at = at("2026-11-26T15:00");
    EXPECT_EQ(read(legal_clock::arrived, "2026-11-30T09:00"), clock_state::missed);
    EXPECT_EQ(read(legal_clock::received, "2026-11-30T09:00"), clock_state::idle);
}

TEST(legal_clock_names, are_all_different) {
    std::set<std::string_view> names;
    for (const auto c : legal_clocks_all) names.insert(to_string(c));
    EXPECT_EQ(names.size(), legal_clocks_all.size());
}

} // namespace
} // namespace truc
