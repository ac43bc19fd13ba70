// Which agency may recall, update or replace whose document, and what that takes from whom.
#include "pipeline_case.hpp"

namespace truc {
namespace {

using test::department;
using test::edxml_document;
using test::province;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr auto planning = "000.00.03.H43";
constexpr auto closed = "000.00.01.H43";
constexpr auto merged = "000.00.02.H43";   ///< closed; its successor is the department
constexpr auto district = "000.00.36.H43"; ///< at home at another node

struct business_rules : test::pipeline_test {
    static edxml_document document(const std::string& from, int business = 0, const std::string& id = "X") {
        edxml_document d;
        d.from = from;
        d.to = {department};
        d.document_id = id;
        d.business = business;
        d.number = std::to_string(++numbers);
        return d;
    }
    /// "accepted", a warning, or the code of the refusal.
    std::string submit(const edxml_document& d) {
        const auto* client = d.from == province ? "ubnd" : d.from == planning ? "so-khdt" : "so-tttt";
        answer = send(build(d), channel(client, entrance::axis));
        if (!answer) return std::string(describe(answer.error().code).name);
        return answer->warnings.empty() ? "accepted" : answer->warnings.back();
    }
    store::business_action action_of(const edxml_document& d) {
        const auto examined = examine(build(d), channel("ubnd", entrance::axis));
        if (!examined) throw std::runtime_error(explain(examined.error(), language::english));
        return examined->dispatch().action;
    }
    static std::vector<std::pair<std::string, std::string>> taken(const store::business_action& a) {
        std::vector<std::pair<std::string, std::string>> pairs;
        for (const auto& w : a.withdraws) pairs.emplace_back(w.document_id, w.recipient);
        return pairs;
    }
    std::vector<std::string> recipients() {
        std::vector<std::string> codes;
        for (const auto& r : answer->recipients) codes.push_back(r.code);
        return codes;
    }
    inline static int numbers = 400;
    result<store::acceptance> answer = fail(errc::internal);
};

TEST_F(business_rules, only_the_sender_of_the_first_version_acts_on_a_document) {
    ASSERT_EQ(submit(document(province)), "accepted");
    const std::pair<int, std::string> own_codes[] = {
        {1, "recall_not_yours"}, {2, "update_not_yours"}, {3, "replace_not_yours"}};
    for (const auto& [business, code] : own_codes) {
        auto d = document(planning, business, business == 3 ? "Y" : "X");
        d.acts_on = "X";
        EXPECT_EQ(submit(d), code);
        d.from = province;
        EXPECT_EQ(submit(d), "accepted") << business;
    }
}

TEST_F(business_rules, what_was_never_seen_is_acted_on_with_a_warning) {
    for (const int business : {1, 2, 3}) {
        auto d = document(province, business, "Z");
        d.acts_on = "never seen";
        EXPECT_EQ(submit(d), "document_not_seen") << business;
    }
}

TEST_F(business_rules, who_recalls_what_nobody_sent_does_not_own_it_by_that) {
    EXPECT_EQ(submit(document(planning, 1)), "document_not_seen");
    EXPECT_EQ(submit(document(planning, 1)), "document_not_seen");
    EXPECT_EQ(submit(document(province)), "accepted");
    EXPECT_EQ(submit(document(planning, 1)), "recall_not_yours");
}

TEST_F(business_rules, a_recall_takes_the_document_from_each_that_it_is_for) {
    auto d = document(province, 1);
    d.to = {department, planning, "h43-12"};
    const auto action = action_of(d);
    EXPECT_THAT(action.acts_on, ElementsAre("X"));
    EXPECT_THAT(taken(action), UnorderedElementsAre(Pair("X", department), Pair("X", planning)));
    EXPECT_THAT(action.adds, IsEmpty());
}

TEST_F(business_rules, an_update_takes_from_whom_it_removes_and_adds_whom_it_adds) {
    auto d = document(province, 2);
    d.to = {department};
    d.removed = {merged};
    d.added = {planning, district};
    EXPECT_THAT(taken(action_of(d)), ElementsAre(Pair("X", department)))
        << "who stands in the place of the removed one";
    EXPECT_THAT(action_of(d).adds, UnorderedElementsAre(planning, district));
    ASSERT_EQ(submit(document(province)), "accepted");
    const auto first = answer->id;
    ASSERT_EQ(submit(d), "redirected_to_successor");
    EXPECT_THAT(recipients(), UnorderedElementsAre(department, planning, district));
    std::vector<std::string> now;
    const auto dispatch = s_->find_dispatch(first);
    for (const auto& v : dispatch->deliveries) now.push_back(v.recipient);
    EXPECT_THAT(now, UnorderedElementsAre(department, planning, district));
}

TEST_F(business_rules, whom_an_update_removes_may_be_closed_by_now) {
    ASSERT_EQ(submit(document(province)), "accepted");
    auto d = document(province, 2);
    d.removed = {closed};
    EXPECT_EQ(submit(d), "accepted");
    EXPECT_THAT(recipients(), ElementsAre(department));
    d = document(province, 2);
    d.added = {closed};
    EXPECT_EQ(submit(d), "recipient_closed");
}

TEST_F(business_rules, a_replacement_takes_each_document_from_those_for_whom_it_is_replaced) {
    auto d = document(province, 3, "Y");
    d.to = {department, planning};
    d.replaces = {{"X", {}}, {"W", {department, district}}};
    EXPECT_THAT(taken(action_of(d)),
                UnorderedElementsAre(Pair("X", department), Pair("X", planning), Pair("W", department)))
        << "of the district nothing: the replacement does not go there";
    d.replaces.clear();
    d.acts_on = "X";
    EXPECT_THAT(taken(action_of(d)), UnorderedElementsAre(Pair("X", department), Pair("X", planning)));
}

TEST_F(business_rules, a_new_document_acts_on_nothing) {
    auto d = document(province);
    d.acts_on = "W";
    d.removed = {department};
    EXPECT_THAT(action_of(d).acts_on, IsEmpty());
    EXPECT_THAT(taken(action_of(d)), IsEmpty());
}

TEST(succession, leads_from_a_closed_agency_to_its_single_successor_and_not_back) {
    const auto agency = [](const std::string& code, const std::string& more = {}) {
        return R"({"agency": {"code": ")" + code + R"(", "name": "A", "node": "n")" + more + "}}\n";
    };
    const auto follows = [](const std::string& who, const std::string& since) {
        return R"(, "valid_to": ")" + since + R"(T00:00:00+07:00", "successors": [")" + who + "\"]";
    };
    const auto d = directory::directory::parse(R"({"node": {"name": "n", "level": "province"}})"
                                               "\n" +
                                                   agency("000.00.01.H43", follows("000.00.02.H43", "2021-01-01")) +
                                                   agency("000.00.02.H43", follows("000.00.03.H43", "2022-01-01")) +
                                                   agency("000.00.03.H43", R"(, "aliases": ["h43-03"])"),
                                               "test");
    ASSERT_TRUE(d) << d.error().what;
    const auto in = [&](const char* day, const char* earlier, const char* today) {
        return intake::stands_for(*d, earlier, today, *from_rfc3339(std::string(day) + "T12:00:00+07:00"));
    };
    EXPECT_TRUE(in("2026-01-01", "000.00.01.H43", "000.00.03.H43"));
    EXPECT_TRUE(in("2026-01-01", "000.00.01.H43", "000.00.02.H43")) << "what it sent before it was closed itself";
    EXPECT_TRUE(in("2026-01-01", "h43-03", "000.00.03.H43"));
    EXPECT_TRUE(in("2026-01-01", "unknown", "unknown"));
    EXPECT_FALSE(in("2026-01-01", "000.00.03.H43", "000.00.01.H43"));
    EXPECT_FALSE(in("2020-01-01", "000.00.01.H43", "000.00.02.H43")) << "not yet";
    EXPECT_FALSE(in("2026-01-01", "unknown", "000.00.01.H43"));
}

} // namespace
} // namespace truc
