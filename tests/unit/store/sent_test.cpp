// What an agency sent, delivery by delivery, and what its system called it.
#include "small_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string government = "000.00.00.G22";
const std::string province = "000.00.00.H43";
const std::string department = "000.00.12.H43";
const std::string planning = "000.00.03.H43";

using filter = store::store::sent_filter;

filter by(std::vector<std::string> senders) {
    filter f;
    f.senders = std::move(senders);
    return f;
}

struct sent : testing::Test {
    store::acceptance submit(const std::string& name, std::vector<std::string> to = {department},
                             const std::string& from = government, dispatch_kind kind = dispatch_kind::edoc) {
        auto d = s.dispatch("<" + name + "/>", std::move(to));
        d.sender = from;
        d.subject = name;
        d.kind = kind;
        return *s.accept(std::move(d));
    }
    std::string names(const filter& f) {
        std::string all;
        for (const auto& r : s->list_sent(f)) all += r.subject + r.to.substr(7, 2) + " ";
        return all;
    }
    test::small_store s;
};

TEST_F(sent, is_listed_newest_first_and_page_by_page) {
    submit("a", {department, planning});
    submit("x", {department}, province);
    submit("b");
    submit("c", {planning});
    auto f = by({government});
    EXPECT_EQ(names(f), "c03 b12 a03 a12 ");
    f.max = 2;
    EXPECT_EQ(names(f), "c03 b12 ");
    f.skip = 1;
    EXPECT_EQ(names(f), "b12 a03 ") << "pages count deliveries, not documents";
    f.skip = 4;
    EXPECT_EQ(names(f), "");
    f = by({province, government});
    f.skip = 1;
    f.max = 3;
    EXPECT_EQ(names(f), "b12 x12 a03 ");
    EXPECT_EQ(names(by({department})), "");
    EXPECT_EQ(names(by({})), "");
}

TEST_F(sent, by_some_agencies_is_found_behind_much_that_others_sent) {
    submit("a");
    submit("b", {department, planning}, province);
    std::vector<std::future<void>> accepted;
    for (int i = 0; i < 1300; ++i) {
        auto told = std::make_shared<std::promise<void>>();
        accepted.push_back(told->get_future());
        auto d = s.dispatch(fmt::format("<n>{}</n>", i));
        d.sender = "000.00.00.H44";
        s->accept(std::move(d), [told](const result<store::acceptance>&) { told->set_value(); });
    }
    for (auto& a : accepted) a.wait();
    submit("c");
    auto f = by({government, province});
    EXPECT_EQ(names(f), "c12 b03 b12 a12 ");
    f.max = 1;
    EXPECT_EQ(names(f), "c12 ");
    f.skip = 1;
    EXPECT_EQ(names(f), "b03 ");
    f.skip = 3;
    EXPECT_EQ(names(f), "a12 ");
}

TEST_F(sent, is_listed_by_kind_and_time) {
    submit("a");
    s.clock().advance(std::chrono::hours(1));
    const auto since = s.clock().now();
    submit("b");
    submit("s", {planning}, government, dispatch_kind::status);
    s.clock().advance(std::chrono::hours(1));
    const auto until = s.clock().now();
    submit("c");
    auto f = by({government});
    f.since = since;
    f.until = until;
    EXPECT_EQ(names(f), "s03 b12 ");
    f.kind = dispatch_kind::edoc;
    EXPECT_EQ(names(f), "b12 ");
    f = by({government});
    f.kind = dispatch_kind::status;
    EXPECT_EQ(names(f), "s03 ");
    f = by({government});
    f.until = since;
    EXPECT_EQ(names(f), "a12 ") << "what was accepted then is not before it";
    f = by({government});
    f.since = until + std::chrono::hours(1);
    EXPECT_EQ(names(f), "");
}

TEST_F(sent, tells_what_became_of_each_delivery) {
    const auto a = submit("a");
    s.clock().advance(std::chrono::hours(1));
    const auto id = a.recipients.at(0).delivery_id;
    ASSERT_TRUE(s.conclude(id, false));
    const auto row = s->list_sent(by({government})).at(0);
    EXPECT_EQ(row.id, a.id);
    EXPECT_EQ(row.delivery_id, id);
    EXPECT_EQ(row.from, government);
    EXPECT_EQ(row.code, "315/VPCP-TTĐT");
    EXPECT_EQ(row.state, delivery_state::rejected);
    EXPECT_EQ(row.reason, "hệ thống không nhận");
    EXPECT_EQ(row.consigned_at, row.accepted_at);
    EXPECT_EQ(row.ended_at, s.clock().now());
}

TEST(sent_elsewhere, is_not_what_this_node_only_passed_on) {
    test::small_network net;
    net.submit("vpcp", "<a/>");
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    EXPECT_EQ(net["vpcp"]->list_sent(by({government})).size(), 1u);
    EXPECT_THAT(net["ninhthuan"]->list_sent(by({government})), IsEmpty());
}

TEST(sent_elsewhere, is_known_by_evidence_to_have_arrived) {
    test::small_network net;
    net.submit("vpcp", "<a/>");
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    EXPECT_FALSE(net["vpcp"]->list_sent(by({government})).at(0).consigned_at) << "nothing proves it yet";
    net.feed("ninhthuan", "vpcp");
    const auto row = net["vpcp"]->list_sent(by({government})).at(0);
    EXPECT_EQ(row.state, delivery_state::relayed);
    EXPECT_EQ(row.consigned_at, net.row("ninhthuan", row.delivery_id).consigned_at);
}

TEST(submission, comes_back_with_all_evidence_about_it_to_its_sender_alone) {
    test::small_network net;
    auto d = net["vpcp"].dispatch("<a/>");
    d.elsewhere = d.recipients;
    d.submission = "message 7";
    const auto a = net["vpcp"].accept(std::move(d));
    ASSERT_TRUE(a);
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_TRUE(net["ninhthuan"].conclude(a->recipients.at(0).delivery_id));
    net.feed("ninhthuan", "vpcp");
    std::vector<std::string> told;
    for (const auto& e : net["vpcp"]->read_feed({government}, 0, 100)) told.push_back(e.submission);
    EXPECT_THAT(told, ElementsAre("message 7", "message 7", "message 7", "message 7"));
    for (const auto& e : net["ninhthuan"]->read_feed({store::feed_of_node("vpcp")}, 0, 100))
        EXPECT_EQ(e.submission, "");
}

TEST(submission, is_no_business_of_a_neighbour_that_gave_custody_back) {
    test::small_network net;
    auto d = net["vpcp"].dispatch("<a/>");
    d.elsewhere = d.recipients;
    d.submission = "message 7";
    ASSERT_TRUE(net["vpcp"].accept(std::move(d)));
    net.pass("vpcp", "ninhthuan");
    net.pass("ninhthuan", "vpcp");
    const auto feed = net["vpcp"]->read_feed({store::feed_of_node("ninhthuan")}, 0, 100);
    ASSERT_FALSE(feed.empty());
    for (const auto& e : feed) EXPECT_EQ(e.submission, "");
}

TEST(submission, keeps_its_first_name) {
    test::small_store s;
    for (const std::string name : {"first", "second", ""}) {
        auto d = s.dispatch("<a/>", {department});
        d.submission = name;
        ASSERT_TRUE(s.accept(std::move(d)));
    }
    auto wider = s.dispatch("<a/>", {planning});
    wider.submission = "third";
    ASSERT_TRUE(s.accept(std::move(wider)));
    const auto feed = s->read_feed({government}, 0, 100);
    ASSERT_EQ(feed.size(), 4u);
    for (const auto& e : feed) EXPECT_EQ(e.submission, "first");
}

} // namespace
} // namespace truc
