// Changes of the directory that clients ask for: kept once, decided once.
#include "small_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using store::proposal;
using store::proposal_kind;
using store::proposal_state;
using test::wait_for;
using testing::ElementsAre;
using testing::IsEmpty;

struct proposals : testing::Test {
    static proposal registration(std::string code, std::string details = "{}", std::string client = "so-tttt") {
        proposal p;
        p.kind = proposal_kind::registration;
        p.client = std::move(client);
        p.code = std::move(code);
        p.details = std::move(details);
        return p;
    }
    result<std::int64_t> propose(proposal p) {
        return wait_for<std::int64_t>([&](auto done) { s->propose(std::move(p), std::move(done)); });
    }
    result<proposal> decide(std::int64_t number, proposal_state decision, std::string by = "root") {
        return wait_for<proposal>([&](auto done) { s->decide(number, decision, std::move(by), std::move(done)); });
    }
    std::vector<std::int64_t> numbers(bool open_only, std::size_t max = 100, std::int64_t after = 0) {
        std::vector<std::int64_t> all;
        for (const auto& p : s->list_proposals(open_only, after, max)) all.push_back(p.number);
        return all;
    }
    test::small_store s;
};

TEST_F(proposals, are_kept_and_found_again) {
    const auto number = propose(registration("000.01.12.H43", R"({"agency": {}})"));
    ASSERT_TRUE(number);
    s.open();
    const auto p = s->find_proposal(*number);
    ASSERT_TRUE(p);
    EXPECT_EQ(p->kind, proposal_kind::registration);
    EXPECT_EQ(p->client, "so-tttt");
    EXPECT_EQ(p->code, "000.01.12.H43");
    EXPECT_EQ(p->details, R"({"agency": {}})");
    EXPECT_EQ(p->proposed_at, s.clock().now());
    EXPECT_EQ(p->state, proposal_state::open);
    EXPECT_EQ(p->decided_at, std::nullopt);
    EXPECT_EQ(s->find_proposal(*number + 1), std::nullopt);
}

TEST_F(proposals, the_same_again_keeps_its_number_while_it_is_open) {
    const auto first = *propose(registration("A"));
    EXPECT_EQ(*propose(registration("A")), first);
    EXPECT_NE(*propose(registration("A", R"({"name": "other"})")), first) << "nobody changes what was read already";
    EXPECT_NE(*propose(registration("A", "{}", "vpcp")), first);
    auto closing = registration("A");
    closing.kind = proposal_kind::closing;
    EXPECT_NE(*propose(std::move(closing)), first);
    ASSERT_TRUE(decide(first, proposal_state::declined));
    EXPECT_NE(*propose(registration("A")), first);
}

TEST_F(proposals, are_decided_once) {
    const auto number = *propose(registration("A"));
    s.clock().advance(std::chrono::minutes(1));
    const auto decided_at = s.clock().now();
    const auto p = decide(number, proposal_state::confirmed, "quản trị");
    ASSERT_TRUE(p);
    EXPECT_EQ(p->state, proposal_state::confirmed);
    EXPECT_EQ(p->code, "A");
    s.clock().advance(std::chrono::minutes(1));
    const auto again = decide(number, proposal_state::confirmed, "somebody else");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->decided_by, "quản trị");
    EXPECT_EQ(again->decided_at, decided_at);
    EXPECT_EQ(decide(number, proposal_state::declined).error().code, errc::already_ended);
    EXPECT_EQ(decide(number, proposal_state::open).error().code, errc::already_ended);
    EXPECT_EQ(decide(number + 1, proposal_state::confirmed).error().code, errc::not_found);
    EXPECT_EQ(s->find_proposal(number)->decided_by, "quản trị");
}

TEST_F(proposals, are_listed_oldest_first) {
    const auto a = *propose(registration("A")), b = *propose(registration("B")), c = *propose(registration("C"));
    EXPECT_THAT(numbers(true), ElementsAre(a, b, c));
    ASSERT_TRUE(decide(a, proposal_state::confirmed) && decide(c, proposal_state::declined));
    EXPECT_THAT(numbers(true), ElementsAre(b));
    EXPECT_THAT(numbers(false), ElementsAre(a, b, c));
    EXPECT_THAT(numbers(false, 2), ElementsAre(a, b));
    EXPECT_THAT(numbers(false, 2, b), ElementsAre(c));
    EXPECT_THAT(numbers(true, 2, b), IsEmpty());
}

TEST_F(proposals, of_one_client_are_bounded) {
    EXPECT_EQ(propose(registration("A", std::string(20'000, 'x'))).error().code, errc::too_large);
    std::vector<std::future<void>> answers;
    for (int i = 0; i < 100; ++i) {
        auto answered = std::make_shared<std::promise<void>>();
        answers.push_back(answered->get_future());
        s->propose(registration(std::to_string(i)), [answered](const result<std::int64_t>& r) {
            EXPECT_TRUE(r);
            answered->set_value();
        });
    }
    for (auto& a : answers) a.wait();
    EXPECT_EQ(propose(registration("A")).error().code, errc::rate_limited);
    EXPECT_TRUE(propose(registration("7"))) << "nothing new";
    EXPECT_TRUE(propose(registration("A", "{}", "vpcp")));
    ASSERT_TRUE(decide(numbers(true, 1).at(0), proposal_state::declined));
    EXPECT_TRUE(propose(registration("A")));
}

} // namespace
} // namespace truc
