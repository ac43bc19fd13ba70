// One true sentence for each situation a delivery can be in, in both languages, with who must act and when.
#include "why_facts.hpp"

namespace truc::api {
namespace {

using namespace test;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

TEST(why, a_neighbour_that_is_down_is_named_with_the_time_and_the_cause) {
    auto f = facts(delivery_state::queued);
    f.neighbour->connected = false;
    f.neighbour->since = now - minutes(5);
    f.neighbour->last_error = "connection refused";
    f.lane->next_at = now + minutes(1);
    const auto e = english(f);
    EXPECT_EQ(e.text, "The delivery to 000.05.36.H43 waits at vpcp: ninhthuan, the next node on its way, has not been "
                      "reachable since 2026-11-21 16:25:00 (connection refused); it is tried again at 2026-11-21 "
                      "16:31:00.");
    EXPECT_EQ(e.must_act, who::network);
    EXPECT_EQ(e.next_at, now + minutes(1));
    expect_both_languages(f);
}

TEST(why, a_neighbour_that_never_connected_promises_no_time) {
    auto f = facts(delivery_state::queued);
    f.neighbour->connected = false;
    const auto e = english(f);
    EXPECT_THAT(e.text, HasSubstr("has not been reachable; it is tried again as soon as the way is open"));
    EXPECT_EQ(e.next_at, std::nullopt);
    expect_both_languages(f);
}

TEST(why, a_release_is_told_with_its_reason_and_the_next_try) {
    auto f = facts(delivery_state::queued);
    f.delivery.attempts = 3;
    f.delivery.last_attempt = "ninhthuan: directory_behind: section cana 7";
    f.delivery.next_at = now + minutes(2);
    const auto e = english(f);
    EXPECT_THAT(e.text, HasSubstr("ninhthuan could not take it yet: This node's directory is behind "
                                  "(directory_behind: section cana 7); it is tried again at 2026-11-21 16:32:00"));
    EXPECT_EQ(e.must_act, describe(errc::directory_behind).must_act);
    EXPECT_EQ(e.next_at, now + minutes(2));
    expect_both_languages(f);
}

TEST(why, a_rejection_calls_for_an_administrator) {
    auto f = facts(delivery_state::queued);
    f.delivery.attempts = 1;
    f.delivery.last_attempt = "ninhthuan: origin_not_home: vpcp";
    f.delivery.next_at = now + minutes(2);
    const auto e = english(f);
    EXPECT_THAT(e.text, HasSubstr("ninhthuan refused it: "));
    EXPECT_THAT(e.text, HasSubstr("origin_not_home: vpcp"));
    EXPECT_EQ(e.must_act, who::administrator);
    expect_both_languages(f);
}

TEST(why, what_the_lane_met_counts_for_those_who_wait_in_it) {
    auto f = facts(delivery_state::queued);
    f.lane->failures = 2;
    f.lane->last_failure = "the neighbour said nothing";
    f.lane->next_at = now + minutes(1);
    const auto e = english(f);
    EXPECT_THAT(e.text, HasSubstr("could not take it yet: the neighbour said nothing"));
    EXPECT_EQ(e.must_act, who::network);
}

TEST(why, a_neighbour_that_takes_nothing_is_left_in_peace_until_one_leg_probes) {
    auto f = facts(delivery_state::queued);
    f.lane->state = deliver::circuit::backing_off;
    f.lane->failures = 3;
    f.lane->last_failure = "no_space: full";
    f.lane->next_at = now + minutes(1);
    const auto e = english(f);
    EXPECT_THAT(e.text,
                HasSubstr("ninhthuan can take nothing for now, as it said 3 times in a row: No space left on the "
                          "node (no_space: full); it is left in peace, and it is tried again at 2026-11-21 "
                          "16:31:00 with one delivery first."));
    EXPECT_EQ(e.next_at, now + minutes(1));
    EXPECT_EQ(e.must_act, describe(errc::no_space).must_act);
    expect_both_languages(f);
    f.lane->state = deliver::circuit::probing;
    EXPECT_THAT(english(f).text, HasSubstr("one delivery is being tried now"));
    expect_both_languages(f);
}

TEST(why, a_moment_that_is_over_is_not_promised) {
    auto f = facts(delivery_state::queued);
    f.delivery.attempts = 3;
    f.delivery.last_attempt = "ninhthuan: no_space";
    f.delivery.next_at = now - minutes(1);
    EXPECT_THAT(english(f).text, HasSubstr("(no_space); it is tried again soon"));
    EXPECT_EQ(english(f).next_at, std::nullopt);
    expect_both_languages(f);
}

TEST(why, what_another_neighbour_said_before_the_directory_changed_counts_no_more) {
    auto f = facts(delivery_state::queued);
    f.delivery.attempts = 3;
    f.delivery.last_attempt = "thuannam: no_space";
    EXPECT_THAT(english(f).text, HasSubstr("stands in the lane to ninhthuan"));
}

TEST(why, without_a_way_the_administrator_must_act) {
    auto f = facts(delivery_state::queued);
    f.next_hop.clear();
    f.neighbour.reset();
    EXPECT_THAT(english(f).text, HasSubstr("no way leads from here to cana"));
    EXPECT_EQ(english(f).must_act, who::administrator);
    expect_both_languages(f);
    f.home.clear();
    EXPECT_THAT(english(f).text, HasSubstr("the directory here does not say which node is its recipient's"));
    expect_both_languages(f);
    f = facts(delivery_state::queued);
    f.neighbour.reset();
    EXPECT_THAT(english(f).text, HasSubstr("ninhthuan, the next node on its way, is not configured as a neighbour"));
    expect_both_languages(f);
}

TEST(why, a_circle_waits_for_the_directories) {
    auto f = facts(delivery_state::queued);
    f.delivery.hops = {"ninhthuan"};
    f.delivery.next_at = now + std::chrono::seconds(10);
    const auto e = english(f);
    EXPECT_THAT(e.text, HasSubstr("ninhthuan, the next node on its way, has had it already"));
    EXPECT_EQ(e.next_at, f.delivery.next_at);
    expect_both_languages(f);
}

TEST(why, a_neighbour_without_a_needed_ability_has_to_be_upgraded) {
    auto f = facts(delivery_state::queued);
    f.alarms.push_back({"ability_missing", "ninhthuan", "custody-1", now, now, 1});
    EXPECT_THAT(english(f).text, HasSubstr("has to be upgraded"));
    EXPECT_EQ(english(f).must_act, who::administrator);
    expect_both_languages(f);
}

TEST(why, those_ahead_in_the_lane_are_counted) {
    auto f = facts(delivery_state::queued);
    f.lane->waiting = 41;
    EXPECT_THAT(english(f).text, HasSubstr("stands in the lane to ninhthuan with 40 others"));
    f.lane->more = true;
    EXPECT_THAT(english(f).text, HasSubstr("with more than 40 others"));
    expect_both_languages(f);
    f = facts(delivery_state::queued);
    f.lane->waiting = 1;
    f.lane->under_way = 1;
    EXPECT_THAT(english(f).text, HasSubstr("is being offered to ninhthuan"));
    expect_both_languages(f);
}

TEST(why, at_home_it_is_being_checked) {
    auto f = facts(delivery_state::queued);
    f.home = f.next_hop = "vpcp";
    f.neighbour.reset();
    EXPECT_THAT(english(f).text, HasSubstr("the recipient's node, which checks it"));
    expect_both_languages(f);
}

TEST(why, passed_on_it_is_where_the_evidence_says) {
    auto f = facts(delivery_state::relayed);
    f.delivery.passed_to = "ninhthuan";
    EXPECT_THAT(english(f).text, HasSubstr("was passed on to ninhthuan, and no evidence"));
    EXPECT_EQ(english(f).must_act, who::network);
    expect_both_languages(f);
    f.evidence = whereabouts{"thuannam", now - minutes(3), false};
    EXPECT_THAT(english(f).text, HasSubstr("is with thuannam since 2026-11-21 16:27:00"));
    expect_both_languages(f);
    f.evidence = whereabouts{"cana", now - minutes(2), true};
    EXPECT_THAT(english(f).text, HasSubstr("in the recipient's inbox at cana since 2026-11-21 16:28:00"));
    EXPECT_EQ(english(f).must_act, who::recipient);
    expect_both_languages(f);
}

TEST(why, passed_on_and_cut_off_or_overdue_is_said_so) {
    auto f = facts(delivery_state::relayed);
    f.delivery.passed_to = "ninhthuan";
    f.neighbour->connected = false;
    f.neighbour->since = now - minutes(5);
    EXPECT_THAT(english(f).text, HasSubstr("and ninhthuan has not been reachable since 2026-11-21 16:25:00"));
    expect_both_languages(f);
    f.delivery.deadline = now - minutes(1);
    EXPECT_THAT(english(f).text, HasSubstr("it was due at 2026-11-21 16:29:00"));
    EXPECT_EQ(english(f).must_act, who::administrator);
    expect_both_languages(f);
}

TEST(why, in_the_inbox_the_recipient_must_act) {
    auto f = facts(delivery_state::consigned);
    f.delivery.consigned_at = now - minutes(9);
    EXPECT_EQ(english(f).text, "The delivery to 000.05.36.H43 is in its inbox here since 2026-11-21 16:21:00; the "
                               "recipient's system has not taken it yet.");
    EXPECT_EQ(english(f).must_act, who::recipient);
    expect_both_languages(f);
    f.delivery.deadline = now - minutes(1);
    EXPECT_THAT(english(f).text, HasSubstr("was due at 2026-11-21 16:29:00"));
    expect_both_languages(f);
}

TEST(why, a_system_that_fails_to_take_it_is_quoted) {
    auto f = facts(delivery_state::consigned);
    f.delivery.attempts = 3;
    f.delivery.last_attempt = "axis:cana: disk full";
    for (const auto deadline : {f.delivery.deadline, now - minutes(1)}) {
        f.delivery.deadline = deadline;
        EXPECT_THAT(english(f).text, HasSubstr("; attempts that failed: 3, the last one: axis:cana: disk full."));
        expect_both_languages(f);
    }
}

TEST(why, what_the_recipient_s_system_said_last_is_told) {
    struct {
        store::reported said;
        std::string english, vietnamese;
    } const cases[] = {
        {store::reported::initial, "it said that it has not begun yet", "báo chưa xử lý"},
        {store::reported::processing, "it said that it is at work on it", "báo đang xử lý"},
        {store::reported::failed, "it said that it failed", "báo lỗi"},
    };
    for (const auto& c : cases) {
        auto f = facts(delivery_state::consigned);
        f.said = last_word{c.said, now - minutes(7)};
        for (const auto deadline : {f.delivery.deadline, now - minutes(1)}) {
            f.delivery.deadline = deadline;
            EXPECT_THAT(english(f).text, HasSubstr("; at 2026-11-21 16:23:00 " + c.english + "."));
            EXPECT_THAT(explain_delivery(f, language::vietnamese).text,
                        HasSubstr("lúc 2026-11-21 16:23:00 hệ thống đó "));
            EXPECT_THAT(explain_delivery(f, language::vietnamese).text, HasSubstr(c.vietnamese + "."));
            expect_both_languages(f);
        }
    }
}

TEST(why, a_copy_that_waits_names_what_it_waits_for) {
    auto f = facts(delivery_state::consigned);
    f.delivery.copy_of = uuid::parse("0192f0c4-7a1e-7b3c-8d4e-5f6071829304");
    for (const auto deadline : {f.delivery.deadline, now - minutes(1)}) {
        f.delivery.deadline = deadline;
        const auto e = english(f);
        EXPECT_THAT(e.text, HasSubstr("waits at vpcp behind delivery 0192f0c4-7a1e-7b3c-8d4e-5f6071829304,"));
        EXPECT_EQ(e.must_act, who::recipient);
        EXPECT_THAT(explain_delivery(f, language::vietnamese).text,
                    HasSubstr("sau lượt giao 0192f0c4-7a1e-7b3c-8d4e-5f6071829304:"));
        expect_both_languages(f);
    }
}

TEST(why, a_second_copy_names_the_first_and_nobody_has_to_act) {
    auto f = facts(delivery_state::undeliverable);
    f.delivery.ended_at = now;
    f.delivery.reason = "second_copy: 0192f0c4-7a1e-7b3c-8d4e-5f6071829304";
    const auto e = english(f);
    EXPECT_EQ(e.text, "The delivery to 000.05.36.H43 has ended: the same document had come to the recipient by another "
                      "way, as delivery 0192f0c4-7a1e-7b3c-8d4e-5f6071829304; this second copy was kept as evidence at "
                      "2026-11-21 16:30:00 and is not delivered.");
    EXPECT_EQ(e.must_act, std::nullopt);
    EXPECT_THAT(explain_delivery(f, language::vietnamese).text,
                HasSubstr("lượt giao 0192f0c4-7a1e-7b3c-8d4e-5f6071829304;"));
    expect_both_languages(f);
}

TEST(why, each_end_is_told_with_its_time_and_reason) {
    struct {
        delivery_state state;
        std::string reason, said;
        std::optional<who> act;
    } const cases[] = {
        {delivery_state::handed_over, "", "took it at 2026-11-21 16:29:00.", std::nullopt},
        {delivery_state::rejected, "disk full", "refused it at 2026-11-21 16:29:00: disk full.", who::sender},
        {delivery_state::recalled, "", "its sender recalled it at", std::nullopt},
        {delivery_state::expired, "", "expired at 2026-11-21 16:29:00.", who::sender},
        {delivery_state::undeliverable, "recipient_closed", "Recipient closed (recipient_closed).",
         describe(errc::recipient_closed).must_act},
    };
    for (const auto& c : cases) {
        auto f = facts(c.state);
        f.delivery.ended_at = now - minutes(1);
        f.delivery.reason = c.reason;
        EXPECT_THAT(english(f).text, HasSubstr(c.said));
        EXPECT_EQ(english(f).must_act, c.act);
        EXPECT_EQ(english(f).next_at, std::nullopt);
        expect_both_languages(f);
    }
}

TEST(why, several_ends_are_counted) {
    const auto of = [](delivery_state s) {
        store::delivery_row d;
        d.state = s;
        return d;
    };
    using enum delivery_state;
    EXPECT_EQ(explain_ends({of(handed_over), of(rejected), of(handed_over)}, language::english),
              "All 3 deliveries have ended: 2 handed over, 1 rejected.");
    EXPECT_EQ(explain_ends({of(expired), of(undeliverable)}, language::vietnamese),
              "Cả 2 lượt giao đã kết thúc: 1 quá hạn, 1 không giao được.");
}

TEST(why, a_node_that_holds_nothing_says_so) {
    EXPECT_EQ(explain_ends({}, language::english), "This node holds no delivery of it.");
    EXPECT_EQ(explain_ends({}, language::vietnamese), "Nút này không giữ lượt giao nào của nó.");
}

} // namespace
} // namespace truc::api
