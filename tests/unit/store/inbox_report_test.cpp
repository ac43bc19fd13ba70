// What a recipient's system says of deliveries that it has not ended, and what waits for systems that cannot page.
#include "small_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using store::reported;
using test::wait_for;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string department = "000.00.12.H43";
const std::string planning = "000.00.03.H43";

struct inbox_report : testing::Test {
    uuid deliver(const std::string& name, priority p = priority::normal, dispatch_kind kind = dispatch_kind::edoc,
                 const std::string& to = department) {
        auto d = s.dispatch("<" + name + "/>", {to});
        d.document_id = name;
        d.priority = p;
        d.kind = kind;
        return s.accept(std::move(d))->recipients.at(0).delivery_id;
    }
    result<std::monostate> report(const uuid& id, reported said, std::string reason = {},
                                  const std::string& recipient = department) {
        return wait_for<std::monostate>([&](auto done) {
            s->report({id, {recipient}, said, std::move(reason), "axis:so-tttt"}, std::move(done));
        });
    }
    std::string fresh_first(std::size_t max, std::optional<dispatch_kind> kind = {},
                            const std::vector<std::string>& recipients = {department}) {
        std::string names;
        for (const auto& i : s->read_inbox_fresh_first(recipients, kind, max)) names += i.document_id;
        return names;
    }
    store::delivery_row row(const uuid& id) { return s->find_dispatch_of_delivery(id)->deliveries.at(0); }

    test::small_store s;
};

TEST_F(inbox_report, is_kept_and_changes_neither_state_nor_books_nor_ledger) {
    const auto id = deliver("a");
    const auto events = s->ledger_size();
    s.clock().advance(std::chrono::minutes(5));
    ASSERT_TRUE(report(id, reported::processing));
    const auto item = s->read_inbox({department}, {}, {}, 10).at(0);
    EXPECT_EQ(item.state, delivery_state::consigned);
    EXPECT_EQ(item.said, reported::processing);
    EXPECT_EQ(item.said_at, s.clock().now());
    EXPECT_EQ(item.attempts, 0u);
    EXPECT_EQ(s->ledger_size(), events);
    EXPECT_TRUE(s->read_books().balance());
    ASSERT_TRUE(report(id, reported::initial));
    EXPECT_EQ(s->find_inbox_item(id)->said, reported::initial);
}

TEST_F(inbox_report, that_it_failed_counts_an_attempt_and_tells_why) {
    const auto id = deliver("a");
    ASSERT_TRUE(report(id, reported::failed, "đầy ổ đĩa"));
    ASSERT_TRUE(report(id, reported::failed, std::string(600, 'x')));
    const auto item = s->find_inbox_item(id);
    EXPECT_EQ(item->said, reported::failed);
    EXPECT_EQ(item->attempts, 2u);
    EXPECT_EQ(row(id).attempts, 2u);
    EXPECT_EQ(row(id).last_attempt.substr(0, 15), "axis:so-tttt: x");
    EXPECT_EQ(row(id).last_attempt.size(), 500u);
    ASSERT_TRUE(report(id, reported::processing));
    EXPECT_EQ(s->find_inbox_item(id)->attempts, 2u) << "what failed has failed";
}

TEST_F(inbox_report, is_refused_of_what_is_somebody_elses_or_has_ended) {
    const auto id = deliver("a");
    EXPECT_EQ(report(id, reported::failed, "", planning).error().code, errc::not_found);
    EXPECT_EQ(report(uuid::make(s.clock().now()), reported::failed).error().code, errc::not_found);
    ASSERT_TRUE(s.conclude(id));
    EXPECT_EQ(report(id, reported::processing).error().code, errc::already_ended);
    EXPECT_EQ(s->find_inbox_item(id)->said, std::nullopt);
}

TEST_F(inbox_report, is_refused_of_what_is_not_in_the_inbox_yet_or_no_more) {
    auto d = s.dispatch("<a/>");
    d.elsewhere = d.recipients;
    const auto queued = s.accept(std::move(d))->recipients.at(0).delivery_id;
    EXPECT_EQ(report(queued, reported::failed).error().code, errc::not_found);
    test::small_network net;
    const auto passed = net.submit("vpcp", "<a/>").recipients.at(0).delivery_id;
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    const store::inbox_report elsewhere{passed, {department}, reported::failed, "", "axis:so-tttt"};
    const auto r = wait_for<std::monostate>([&](auto done) { net["vpcp"]->report(elsewhere, std::move(done)); });
    EXPECT_EQ(r.error().code, errc::not_found);
}

TEST_F(inbox_report, what_failed_comes_behind_all_that_did_not) {
    const auto a = deliver("a", priority::express), b = deliver("b"), c = deliver("c", priority::urgent);
    deliver("d");
    EXPECT_EQ(fresh_first(10), "acbd");
    ASSERT_TRUE(report(a, reported::failed));
    EXPECT_EQ(fresh_first(10), "cbda");
    EXPECT_EQ(fresh_first(2), "cb");
    ASSERT_TRUE(report(c, reported::failed) && report(b, reported::failed));
    EXPECT_EQ(fresh_first(10), "dacb") << "urgent first among those that failed once";
    ASSERT_TRUE(report(a, reported::failed));
    EXPECT_EQ(fresh_first(3), "dcb") << "what was tried least comes first, so that each gets its turn";
    ASSERT_TRUE(report(b, reported::processing) && s.conclude(c));
    EXPECT_EQ(fresh_first(10), "dba");
}

TEST_F(inbox_report, what_a_clerk_works_on_hides_nothing_new) {
    const auto a = deliver("a", priority::urgent), b = deliver("b", priority::urgent);
    ASSERT_TRUE(report(a, reported::processing) && report(b, reported::initial));
    deliver("c");
    EXPECT_EQ(fresh_first(1), "c");
    EXPECT_EQ(fresh_first(10), "cab");
    ASSERT_TRUE(report(a, reported::failed));
    EXPECT_EQ(fresh_first(10), "cba") << "what failed comes last";
    ASSERT_TRUE(report(a, reported::processing));
    EXPECT_EQ(fresh_first(10), "cba");
}

TEST_F(inbox_report, several_inboxes_are_read_as_one) {
    const auto a = deliver("a");
    deliver("b", priority::urgent, dispatch_kind::edoc, planning);
    const auto c = deliver("c", priority::normal, dispatch_kind::status);
    deliver("d", priority::normal, dispatch_kind::edoc, planning);
    EXPECT_EQ(fresh_first(10, {}, {department, planning}), "bacd");
    EXPECT_EQ(fresh_first(10, dispatch_kind::status, {department, planning}), "c");
    ASSERT_TRUE(report(c, reported::failed) && report(a, reported::failed));
    EXPECT_EQ(fresh_first(10, {}, {department, planning}), "bdac");
    EXPECT_EQ(fresh_first(3, {}, {planning, department}), "bda");
    EXPECT_EQ(fresh_first(10, {}, {}), "");
}

TEST_F(inbox_report, attempts_of_passing_on_end_where_those_of_handing_over_begin) {
    auto d = s.dispatch("<a/>");
    d.elsewhere = d.recipients;
    const auto id = s.accept(std::move(d))->recipients.at(0).delivery_id;
    const auto rows = std::vector{s->read_queued({}, 1).at(0).seq};
    const auto done = [](auto command) { ASSERT_TRUE(wait_for<std::monostate>(command)); };
    done([&](auto told) { s->note_attempt({rows, "thuannam", "not_ready", s.clock().now()}, std::move(told)); });
    EXPECT_EQ(row(id).attempts, 1u);
    done([&](auto told) { s->arrive({rows, store::fate::consign}, std::move(told)); });
    EXPECT_EQ(s->find_inbox_item(id)->attempts, 0u);
    ASSERT_TRUE(report(id, reported::failed));
    done([&](auto told) { s->send_away(department, std::move(told)); });
    EXPECT_EQ(row(id).attempts, 0u);
    EXPECT_EQ(row(id).last_attempt, "");
    done([&](auto told) { s->arrive({rows, store::fate::consign}, std::move(told)); });
    EXPECT_EQ(s->find_inbox_item(id)->said, std::nullopt) << "it is another inbox now";
}

TEST(reported, is_named_as_the_axis_sdk_names_it) {
    EXPECT_EQ(to_string(reported::initial), "initial");
    EXPECT_EQ(to_string(reported::processing), "processing");
    EXPECT_EQ(to_string(reported::failed), "fail");
}

} // namespace
} // namespace truc
