// Custody from node to node: what moves it, what leaves it where it is (rules 1, 3, 4, 5 and 7), and how it comes back.
#include "small_network.hpp"
#include "statement_meter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using test::small_network;
using test::wait_for;
using testing::ElementsAre;
using testing::IsEmpty;
using enum delivery_state;

const std::string commune = "000.00.12.H43";
const std::string department = "000.00.03.H43";

std::vector<event_name> trace_of(small_network& net, const std::string& node, const uuid& dispatch) {
    std::vector<event_name> names;
    for (const auto& r : net[node]->trace(dispatch)) names.push_back(ledger::parse_event(r.event_xml)->name);
    return names;
}

/// An end that the node gives by itself.
void expire(small_network& net, const std::string& node, std::vector<std::int64_t> rows) {
    store::ending e;
    e.rows = std::move(rows);
    e.reason = "deadline";
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { net[node]->end_deliveries(e, std::move(done)); }));
}

TEST(custody, a_submission_for_another_node_waits_and_the_commit_tells_of_it) {
    small_network net;
    std::vector<store::queued_delivery> told;
    net["vpcp"].on_commit = [&](const store::commit_notice& n) { told = n.queued; };
    const auto a = net.submit("vpcp", "<a/>");
    EXPECT_EQ(net.state("vpcp", a.recipients.at(0).delivery_id), queued);
    EXPECT_THAT(net["vpcp"]->read_inbox({commune}, {}, {}, 10), IsEmpty());
    EXPECT_THAT(trace_of(net, "vpcp", a.id), ElementsAre(event_name::submission_acceptance));
    net["vpcp"].close();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].recipient, commune);
    EXPECT_TRUE(told[0].own);
    EXPECT_THAT(told[0].hops, IsEmpty());
}

TEST(custody, ids_travel_unchanged_and_every_node_has_its_own_view) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto id = a.recipients.at(0).delivery_id;
    net.pass("vpcp", "ninhthuan");
    net.pass("ninhthuan", "thuannam", store::fate::consign);
    EXPECT_EQ(net.state("vpcp", id), relayed);
    EXPECT_EQ(net.state("ninhthuan", id), relayed);
    EXPECT_EQ(net.state("thuannam", id), consigned);
    EXPECT_EQ(net.row("vpcp", id).passed_to, "ninhthuan");
    EXPECT_THAT(net.row("thuannam", id).hops, ElementsAre("vpcp", "ninhthuan"));
    const auto there = net["thuannam"]->find_dispatch(a.id);
    ASSERT_TRUE(there);
    EXPECT_EQ(there->origin, "vpcp");
    EXPECT_EQ(there->entrance, entrance::relay);
    EXPECT_EQ(there->client, "ninhthuan");
    const auto inbox = net["thuannam"]->read_inbox({commune}, {}, {}, 10);
    ASSERT_EQ(inbox.size(), 1u);
    EXPECT_EQ(net["thuannam"]->open_content(inbox[0].sha256)->view(), "<a/>");
    EXPECT_TRUE(net.balance());
    EXPECT_EQ(net["ninhthuan"]->read_books().from_neighbours, 1u);
    EXPECT_EQ(net["ninhthuan"]->read_books().passed_on, 1u);
}

TEST(custody, what_comes_after_its_deadline_and_was_never_here_is_not_taken) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto take = [&](milliseconds late) {
        auto leg = net.leg("vpcp", "ninhthuan");
        leg.deliveries[0].deadline = net["ninhthuan"].clock().now() - late;
        return net.take("ninhthuan", std::move(leg));
    };
    const auto refused = take(std::chrono::seconds(60));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::deadline_passed);
    EXPECT_FALSE(describe(errc::deadline_passed).retryable);
    EXPECT_EQ(net["ninhthuan"]->ledger_size(), 0u);
    ASSERT_TRUE(take(std::chrono::seconds(59))) << "clocks differ";
    const auto again = take(std::chrono::hours(1));
    ASSERT_TRUE(again) << "what is here is accepted again, however late it is";
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(net.state("ninhthuan", a.recipients.at(0).delivery_id), queued);
}

TEST(custody, sending_an_inbox_away_reads_the_inbox_and_no_history) {
    test::statement_meter meter("WITH lies AS");
    test::small_store s("vpcp");
    std::vector<uuid> there;
    for (int i = 0; i < 200; ++i) {
        auto d = s.dispatch("<a>" + std::to_string(i) + "</a>");
        d.document_id = std::to_string(i);
        there.push_back(s.accept(std::move(d))->recipients.at(0).delivery_id);
        if (i > 1) {
            ASSERT_TRUE(s.conclude(there.back()));
        }
    }
    const auto row = s->find_dispatch_of_delivery(there[1])->deliveries.at(0).seq;
    ASSERT_TRUE(wait_for<std::size_t>([&](auto done) { s->hold({{row}, {"an", "a look at it"}}, std::move(done)); }));
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { s->send_away(commune, std::move(done)); }));
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(s->find_dispatch_of_delivery(there[i])->deliveries.at(0).state, queued) << "held or not";
    EXPECT_EQ(s->find_dispatch_of_delivery(there[2])->deliveries.at(0).state, handed_over);
    EXPECT_GT(meter.steps(), 0);
    EXPECT_LT(meter.steps(), 600);
}

TEST(custody, the_origins_receipt_is_carried_on_byte_for_byte) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    net.pass("vpcp", "ninhthuan");
    const auto leg = net.waiting("ninhthuan");
    ASSERT_TRUE(leg);
    EXPECT_EQ(leg->receipt, a.receipt);
    EXPECT_THAT(leg->header.hops, ElementsAre("vpcp"));
    EXPECT_EQ(leg->sha256, sha256("<a/>"));
}

TEST(custody, what_a_newer_node_wrote_into_the_envelope_is_carried_on) {
    small_network net;
    net.submit("vpcp", "<a/>");
    auto leg = net.leg("vpcp", "ninhthuan");
    leg.extra = "<x:Route xmlns:x=\"urn:later\"/>";
    ASSERT_TRUE(net.take("ninhthuan", std::move(leg)));
    EXPECT_EQ(net.waiting("ninhthuan")->header.extra, "<x:Route xmlns:x=\"urn:later\"/>");
}

TEST(custody, a_leg_is_taken_whole_or_not_at_all) {
    small_network net;
    net.submit("vpcp", "<a/>", {commune, department});
    auto leg = net.leg("vpcp", "ninhthuan");
    leg.deliveries[1].recipient = commune; // a second delivery of the same document for the same recipient
    const auto taken = net.take("ninhthuan", std::move(leg));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::envelope_invalid);
    EXPECT_FALSE(net.waiting("ninhthuan"));
    EXPECT_EQ(net["ninhthuan"]->ledger_size(), 0u);
    EXPECT_EQ(net["ninhthuan"]->read_books().taken_in(), 0u);
    EXPECT_THAT(net["ninhthuan"]->list_dispatches({}), IsEmpty());
}

TEST(custody, a_refused_leg_leaves_the_others_of_its_group_alone_and_announces_nothing) {
    small_network net;
    net.submit("vpcp", "<a/>");
    auto bad = net.leg("vpcp", "ninhthuan");
    bad.deliveries.push_back(bad.deliveries[0]);
    bad.deliveries[1].id = uuid::make(net["vpcp"].clock().now());
    auto good = net.leg("vpcp", "ninhthuan");
    std::vector<store::queued_delivery> told;
    net["ninhthuan"].on_commit = [&](const auto& n) { told.insert(told.end(), n.queued.begin(), n.queued.end()); };
    std::promise<bool> first, second;
    net["ninhthuan"]->take_leg(std::move(bad), [&](auto r) { first.set_value(r.has_value()); });
    net["ninhthuan"]->take_leg(std::move(good), [&](auto r) { second.set_value(r.has_value()); });
    EXPECT_FALSE(first.get_future().get());
    EXPECT_TRUE(second.get_future().get());
    net["ninhthuan"].close();
    EXPECT_EQ(told.size(), 1u);
}

TEST(custody, what_is_wrong_with_one_recipient_ends_its_delivery_after_custody_was_taken) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>", {commune, department});
    auto leg = net.leg("vpcp", "ninhthuan", store::fate::consign);
    leg.deliveries[1].fate = store::fate::undeliverable;
    leg.deliveries[1].reason = errc::recipient_closed;
    ASSERT_TRUE(net.take("ninhthuan", std::move(leg)));
    EXPECT_EQ(net.state("ninhthuan", a.recipients.at(0).delivery_id), consigned);
    const auto ended = net.row("ninhthuan", a.recipients.at(1).delivery_id);
    EXPECT_EQ(ended.state, undeliverable);
    EXPECT_EQ(ended.reason, "recipient_closed");
    EXPECT_TRUE(ended.ended_at);
    EXPECT_THAT(trace_of(net, "ninhthuan", a.id),
                ElementsAre(event_name::submission_acceptance, event_name::relay_acceptance,
                            event_name::content_consignment, event_name::relay_acceptance,
                            event_name::content_consignment_failure));
    EXPECT_TRUE(net.balance());
}

TEST(custody, the_acceptance_of_a_leg_names_what_it_answers_and_who_brought_it) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    net.pass("vpcp", "ninhthuan");
    const auto feed = net["ninhthuan"]->read_feed({store::feed_of_node("vpcp")}, 0, 10);
    ASSERT_EQ(feed.size(), 1u);
    const auto r = ledger::verify_receipt(feed[0].xml, net["vpcp"].authorities());
    ASSERT_TRUE(r);
    EXPECT_EQ(r->event.name, event_name::relay_acceptance);
    EXPECT_THAT(r->event.answers, ElementsAre("vpcp.1.0"));
    EXPECT_THAT(r->event.to, ElementsAre(commune));
    EXPECT_EQ(r->event.delivery_id, a.recipients.at(0).delivery_id);
    EXPECT_EQ(r->event.channel, "relay:vpcp");
    EXPECT_EQ(r->event.sha256, sha256("<a/>"));
}

TEST(custody, a_delivery_id_held_already_is_accepted_again_and_changes_nothing) {
    small_network net;
    net.submit("vpcp", "<a/>");
    auto leg = net.leg("vpcp", "ninhthuan");
    auto again = net.leg("vpcp", "ninhthuan", store::fate::undeliverable);
    ASSERT_TRUE(net.take("ninhthuan", std::move(leg)));
    const auto size = net["ninhthuan"]->ledger_size();
    const auto taken = net.take("ninhthuan", std::move(again));
    ASSERT_TRUE(taken);
    EXPECT_TRUE(taken->repeated);
    EXPECT_EQ(net["ninhthuan"]->ledger_size(), size);
    EXPECT_EQ(net["ninhthuan"]->read_books().from_neighbours, 1u);
    EXPECT_TRUE(net.waiting("ninhthuan"));
}

TEST(custody, two_copies_of_a_leg_in_one_group_are_one_delivery) {
    small_network net;
    net.submit("vpcp", "<a/>");
    std::vector<store::incoming_leg> copies;
    for (int i = 0; i < 5; ++i) copies.push_back(net.leg("vpcp", "ninhthuan"));
    std::atomic<int> fresh{0}, repeated{0};
    for (auto& copy : copies)
        net["ninhthuan"]->take_leg(std::move(copy), [&](result<store::leg_taken> r) {
            if (r) ++(r->repeated ? repeated : fresh);
        });
    net["ninhthuan"]->drain();
    EXPECT_EQ(fresh, 1);
    EXPECT_EQ(repeated, 4);
    EXPECT_EQ(net["ninhthuan"]->read_books().taken_in(), 1u);
}

TEST(custody, the_relay_decides_by_the_delivery_id_and_not_by_sender_and_bytes) {
    small_network net;
    const auto first = net.submit("vpcp", "<a/>");
    const auto second = net.submit("bnv", "<a/>"); // the agency has moved, and sends the same bytes from its new home
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    net.pass("bnv", "ninhthuan", store::fate::consign);
    EXPECT_NE(first.id, second.id);
    EXPECT_EQ(net["ninhthuan"]->read_books().in_custody, 2u);
    EXPECT_EQ(net.row("ninhthuan", second.recipients.at(0).delivery_id).copy_of, first.recipients.at(0).delivery_id)
        << "of the same bytes its recipient needs one";
    // Nor is what neighbours brought a submission here.
    const auto own = net.submit("ninhthuan", "<a/>");
    EXPECT_FALSE(own.repeated);
    EXPECT_TRUE(net.balance());
}

TEST(custody, a_delivery_or_dispatch_id_of_another_document_is_refused) {
    small_network net;
    net.submit("vpcp", "<a/>");
    net.pass("vpcp", "ninhthuan");
    net.submit("vpcp", "<b/>");
    auto stolen_delivery = net.leg("vpcp", "ninhthuan");
    auto stolen_dispatch = net.leg("vpcp", "ninhthuan");
    const auto held = net.waiting("ninhthuan");
    stolen_delivery.deliveries[0].id = held->header.deliveries[0].id;
    stolen_dispatch.dispatch_id = held->header.dispatch_id;
    EXPECT_EQ(net.take("ninhthuan", std::move(stolen_delivery)).error().code, errc::envelope_invalid);
    EXPECT_EQ(net.take("ninhthuan", std::move(stolen_dispatch)).error().code, errc::envelope_invalid);
    EXPECT_EQ(net["ninhthuan"]->read_books().taken_in(), 1u);
}

TEST(custody, more_recipients_of_a_known_dispatch_come_in_a_leg_of_their_own) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>", {commune, department});
    auto leg = net.leg("vpcp", "ninhthuan");
    auto rest = net.leg("vpcp", "ninhthuan");
    leg.deliveries.pop_back();
    ASSERT_TRUE(net.take("ninhthuan", std::move(leg)));
    const auto taken = net.take("ninhthuan", std::move(rest));
    ASSERT_TRUE(taken);
    EXPECT_FALSE(taken->repeated);
    EXPECT_EQ(net["ninhthuan"]->find_dispatch(a.id)->deliveries.size(), 2u);
    EXPECT_EQ(net["ninhthuan"]->read_books().taken_in(), 2u);
}

TEST(custody, only_who_has_it_ends_a_delivery) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto id = a.recipients.at(0).delivery_id;
    const auto rows = net.waiting("vpcp")->rows;
    net.pass("vpcp", "ninhthuan");
    expire(net, "vpcp", rows);
    EXPECT_EQ(net.state("vpcp", id), relayed);
    EXPECT_FALSE(net["vpcp"].conclude(id));
    expire(net, "ninhthuan", net.waiting("ninhthuan")->rows);
    EXPECT_EQ(net.state("ninhthuan", id), expired);
    EXPECT_EQ(net.state("vpcp", id), relayed);
    net.feed("ninhthuan", "vpcp");
    EXPECT_EQ(net.state("vpcp", id), expired);
    EXPECT_EQ(net.row("vpcp", id).reason, "deadline");
    EXPECT_TRUE(net.balance());
    EXPECT_EQ(net["vpcp"]->read_books().passed_on, 1u);
    EXPECT_EQ(net["vpcp"]->read_origin_books().expired, 1u);
}

TEST(custody, content_stays_upstream_so_that_a_neighbour_can_be_fed_again) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    const auto rows = net.waiting("vpcp")->rows;
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    EXPECT_FALSE(net["vpcp"]->load_leg(rows));
    const auto again = net["vpcp"]->load_leg(rows, relayed);
    ASSERT_TRUE(again);
    // To a copy of the neighbour from before.
    ASSERT_TRUE(net.take("khoiphuc", net.as_received(*again, "vpcp", "khoiphuc", store::fate::consign)));
    EXPECT_EQ(net["khoiphuc"]->read_inbox({commune}, {}, {}, 10).at(0).id, a.id);
}

TEST(custody, a_delivery_that_runs_in_a_circle_ends_after_it_was_taken) {
    small_network net;
    const auto a = net.submit("vpcp", "<a/>");
    auto leg = net.leg("vpcp", "ninhthuan");
    leg.hops.assign(hop_limit + 1, "vpcp");
    ASSERT_TRUE(net.take("ninhthuan", std::move(leg)));
    const auto ended = net.row("ninhthuan", a.recipients.at(0).delivery_id);
    EXPECT_EQ(ended.state, undeliverable);
    EXPECT_EQ(ended.reason, "too_many_hops");
    EXPECT_THAT(trace_of(net, "ninhthuan", a.id), ElementsAre(event_name::submission_acceptance,
                                                              event_name::relay_acceptance, event_name::relay_failure));
    EXPECT_TRUE(net.balance());
}

TEST(custody, as_many_hops_as_the_limit_are_carried_on) {
    small_network net;
    net.submit("vpcp", "<a/>");
    auto leg = net.leg("vpcp", "ninhthuan");
    leg.hops.assign(hop_limit, "vpcp");
    ASSERT_TRUE(net.take("ninhthuan", std::move(leg)));
    EXPECT_TRUE(net.waiting("ninhthuan"));
}

} // namespace
} // namespace truc
