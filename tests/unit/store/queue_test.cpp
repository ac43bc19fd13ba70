// What waits in this node's custody: read in order, tried in vain, late, moved with its recipient.
#include "small_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using test::small_network;
using test::wait_for;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using enum delivery_state;

const std::string commune = "000.00.12.H43";
const std::string department = "000.00.03.H43";

struct queue : testing::Test {
    store::acceptance submit(std::string bytes, priority p = priority::normal, std::string to = commune,
                             milliseconds time = std::chrono::hours(24)) {
        auto d = s.dispatch(std::move(bytes), {to});
        d.elsewhere = d.recipients;
        d.priority = p;
        d.time_to_deliver = time;
        return *s.accept(std::move(d));
    }
    std::vector<std::int64_t> rows() {
        std::vector<std::int64_t> all;
        for (const auto& q : s->read_queued({}, 1000)) all.push_back(q.seq);
        return all;
    }
    store::delivery_row row(const store::acceptance& a) { return s->find_dispatch(a.id).value().deliveries.at(0); }
    template <class Command>
    void done(Command command) {
        ASSERT_TRUE(wait_for<std::monostate>(command));
    }
    void arrive(store::fate fate, errc reason = {}) {
        done([&](auto d) { s->arrive({rows(), fate, reason}, std::move(d)); });
    }
    test::small_store s;
};

TEST_F(queue, is_read_urgent_first_and_page_by_page) {
    submit("<a/>");
    submit("<b/>", priority::express);
    submit("<c/>", priority::urgent);
    submit("<d/>", priority::express);
    submit("<e/>");
    std::vector<priority> seen;
    std::vector<std::int64_t> order;
    store::queue_cursor after;
    for (;;) {
        const auto page = s->read_queued(after, 2);
        if (page.empty()) break;
        for (const auto& q : page) seen.push_back(q.priority), order.push_back(q.seq);
        after = {page.back().lane_class, page.back().seq};
    }
    EXPECT_THAT(
        seen, ElementsAre(priority::express, priority::express, priority::urgent, priority::normal, priority::normal));
    EXPECT_THAT(order, ElementsAre(2, 4, 3, 1, 5));
}

TEST_F(queue, a_leg_holds_what_is_queued_of_one_dispatch_that_came_the_same_way) {
    submit("<a/>");
    submit("<b/>");
    const auto all = rows();
    const auto leg = s->load_leg({999, all[1], all[0]});
    ASSERT_TRUE(leg);
    EXPECT_THAT(leg->rows, ElementsAre(all[1]));
    EXPECT_EQ(leg->sha256, sha256("<b/>"));
    EXPECT_EQ(leg->size, 4u);
    EXPECT_FALSE(s->load_leg({999}));
    EXPECT_FALSE(s->load_leg({}));
}

TEST_F(queue, an_attempt_in_vain_is_remembered_and_changes_no_state) {
    const auto a = submit("<a/>");
    const auto at = s.clock().now() + std::chrono::minutes(5);
    done([&](auto d) { s->note_attempt({rows(), "ninhthuan", "unreachable", at}, std::move(d)); });
    done([&](auto d) { s->note_attempt({rows(), "ninhthuan", "no_space", at}, std::move(d)); });
    const auto v = row(a);
    EXPECT_EQ(v.state, queued);
    EXPECT_EQ(v.attempts, 2u);
    EXPECT_EQ(v.last_attempt, "ninhthuan: no_space");
    EXPECT_EQ(v.next_at, at);
    done([&](auto d) { s->pass_on({rows(), {"ninhthuan"}, "vpcp"}, std::move(d)); });
    EXPECT_FALSE(row(a).next_at);
}

TEST_F(queue, is_counted_by_recipient_state_and_age) {
    using std::chrono::minutes;
    submit("<old/>");
    s.clock().advance(minutes(4));
    submit("<younger/>");
    const auto oldest = s.clock().now() - minutes(4);
    done([&](auto d) {
        s->note_attempt({rows(), "thuannam", "no_space", s.clock().now() + minutes(1)}, std::move(d));
    });
    s.clock().advance(minutes(57));
    submit("<new/>");
    submit("<elsewhere/>", priority::normal, department);
    const auto all = s->queue();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].recipient, commune);
    EXPECT_EQ(all[0].state, queued);
    EXPECT_EQ(all[0].passed_to, "");
    EXPECT_EQ(all[0].count, 3u);
    EXPECT_EQ(all[0].oldest, oldest);
    EXPECT_EQ(all[0].attempts, 1u);
    EXPECT_THAT(all[0].ages, ElementsAre(1, 0, 0, 1, 1, 0, 0)) << "61 minutes are more than an hour, 57 are not";
    EXPECT_EQ(all[1].recipient, department);
    EXPECT_EQ(all[1].attempts, 0u);
}

TEST_F(queue, what_was_passed_on_is_counted_by_neighbour) {
    small_network net;
    net.submit("vpcp", "<a/>", {commune, department});
    net.pass("vpcp", "ninhthuan");
    for (const auto& row : net["vpcp"]->queue()) {
        EXPECT_EQ(row.state, relayed);
        EXPECT_EQ(row.passed_to, "ninhthuan");
    }
    EXPECT_THAT(net["vpcp"]->queue(), SizeIs(2));
    EXPECT_THAT(net["ninhthuan"]->queue(), SizeIs(2));
}

TEST_F(queue, what_is_late_is_read_oldest_deadline_first_and_page_by_page) {
    submit("<a/>", priority::normal, commune, std::chrono::hours(3));
    submit("<b/>", priority::normal, commune, std::chrono::hours(1));
    submit("<c/>", priority::normal, commune, std::chrono::hours(2));
    submit("<d/>", priority::normal, commune, std::chrono::hours(1));
    submit("<later/>", priority::normal, commune, std::chrono::hours(50));
    EXPECT_THAT(s->read_overdue(queued, s.clock().now(), 10), IsEmpty());
    s.clock().advance(std::chrono::hours(5));
    std::vector<std::int64_t> order;
    for (std::int64_t after = 0;;) {
        const auto page = s->read_overdue(queued, s.clock().now(), 3, after);
        if (page.empty()) break;
        for (const auto& v : page) order.push_back(v.seq);
        after = page.back().seq;
    }
    EXPECT_THAT(order, ElementsAre(2, 4, 3, 1));
    EXPECT_THAT(s->read_overdue(relayed, s.clock().now(), 10), IsEmpty());
    done([&](auto d) { s->pass_on({{2}, {"ninhthuan"}, "vpcp"}, std::move(d)); });
    const auto asked = s->read_overdue(relayed, s.clock().now(), 10);
    ASSERT_THAT(asked, SizeIs(1));
    EXPECT_EQ(asked[0].passed_to, "vpcp");
}

TEST_F(queue, an_end_leaves_a_proof_and_does_not_come_twice) {
    const auto a = submit("<a/>");
    const auto all = rows();
    store::ending e{all, expired, event_name::expiry, "nobody could be reached"};
    done([&](auto d) { s->end_deliveries(e, std::move(d)); });
    const auto size = s->ledger_size();
    e.to = undeliverable;
    done([&](auto d) { s->end_deliveries(e, std::move(d)); });
    EXPECT_EQ(s->ledger_size(), size);
    EXPECT_EQ(row(a).state, expired);
    const auto feed = s->read_feed({"000.00.00.G22"}, 0, 10);
    ASSERT_THAT(feed, SizeIs(2));
    EXPECT_EQ(feed[1].event, event_name::expiry);
    EXPECT_TRUE(s->read_books().balance());
    EXPECT_EQ(s->read_books().expired, 1u);
    EXPECT_EQ(s->read_origin_books().expired, 1u);
}

TEST_F(queue, what_lies_in_an_inbox_may_end_where_a_policy_says_so) {
    const auto a = s.accept("<a/>");
    done([&](auto d) { s->end_deliveries({{1}, expired, event_name::expiry, "policy"}, std::move(d)); });
    EXPECT_EQ(row(*a).state, expired);
    EXPECT_EQ(s.conclude(a->recipients.at(0).delivery_id).error().code, errc::already_ended);
}

TEST_F(queue, a_recipient_that_moves_away_takes_its_inbox_along) {
    const auto a = s.accept("<a/>");
    const auto stays = s.accept(s.dispatch("<b/>", {department}));
    std::vector<store::queued_delivery> told;
    EXPECT_THAT(s->recipients_in(consigned), ElementsAre(department, commune));
    s.on_commit = [&](const auto& n) { told.insert(told.end(), n.queued.begin(), n.queued.end()); };
    done([&](auto d) { s->send_away(commune, std::move(d)); });
    EXPECT_EQ(row(*a).state, queued);

    EXPECT_EQ(row(*stays).state, consigned);
    EXPECT_THAT(s->read_inbox({commune}, {}, {}, 10), IsEmpty());
    EXPECT_THAT(s->recipients_in(consigned), ElementsAre(department));
    EXPECT_THAT(s->recipients_in(queued), ElementsAre(commune));
    EXPECT_EQ(s.conclude(a->recipients.at(0).delivery_id).error().code, errc::not_found);
    EXPECT_TRUE(s->read_books().balance());
    s.close();
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(told[0].recipient, commune);
}

TEST_F(queue, a_recipient_that_arrives_finds_what_waited_for_it) {
    const auto a = submit("<a/>");
    arrive(store::fate::consign);
    EXPECT_EQ(row(a).state, consigned);
    EXPECT_THAT(s->read_inbox({commune}, {}, {}, 10), SizeIs(1));
    ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
    EXPECT_TRUE(s->read_books().balance());
    EXPECT_EQ(s->read_feed({"000.00.00.G22"}, 0, 10).size(), 3u);
}

TEST_F(queue, what_its_new_home_cannot_let_in_ends_there) {
    const auto a = submit("<a/>");
    arrive(store::fate::undeliverable, errc::signature_differs);
    EXPECT_EQ(row(a).state, undeliverable);
    EXPECT_EQ(row(a).reason, "signature_differs");
    EXPECT_TRUE(s->read_books().balance());
}

TEST_F(queue, the_same_bytes_for_more_recipients_elsewhere_wait_as_well) {
    const auto first = submit("<a/>");
    auto wider = s.dispatch("<a/>", {commune, department});
    wider.elsewhere = {department};
    const auto again = s.accept(std::move(wider));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->receipt, first.receipt);
    EXPECT_THAT(rows(), SizeIs(2));
    EXPECT_EQ(s->read_books().taken_in(), 2u);
}

TEST_F(queue, tells_what_evidence_about_a_delivery_has_to_agree_with) {
    EXPECT_FALSE(s->find_passed(uuid::make(s.clock().now())));
    const auto a = submit("<a/>");
    const auto before = s->find_passed(a.recipients.at(0).delivery_id);
    ASSERT_TRUE(before);
    EXPECT_EQ(before->passed_to, "");
    done([&](auto d) { s->pass_on({rows(), {"ninhthuan"}, "vpcp"}, std::move(d)); });
    const auto passed = s->find_passed(a.recipients.at(0).delivery_id);
    EXPECT_EQ(passed->passed_to, "vpcp");
    EXPECT_EQ(passed->state, relayed);
    EXPECT_EQ(passed->recipient, commune);
    EXPECT_EQ(passed->sha256, sha256("<a/>"));
    EXPECT_EQ(passed->dispatch_id, a.id);
}

} // namespace
} // namespace truc
