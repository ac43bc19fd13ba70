// What is read back: inboxes, documents, books, feeds, proofs, notices.
#include "small_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using test::small_store;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(inbox, is_read_urgent_first_and_page_by_page) {
    small_store s;
    std::vector<priority> order = {priority::normal, priority::express, priority::urgent, priority::normal,
                                   priority::express};
    for (std::size_t i = 0; i < order.size(); ++i) {
        auto d = s.dispatch("<d>" + std::to_string(i) + "</d>");
        d.priority = order[i];
        ASSERT_TRUE(s.accept(std::move(d)));
    }
    std::vector<priority> seen;
    store::inbox_cursor after;
    for (;;) {
        const auto page = s->read_inbox({"000.00.12.H43"}, {}, after, 2);
        for (const auto& i : page) seen.push_back(i.priority);
        if (page.empty()) break;
        after = {page.back().priority, page.back().seq};
    }
    EXPECT_THAT(
        seen, ElementsAre(priority::express, priority::express, priority::urgent, priority::normal, priority::normal));
}

TEST(documents, are_listed_by_every_filter_for_those_who_may_see_them) {
    small_store s;
    for (int i = 0; i < 6; ++i) {
        auto d = s.dispatch("<n>" + std::to_string(i) + "</n>", {i % 2 ? "000.00.12.H43" : "000.00.03.H43"});
        d.document_id = "document " + std::to_string(i);
        d.code = std::to_string(i) + "/UBND-VP";
        if (i == 5) d.sender = "000.00.12.H43";
        ASSERT_TRUE(s.accept(std::move(d)));
        s.clock().advance(std::chrono::hours(1));
    }
    const auto ids = [&](store::store::dispatch_filter f) {
        std::string seen;
        for (const auto& d : s->list_dispatches(f)) seen += d.document_id.back();
        return seen;
    };
    store::store::dispatch_filter f;
    EXPECT_EQ(ids(f), "012345");
    f.since = s.clock().now() - std::chrono::hours(2);
    EXPECT_EQ(ids(f), "45");
    f = {};
    f.visible_to = std::vector<std::string>{"000.00.12.H43"};
    EXPECT_EQ(ids(f), "135");
    f.max = 2;
    EXPECT_EQ(ids(f), "13");
    f.after = s->list_dispatches(f).back().seq;
    EXPECT_EQ(ids(f), "5");
    f = {};
    f.visible_to = std::vector<std::string>{"000.00.12.H43", "000.00.00.G22"};
    EXPECT_EQ(ids(f), "012345");
    f.visible_to = std::vector<std::string>{"000.00.12.H43"};
    f.code = "3/UBND-VP";
    EXPECT_EQ(ids(f), "3");
    f.code = "2/UBND-VP";
    EXPECT_EQ(ids(f), "");
    f = {};
    f.document_id = "document 4";
    EXPECT_EQ(ids(f), "4");
    f.from = "000.00.12.H43";
    EXPECT_EQ(ids(f), "");
}

TEST(books_by_agency, count_what_was_accepted_that_day) {
    small_store s;
    const auto start = s.clock().now();
    ASSERT_TRUE(s.accept("<a/>"));
    s.clock().advance(std::chrono::hours(30));
    const auto b = s.accept("<b/>");
    ASSERT_TRUE(s.conclude(b->recipients.at(0).delivery_id));
    EXPECT_EQ(s->books_by_agency({}).size(), 2u);
    const auto second = s->books_by_agency(start + std::chrono::hours(24));
    ASSERT_EQ(second.size(), 2u);
    EXPECT_EQ(second[0].agency, "000.00.00.G22");
    EXPECT_EQ(second[0].sent, 1u);
    EXPECT_EQ(second[1].received, 1u);
    EXPECT_EQ(second[1].handed_over, 1u);
}

TEST(feed, holds_the_evidence_of_what_an_agency_sent_from_a_cursor_on) {
    small_store s;
    const auto a = s.accept("<a/>");
    ASSERT_TRUE(s.conclude(a->recipients.at(0).delivery_id));
    const auto all = s->read_feed({"000.00.00.G22"}, 0, 10);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].xml, a->receipt);
    EXPECT_EQ(all[2].event, event_name::content_handover);
    for (const auto& r : all) EXPECT_TRUE(ledger::verify_receipt(r.xml, s.authorities()));
    EXPECT_EQ(s->read_feed({"000.00.00.G22"}, all[1].position + 1, 10).size(), 1u);
    EXPECT_THAT(s->read_feed({"000.00.12.H43"}, 0, 10), IsEmpty());
    EXPECT_THAT(s->read_feed({""}, 0, 10), IsEmpty());
}

TEST(ledger_proofs, every_head_extends_every_earlier_one) {
    small_store s;
    std::vector<ledger::tree_head> heads;
    for (int i = 0; i < 12; ++i) {
        ASSERT_TRUE(s.accept("<n>" + std::to_string(i) + "</n>"));
        heads.push_back(*ledger::verify_head(s->head_xml(), s.authorities()));
    }
    for (std::size_t i = 0; i < heads.size(); ++i)
        for (std::size_t j = i; j < heads.size(); ++j) {
            const auto path = s->consistency(heads[i].size, heads[j].size);
            ASSERT_TRUE(path);
            EXPECT_TRUE(ledger::verify_consistency(heads[i].size, heads[i].root, heads[j].size, heads[j].root, *path));
        }
    EXPECT_FALSE(s->consistency(0, 5));
    EXPECT_FALSE(s->consistency(3, 10'000));
    EXPECT_FALSE(s->inclusion(24, 24));
}

TEST(commit_notice, tells_whose_inbox_and_whose_feed_have_news) {
    small_store s;
    std::mutex m;
    std::vector<std::string> inboxes, feeds;
    s.on_commit = [&](const store::commit_notice& n) {
        const std::scoped_lock lock(m);
        inboxes.insert(inboxes.end(), n.inboxes.begin(), n.inboxes.end());
        feeds.insert(feeds.end(), n.feeds.begin(), n.feeds.end());
    };
    ASSERT_TRUE(s.accept("<a/>"));
    s.close();
    EXPECT_THAT(inboxes, ElementsAre("000.00.12.H43"));
    EXPECT_THAT(feeds, ElementsAre("000.00.00.G22"));
}

} // namespace
} // namespace truc
