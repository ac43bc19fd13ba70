// The same sentences once somebody has stepped in: held, taken back, ended, sent again.
#include "why_facts.hpp"

namespace truc::api {
namespace {

using namespace test;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

store::held_mark held(store::held_kind kind, std::string by, std::string reason) {
    return {kind, std::move(by), std::move(reason), now - minutes(4)};
}

TEST(why, what_a_person_holds_names_him_and_goes_on_when_he_lets_it) {
    auto f = facts(delivery_state::queued);
    f.neighbour->connected = false; // the hold counts, not the way
    f.delivery.held = held(store::held_kind::by_person, "an", "kiểm tra");
    EXPECT_THAT(english(f).text,
                HasSubstr("an has held it since 2026-11-21 16:26:00, because: kiểm tra; it goes on when "
                          "an administrator releases it, and it expires at 2026-11-21 17:30:00."));
    EXPECT_EQ(english(f).must_act, who::administrator);
    expect_both_languages(f);
    f.delivery.deadline = now - minutes(1);
    EXPECT_THAT(english(f).text, HasSubstr("and it was due at 2026-11-21 16:29:00."));
    expect_both_languages(f);
}

TEST(why, what_truc_holds_tells_what_the_neighbour_refused_it_for) {
    auto f = facts(delivery_state::queued);
    f.delivery.held = held(store::held_kind::by_truc, "ninhthuan", "origin_not_home: vpcp");
    EXPECT_THAT(english(f).text, HasSubstr("ninhthuan refused it for good: "));
    EXPECT_THAT(english(f).text, HasSubstr("(origin_not_home: vpcp); Truc has held it since 2026-11-21 16:26:00"));
    EXPECT_EQ(english(f).must_act, describe(errc::origin_not_home).must_act);
    expect_both_languages(f);
    f.delivery.held.reason = "in words of its own";
    EXPECT_THAT(english(f).text, HasSubstr("refused it for good: in words of its own;"));
    EXPECT_EQ(english(f).must_act, who::administrator);
}

TEST(why, an_end_that_somebody_wants_waits_for_the_neighbour_in_doubt) {
    auto f = facts(delivery_state::queued);
    f.delivery.held = held(store::held_kind::to_expire, "an", "nút đã tháo dỡ");
    EXPECT_THAT(english(f).text,
                HasSubstr("an had it expire at 2026-11-21 16:26:00, because: nút đã tháo dỡ; it ends as soon as it is "
                          "certain that ninhthuan has not taken it."));
    expect_both_languages(f);
    f.next_hop.clear();
    EXPECT_THAT(english(f).text, HasSubstr("it ends at once."));
    expect_both_languages(f);
}

TEST(why, a_hold_at_another_node_is_told_with_its_reason) {
    auto f = facts(delivery_state::relayed);
    f.delivery.passed_to = "ninhthuan";
    f.evidence = whereabouts{"thuannam", now - minutes(3), false};
    f.held_elsewhere = hold_there{"thuannam", "signature_differs: x", now - minutes(2)};
    EXPECT_THAT(english(f).text, HasSubstr("is with thuannam, and is held there since 2026-11-21 16:28:00, because: "));
    EXPECT_THAT(english(f).text, HasSubstr("(signature_differs: x)"));
    EXPECT_EQ(english(f).must_act, who::administrator);
    expect_both_languages(f);
}

TEST(why, what_is_held_in_an_inbox_is_seen_after_its_release) {
    auto f = facts(delivery_state::consigned);
    f.delivery.held = held(store::held_kind::by_person, "an", "kiểm tra");
    EXPECT_THAT(english(f).text, HasSubstr("has come to its inbox here, but an has held it since 2026-11-21 16:26:00"));
    EXPECT_EQ(english(f).must_act, who::administrator);
    expect_both_languages(f);
}

TEST(why, what_takes_something_back_too_late_asks_for_an_answer) {
    for (const auto state : {delivery_state::consigned, delivery_state::handed_over}) {
        auto f = facts(state);
        f.takes_back = true;
        f.too_late = now - minutes(30);
        EXPECT_THAT(english(f).text, HasSubstr("handed over before it came (2026-11-21 16:00:00)"));
        EXPECT_THAT(english(f).text, HasSubstr("15 (agreed) or 16 (declined)"));
        EXPECT_EQ(english(f).must_act, who::recipient);
        expect_both_languages(f);
    }
    auto f = facts(delivery_state::consigned);
    f.takes_back = f.is_mark = true;
    EXPECT_THAT(english(f).text, HasSubstr("takes back a document that has not come here"));
    expect_both_languages(f);
}

TEST(why, what_was_taken_back_names_by_what) {
    auto f = facts(delivery_state::recalled);
    f.delivery.ended_at = now - minutes(1);
    f.delivery.reason = "withdrawn: 0192f0c4-7a1e-7b3c-8d4e-5f6071829304";
    EXPECT_THAT(english(f).text, HasSubstr("at 2026-11-21 16:29:00, by 0192f0c4-7a1e-7b3c-8d4e-5f6071829304, before"));
    EXPECT_EQ(english(f).must_act, std::nullopt);
    expect_both_languages(f);
    f.delivery.reason = "took away in time";
    f.takes_back = true;
    EXPECT_THAT(english(f).text, HasSubstr("so that the recipient has seen neither"));
    expect_both_languages(f);
}

TEST(why, who_had_it_expire_is_named) {
    auto f = facts(delivery_state::expired);
    f.delivery.ended_at = now - minutes(1);
    f.delivery.reason = "nút đã tháo dỡ";
    f.expired_by = "an";
    EXPECT_THAT(english(f).text,
                HasSubstr("an, an administrator, had it expire at 2026-11-21 16:29:00: nút đã tháo dỡ."));
    expect_both_languages(f);
}

TEST(why, what_is_worth_knowing_beside_follows_in_sentences_of_its_own) {
    const auto id = *uuid::parse("0192f0c4-7a1e-7b3c-8d4e-5f6071829304");
    auto f = facts(delivery_state::queued);
    f.warned = now - minutes(2);
    f.delivery.resent_from = id;
    EXPECT_THAT(english(f).text,
                HasSubstr(". Its sender was warned at 2026-11-21 16:28:00 that it expires at 2026-11-21 "
                          "17:30:00. It repeats delivery " +
                          id.str() + ", which had ended."));
    expect_both_languages(f);
    f = facts(delivery_state::handed_over);
    f.warned = now - minutes(2); // is over
    f.repeated_by = id;
    f.purged_at = now - minutes(1);
    f.legal_hold = "an: vụ án 12";
    EXPECT_THAT(english(f).text, Not(HasSubstr("warned")));
    EXPECT_THAT(english(f).text,
                HasSubstr(". It was sent again as delivery " + id.str() +
                          ". Its content was removed here "
                          "at 2026-11-21 16:29:00; its events and receipts remain. Its content must not "
                          "be removed here (an: vụ án 12)."));
    expect_both_languages(f);
}

} // namespace
} // namespace truc::api
