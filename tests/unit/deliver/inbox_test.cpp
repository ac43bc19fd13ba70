#include "small_store.hpp"

#include <truc/deliver/inbox.hpp>

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>
#include <thread>

namespace truc {
namespace {

using deliver::inbox;

class inbox_test : public testing::Test {
  protected:
    inbox::query claim_query(std::size_t max = 10) const {
        inbox::query q;
        q.recipients = {"000.00.12.H43"};
        q.claim = std::chrono::seconds(30);
        q.max = max;
        return q;
    }
    result<store::conclusion_record> answer(const uuid& delivery, inbox::outcome o,
                                            std::string agency = "000.00.12.H43") {
        inbox::answer a;
        a.delivery = delivery;
        a.recipients = {std::move(agency)};
        a.outcome = o;
        a.reason = "vì sao";
        std::promise<result<store::conclusion_record>> done;
        inbox_.acknowledge(std::move(a), [&](result<store::conclusion_record> r) { done.set_value(std::move(r)); });
        return done.get_future().get();
    }

    test::small_store s_;
    inbox inbox_{*s_, s_.clock()};
};

TEST_F(inbox_test, a_claim_hides_items_from_other_claims_and_never_from_reading) {
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(s_.accept("<n>" + std::to_string(i) + "</n>"));
    EXPECT_EQ(inbox_.read(claim_query(2)).size(), 2u);
    EXPECT_EQ(inbox_.read(claim_query(2)).size(), 2u);
    EXPECT_EQ(inbox_.read(claim_query(2)).size(), 1u);
    EXPECT_EQ(inbox_.read(claim_query(2)).size(), 0u);
    auto plain = claim_query();
    plain.claim.reset();
    EXPECT_EQ(inbox_.read(plain).size(), 5u);
}

TEST_F(inbox_test, a_claim_ends_with_time_or_release) {
    ASSERT_TRUE(s_.accept("<a/>"));
    const auto taken = inbox_.read(claim_query());
    ASSERT_EQ(taken.size(), 1u);
    ASSERT_TRUE(answer(taken[0].delivery_id, inbox::outcome::released));
    EXPECT_EQ(inbox_.read(claim_query()).size(), 1u);
    s_.clock().advance(std::chrono::seconds(31));
    EXPECT_EQ(inbox_.read(claim_query()).size(), 1u);
}

/// Receivers side by side, whose pages are older than what the others end meanwhile.
TEST_F(inbox_test, what_has_ended_is_handed_to_nobody_again) {
    constexpr std::size_t count = 300;
    for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(s_.accept("<n>" + std::to_string(i) + "</n>"));
    std::mutex mutex;
    std::map<std::string, int> times;
    const auto receive = [&] {
        auto q = claim_query(1);
        q.claim = inbox::until_given_back;
        for (auto items = inbox_.read(q); !items.empty(); items = inbox_.read(q)) {
            for (const auto& i : items) {
                {
                    const std::scoped_lock lock(mutex);
                    ++times[i.delivery_id.str()];
                }
                answer(i.delivery_id, inbox::outcome::accepted);
            }
        }
    };
    std::vector<std::thread> receivers;
    for (int i = 0; i < 16; ++i) receivers.emplace_back(receive);
    for (auto& r : receivers) r.join();
    EXPECT_EQ(times.size(), count);
    for (const auto& [delivery, n] : times) EXPECT_EQ(n, 1) << delivery;
}

TEST_F(inbox_test, a_claim_of_a_link_lasts_until_it_is_given_back) {
    ASSERT_TRUE(s_.accept("<a/>"));
    auto q = claim_query();
    q.claim = inbox::until_given_back;
    const auto taken = inbox_.read(q);
    ASSERT_EQ(taken.size(), 1u);
    s_.clock().advance(std::chrono::hours(24 * 30));
    EXPECT_TRUE(inbox_.read(q).empty());
    inbox_.give_back(taken[0].delivery_id);
    EXPECT_EQ(inbox_.read(q).size(), 1u);
}

TEST_F(inbox_test, what_is_left_out_stays_for_others) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(s_.accept("<n>" + std::to_string(i) + "</n>"));
    auto plain = claim_query();
    plain.claim.reset();
    auto q = claim_query(2);
    q.leave_out = {inbox_.read(plain).front().delivery_id};
    EXPECT_EQ(inbox_.read(q).size(), 2u);
    const auto others = inbox_.read(claim_query());
    ASSERT_EQ(others.size(), 1u);
    EXPECT_EQ(others[0].delivery_id, q.leave_out[0]);
}

TEST_F(inbox_test, releasing_ends_nothing_and_can_be_repeated) {
    const auto a = s_.accept("<a/>");
    const auto id = a->recipients.at(0).delivery_id;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(answer(id, inbox::outcome::released));
    EXPECT_TRUE(answer(id, inbox::outcome::accepted));
    EXPECT_EQ(answer(id, inbox::outcome::rejected).error().code, errc::already_ended);
}

TEST_F(inbox_test, somebody_elses_delivery_is_not_found) {
    const auto a = s_.accept("<a/>");
    const auto id = a->recipients.at(0).delivery_id;
    for (const auto o : {inbox::outcome::accepted, inbox::outcome::rejected, inbox::outcome::released})
        EXPECT_EQ(answer(id, o, "000.00.03.H43").error().code, errc::not_found);
}

TEST(waiting_room, wakes_those_who_wait_for_the_key_and_nobody_else) {
    deliver::waiting_room room;
    int a = 0, b = 0;
    auto first = room.enter({"inbox:A", "inbox:B"}, [&] { ++a; });
    const auto second = room.enter({"inbox:B"}, [&] { ++b; });
    room.news_for({"inbox:A"});
    room.news_for({"inbox:B"});
    room.news_for({"feed:B"});
    EXPECT_EQ(a, 2);
    EXPECT_EQ(b, 1);
    first.reset();
    room.news_for({"inbox:A", "inbox:B"});
    EXPECT_EQ(a, 2);
    EXPECT_EQ(b, 2);
}

TEST(waiting_room, entering_and_leaving_while_news_arrive_is_safe) {
    deliver::waiting_room room;
    std::atomic<bool> stop{false};
    std::atomic<int> woken{0};
    std::thread bringer([&] {
        while (!stop) room.news_for({"k"});
    });
    for (int i = 0; i < 2000; ++i) const auto place = room.enter({"k"}, [&] { ++woken; });
    const auto last = room.enter({"k"}, [&] { ++woken; });
    const int before = woken;
    while (woken == before) std::this_thread::yield();
    stop = true;
    bringer.join();
}

} // namespace
} // namespace truc
