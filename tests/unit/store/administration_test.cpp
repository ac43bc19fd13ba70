// What administrators do: hold, release, expire, legal hold; each leaves its event.
#include "small_network.hpp"
#include "statement_meter.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using test::small_network;
using test::small_store;
using test::wait_for;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using enum delivery_state;

const std::string commune = "000.00.12.H43";
const std::string department = "000.00.03.H43";

using action = void (store::store::*)(store::administration, store::completion<std::size_t>);

result<std::size_t> act(small_store& s, action what, std::vector<std::int64_t> rows, std::string reason = "theo lệnh",
                        store::held_kind kind = store::held_kind::by_person) {
    store::administration a{std::move(rows), {"an", std::move(reason)}, kind};
    if (kind == store::held_kind::by_truc) a.who.by = "ninhthuan";
    return wait_for<std::size_t>([&](auto done) { ((*s).*what)(std::move(a), std::move(done)); });
}

store::delivery_row first_delivery(small_store& s, const uuid& dispatch) {
    return s->find_dispatch(dispatch)->deliveries.at(0);
}

ledger::event last_event(small_store& s, const uuid& dispatch) {
    return *ledger::parse_event(s->trace(dispatch).back().event_xml);
}

std::vector<event_name> trace_of(small_store& s, const uuid& dispatch) {
    std::vector<event_name> names;
    for (const auto& r : s->trace(dispatch)) names.push_back(ledger::parse_event(r.event_xml)->name);
    return names;
}

bool in_feed(small_store& s, const std::string& reader, event_name name) {
    const auto feed = s->read_feed({reader}, 0, 100);
    return std::any_of(feed.begin(), feed.end(), [&](const auto& e) { return e.event == name; });
}

TEST(administration, what_is_held_in_an_inbox_is_in_none_until_it_is_released) {
    small_store s;
    const auto a = s.accept("<a/>");
    const auto row = first_delivery(s, a->id);
    ASSERT_EQ(act(s, &store::store::hold, {row.seq}), 1u);
    EXPECT_THAT(s->read_inbox({commune}, {}, {}, 10), IsEmpty());
    EXPECT_THAT(s->read_inbox_fresh_first({commune}, {}, 10), IsEmpty());
    EXPECT_TRUE(s->find_inbox_item(row.id)->held);
    const auto held = first_delivery(s, a->id);
    EXPECT_EQ(held.state, consigned);
    EXPECT_EQ(held.held.kind, store::held_kind::by_person);
    EXPECT_EQ(held.held.by, "an");
    EXPECT_EQ(held.held.reason, "theo lệnh");
    EXPECT_EQ(held.held.since, s.clock().now());

    std::vector<std::string> told;
    s.on_commit = [&](const store::commit_notice& n) { told = n.inboxes; };
    ASSERT_EQ(act(s, &store::store::release, {row.seq}, "xong"), 1u);
    EXPECT_EQ(s->read_inbox({commune}, {}, {}, 10).size(), 1u);
    EXPECT_EQ(first_delivery(s, a->id).held.kind, store::held_kind::no);
    s.close();
    EXPECT_THAT(told, ElementsAre(commune));
}

TEST(administration, events_name_the_administrator_and_the_reason_and_the_sender_learns_of_them) {
    small_store s;
    const auto a = s.accept("<a/>");
    const auto row = first_delivery(s, a->id);
    ASSERT_EQ(act(s, &store::store::hold, {row.seq}), 1u);
    const auto hold = last_event(s, a->id);
    EXPECT_EQ(hold.name, event_name::hold);
    EXPECT_EQ(hold.channel, "admin:an");
    EXPECT_EQ(hold.reason, "theo lệnh");
    EXPECT_EQ(hold.delivery_id, row.id);
    ASSERT_EQ(act(s, &store::store::release, {row.seq}, "xong"), 1u);
    const auto release = last_event(s, a->id);
    EXPECT_EQ(release.name, event_name::release);
    EXPECT_THAT(release.answers, ElementsAre(hold.id()));
    EXPECT_TRUE(in_feed(s, "000.00.00.G22", event_name::hold));
    EXPECT_TRUE(in_feed(s, "000.00.00.G22", event_name::release));
}

TEST(administration, what_stands_so_already_or_has_ended_stays_as_it_is) {
    small_store s;
    const auto a = s.accept("<a/>");
    const auto row = first_delivery(s, a->id);
    EXPECT_EQ(act(s, &store::store::release, {row.seq}), 0u);
    ASSERT_EQ(act(s, &store::store::hold, {row.seq}), 1u);
    EXPECT_EQ(act(s, &store::store::hold, {row.seq}, "lần nữa"), 0u);
    EXPECT_EQ(first_delivery(s, a->id).held.reason, "theo lệnh");
    ASSERT_TRUE(s.conclude(row.id)); // it was taken out before
    EXPECT_EQ(first_delivery(s, a->id).held.kind, store::held_kind::no);
    EXPECT_EQ(act(s, &store::store::hold, {row.seq}), 0u);
    EXPECT_EQ(act(s, &store::store::expire, {row.seq}).error().code, errc::not_in_custody);
    EXPECT_EQ(first_delivery(s, a->id).state, handed_over);
}

TEST(administration, what_is_queued_is_withheld_from_its_lane_and_told_again) {
    small_network net;
    auto& s = net["vpcp"];
    s.way = [](const std::string&) { return std::string("ninhthuan"); };
    const auto a = net.submit("vpcp", "<a/>");
    const auto row = first_delivery(s, a.id);
    store::commit_notice told;
    s.on_commit = [&](const store::commit_notice& n) { told = n; };
    ASSERT_EQ(act(s, &store::store::hold, {row.seq}), 1u);
    s->drain();
    EXPECT_THAT(told.withheld, ElementsAre(row.seq));
    s.open();
    ASSERT_EQ(act(s, &store::store::release, {row.seq}), 1u);
    s.close();
    ASSERT_EQ(told.queued.size(), 1u);
    EXPECT_EQ(told.queued[0].seq, row.seq);
}

TEST(administration, custody_that_goes_nevertheless_ends_the_hold) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto leg = *net.waiting("vpcp"); // under way when the administrator speaks
    const auto row = first_delivery(net["vpcp"], a.id);
    ASSERT_EQ(act(net["vpcp"], &store::store::hold, {row.seq}), 1u);
    ASSERT_TRUE(net.take("ninhthuan", net.as_received(leg, "vpcp", "ninhthuan")));
    net.acknowledge("vpcp", "ninhthuan", leg);
    EXPECT_EQ(net.state("vpcp", row.id), relayed);
    EXPECT_EQ(net.row("vpcp", row.id).held.kind, store::held_kind::no);
    EXPECT_EQ(act(net["vpcp"], &store::store::release, {row.seq}), 0u);
    EXPECT_TRUE(net.balance());
}

TEST(administration, truc_holds_for_a_neighbour_and_the_origin_learns_it_over_the_hops) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    net.pass("vpcp", "ninhthuan");
    auto& middle = net["ninhthuan"];
    const auto row = first_delivery(middle, a.id);
    ASSERT_EQ(act(middle, &store::store::hold, {row.seq}, "origin_not_home: vpcp", store::held_kind::by_truc), 1u);
    EXPECT_EQ(last_event(middle, a.id).channel, "relay:ninhthuan");
    EXPECT_EQ(first_delivery(middle, a.id).held.kind, store::held_kind::by_truc);
    net.feed("ninhthuan", "vpcp");
    EXPECT_TRUE(in_feed(net["vpcp"], "000.00.00.G22", event_name::hold));
    EXPECT_EQ(net.state("vpcp", row.id), relayed);
}

TEST(administration, an_inbox_item_expires_at_once) {
    small_store s;
    const auto a = s.accept("<a/>");
    const auto row = first_delivery(s, a->id);
    ASSERT_EQ(act(s, &store::store::expire, {row.seq}, "bên nhận đã giải thể"), 1u);
    EXPECT_EQ(first_delivery(s, a->id).state, expired);
    EXPECT_EQ(first_delivery(s, a->id).reason, "bên nhận đã giải thể");
    EXPECT_EQ(last_event(s, a->id).name, event_name::expiry);
    EXPECT_EQ(last_event(s, a->id).channel, "admin:an");
    EXPECT_TRUE(s->read_books().balance());
}

TEST(administration, what_is_queued_expires_when_custody_is_certainly_here_and_says_who_wanted_it) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    auto& s = net["vpcp"];
    const auto row = first_delivery(s, a.id);
    ASSERT_EQ(act(s, &store::store::expire, {row.seq}, "nút đã tháo dỡ"), 1u);
    EXPECT_EQ(act(s, &store::store::expire, {row.seq}).error().code, errc::not_in_custody);
    EXPECT_EQ(first_delivery(s, a.id).state, queued);
    EXPECT_EQ(first_delivery(s, a.id).held.kind, store::held_kind::to_expire);
    const auto overdue = s->read_overdue(queued, s.clock().now(), 10);
    ASSERT_EQ(overdue.size(), 1u);
    store::ending e;
    e.rows = {overdue[0].seq};
    e.reason = "unreachable: ninhthuan";
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { s->end_deliveries(e, std::move(done)); }));
    EXPECT_EQ(first_delivery(s, a.id).reason, "nút đã tháo dỡ");
    EXPECT_EQ(last_event(s, a.id).channel, "admin:an");
    EXPECT_TRUE(net.balance());
}

/// `release` for a whole agency or neighbour meets it among others.
TEST(administration, a_release_does_not_undo_an_ordered_end) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    auto& s = net["vpcp"];
    const auto row = first_delivery(s, a.id);
    ASSERT_EQ(act(s, &store::store::expire, {row.seq}, "nút đã tháo dỡ"), 1u);
    EXPECT_EQ(act(s, &store::store::release, {row.seq}), 0u);
    const auto ordered = first_delivery(s, a.id);
    EXPECT_EQ(ordered.held.kind, store::held_kind::to_expire);
    EXPECT_EQ(ordered.held.reason, "nút đã tháo dỡ");
    EXPECT_THAT(trace_of(s, a.id), Not(Contains(event_name::release)));
}

TEST(administration, a_release_answers_the_hold_that_it_ends) {
    small_store s;
    const auto a = s.accept("<a/>");
    const auto row = first_delivery(s, a->id);
    for (int i = 0; i < 2; ++i) {
        ASSERT_EQ(act(s, &store::store::hold, {row.seq}), 1u);
        const auto hold = last_event(s, a->id);
        ASSERT_EQ(act(s, &store::store::release, {row.seq}), 1u);
        EXPECT_THAT(last_event(s, a->id).answers, ElementsAre(hold.id()));
    }
}

TEST(administration, what_expires_while_it_is_held_says_why_it_was) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    auto& s = net["vpcp"];
    const auto row = first_delivery(s, a.id);
    ASSERT_EQ(act(s, &store::store::hold, {row.seq}, "signature_differs: x", store::held_kind::by_truc), 1u);
    store::ending e;
    e.rows = {row.seq};
    e.reason = "unreachable";
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { s->end_deliveries(e, std::move(done)); }));
    EXPECT_EQ(first_delivery(s, a.id).reason, "signature_differs: x");
    EXPECT_EQ(last_event(s, a.id).channel, "");
}

TEST(administration, a_retry_leaves_an_event_for_one_delivery_or_for_a_lane) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    auto& s = net["vpcp"];
    const auto row = first_delivery(s, a.id);
    ASSERT_EQ(act(s, &store::store::note_retry, {row.seq}), 1u);
    EXPECT_THAT(trace_of(s, a.id), ElementsAre(event_name::submission_acceptance, event_name::retry));
    const auto size = s->ledger_size();
    ASSERT_EQ(act(s, &store::store::note_retry, {}, "to ninhthuan"), 0u);
    EXPECT_EQ(s->ledger_size(), size + 1);
    EXPECT_FALSE(in_feed(s, "000.00.00.G22", event_name::retry));
}

TEST(administration, a_legal_hold_names_who_asked_first) {
    small_store s;
    const auto a = s.accept("<a/>");
    const auto set = [&](const uuid& dispatch, bool hold, std::string by) {
        store::legal_hold_order o{dispatch, hold, {std::move(by), "vụ án 12"}};
        return wait_for<std::monostate>([&](auto done) { s->set_legal_hold(std::move(o), std::move(done)); });
    };
    ASSERT_TRUE(set(a->id, true, "an"));
    ASSERT_TRUE(set(a->id, true, "binh"));
    EXPECT_EQ(s->find_dispatch(a->id)->legal_hold, "an: vụ án 12");
    ASSERT_TRUE(set(a->id, false, "binh"));
    EXPECT_EQ(s->find_dispatch(a->id)->legal_hold, "");
    EXPECT_EQ(last_event(s, a->id).name, event_name::legal_release);
    EXPECT_EQ(set(uuid::make(s.clock().now()), true, "an").error().code, errc::not_found);
    EXPECT_THAT(trace_of(s, a->id), ElementsAre(event_name::submission_acceptance, event_name::content_consignment,
                                                event_name::legal_hold, event_name::legal_release));
}

TEST(administration, a_copy_that_waits_is_not_shown_by_its_release) {
    small_store s;
    auto first = s.dispatch("<a/>");
    auto second = s.dispatch("<b/>");
    first.essence = second.essence = sha256("same");
    second.by_gateway = true;
    const auto a = s.accept(std::move(first));
    const auto b = s.accept(std::move(second));
    const auto copy = first_delivery(s, b->id);
    ASSERT_EQ(act(s, &store::store::hold, {copy.seq}), 1u);
    ASSERT_EQ(act(s, &store::store::release, {copy.seq}), 1u);
    EXPECT_EQ(s->read_inbox({commune}, {}, {}, 10).size(), 1u);
}

class list_deliveries : public testing::Test {
  protected:
    std::vector<std::string> found(store::delivery_filter f) {
        std::vector<std::string> recipients;
        for (const auto& d : s_->list_deliveries(f)) recipients.push_back(d.delivery.recipient);
        return recipients;
    }
    small_store s_;
};

TEST_F(list_deliveries, by_recipient_sender_state_hold_and_time) {
    const auto a = s_.accept(s_.dispatch("<a/>", {commune, department}));
    const auto later = s_.clock().now() + std::chrono::hours(1);
    s_.clock().advance(std::chrono::hours(2));
    auto d = s_.dispatch("<b/>", {commune});
    d.elsewhere = {commune};
    d.document_id = "b";
    const auto b = s_.accept(std::move(d));
    ASSERT_TRUE(b);
    store::delivery_filter f;
    EXPECT_THAT(found(f), ElementsAre(commune, department, commune));
    f.recipient = department;
    EXPECT_THAT(found(f), ElementsAre(department));
    f = {};
    f.sender = "000.00.99.H43";
    EXPECT_THAT(found(f), IsEmpty());
    f = {};
    f.state = queued;
    ASSERT_EQ(s_->list_deliveries(f).size(), 1u);
    EXPECT_EQ(s_->list_deliveries(f)[0].dispatch_id, b->id);
    EXPECT_EQ(s_->list_deliveries(f)[0].document_id, "b");
    f = {};
    f.since = later;
    EXPECT_THAT(found(f), ElementsAre(commune));
    f = {};
    f.until = later;
    EXPECT_THAT(found(f), ElementsAre(commune, department));
    f = {};
    f.held_only = true;
    EXPECT_THAT(found(f), IsEmpty());
    ASSERT_EQ(act(s_, &store::store::hold, {first_delivery(s_, a->id).seq}), 1u);
    EXPECT_THAT(found(f), ElementsAre(commune));
}

TEST_F(list_deliveries, page_by_page) {
    ASSERT_TRUE(s_.accept(s_.dispatch("<a/>", {commune, department, "000.00.07.H43"})));
    store::delivery_filter f;
    f.max = 2;
    const auto page = s_->list_deliveries(f);
    ASSERT_EQ(page.size(), 2u);
    f.after = page.back().delivery.seq;
    EXPECT_THAT(found(f), ElementsAre("000.00.07.H43"));
}

TEST_F(list_deliveries, of_one_lane) {
    s_.way = [](const std::string& to) { return std::string(to == commune ? "cana" : "thuannam"); };
    auto d = s_.dispatch("<a/>", {commune, department});
    d.elsewhere = d.recipients;
    ASSERT_TRUE(s_.accept(std::move(d)));
    store::delivery_filter f;
    f.lane = "cana";
    EXPECT_THAT(found(f), ElementsAre(commune));
}

TEST_F(list_deliveries, of_one_lane_in_the_order_of_arrival_whatever_the_class_and_whether_held) {
    s_.way = [](const std::string&) { return std::string("cana"); };
    const std::vector<std::string> codes{"000.00.01.H43", "000.00.02.H43", "000.00.03.H43", "000.00.04.H43"};
    for (std::size_t i = 0; i < codes.size(); ++i) {
        auto d = s_.dispatch("<a>" + codes[i] + "</a>", {codes[i]});
        d.document_id = codes[i];
        d.elsewhere = d.recipients;
        if (i % 2 == 1) d.priority = priority::express;
        ASSERT_TRUE(s_.accept(std::move(d)));
    }
    store::delivery_filter f;
    f.lane = "cana";
    const auto all = s_->list_deliveries(f);
    ASSERT_EQ(all.size(), 4u);
    ASSERT_EQ(act(s_, &store::store::hold, {all[2].delivery.seq}), 1u);
    EXPECT_THAT(found(f), testing::ElementsAreArray(codes));
    f.after = all[0].delivery.seq;
    f.max = 2;
    EXPECT_THAT(found(f), ElementsAre(codes[1], codes[2]));
    f.held_only = true;
    EXPECT_THAT(found(f), ElementsAre(codes[2]));
    f = {};
    f.lane = "cana";
    f.recipient = codes[3];
    EXPECT_THAT(found(f), ElementsAre(codes[3]));
}

TEST(list_deliveries_of_a_lane, does_not_read_what_waits_in_others) {
    test::statement_meter meter("FROM delivery v");
    small_store s;
    s.way = [](const std::string& to) { return std::string(to == commune ? "cana" : "thuannam"); };
    std::vector<std::string> many{commune};
    for (int i = 0; i < 900; ++i) many.push_back(fmt::format("{:03}.00.77.H43", i));
    auto d = s.dispatch("<a/>", many);
    d.elsewhere = d.recipients;
    ASSERT_TRUE(s.accept(std::move(d)));
    store::delivery_filter f;
    f.lane = "cana";
    const auto before = meter.steps();
    ASSERT_EQ(s->list_deliveries(f).size(), 1u);
    EXPECT_GT(meter.steps(), before);
    EXPECT_LT(meter.steps() - before, 1500);
}

} // namespace
} // namespace truc
