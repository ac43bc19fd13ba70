// Custody while the directory changes and answers get lost: it comes back, it is in doubt, it is never gone.
#include "small_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace truc {
namespace {

using test::small_network;
using test::wait_for;
using testing::ElementsAre;
using enum delivery_state;

const std::string commune = "000.00.12.H43";

/// An end that the node gives by itself.
void expire(small_network& net, const std::string& node, std::vector<std::int64_t> rows) {
    store::ending e;
    e.rows = std::move(rows);
    e.reason = "deadline";
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { net[node]->end_deliveries(e, std::move(done)); }));
}

/// Passed on to huyện Thuận Nam and given back by it, because its recipient's home has moved meanwhile.
struct returned : testing::Test {
    returned() : a(net.submit("vpcp", "<a/>")), id(a.recipients.at(0).delivery_id) {
        net.pass("vpcp", "ninhthuan");
        first = net.waiting("ninhthuan");
        net.pass("ninhthuan", "thuannam");
    }
    small_network net;
    store::acceptance a;
    uuid id;
    std::optional<store::outgoing_leg> first; ///< as it was offered to Thuận Nam
};

TEST_F(returned, is_taken_again_and_its_end_reaches_everybody_who_had_it) {
    net.pass("thuannam", "ninhthuan", store::fate::consign);
    EXPECT_EQ(net.state("ninhthuan", id), consigned);
    const auto row = net.row("ninhthuan", id);
    EXPECT_THAT(row.hops, ElementsAre("vpcp", "ninhthuan", "thuannam"));
    EXPECT_EQ(row.passed_to, "");
    EXPECT_TRUE(net.balance());
    EXPECT_EQ(net["ninhthuan"]->read_books().from_neighbours, 1u);
    EXPECT_EQ(net["ninhthuan"]->read_books().passed_on, 0u);

    ASSERT_TRUE(net["ninhthuan"].conclude(id));
    net.feed("ninhthuan", "thuannam");
    net.feed("thuannam", "ninhthuan"); // its own events come round, and change nothing
    net.feed("ninhthuan", "vpcp");
    EXPECT_EQ(net.state("thuannam", id), handed_over);
    EXPECT_EQ(net.state("vpcp", id), handed_over);
    EXPECT_TRUE(net.balance());
    EXPECT_EQ(net["vpcp"]->read_origin_books().handed_over, 1u);
}

TEST_F(returned, a_late_copy_of_an_earlier_leg_changes_nothing) {
    auto late = net.as_received(*first, "ninhthuan", "thuannam");
    net.pass("thuannam", "ninhthuan");
    net.pass("ninhthuan", "ninhhai");
    // Thuận Nam has given it back and has no part in it any more, whatever is still under way.
    const auto size = net["thuannam"]->ledger_size();
    ASSERT_TRUE(net.take("thuannam", std::move(late)));
    EXPECT_EQ(net.state("thuannam", id), relayed);
    EXPECT_EQ(net["thuannam"]->ledger_size(), size);
    EXPECT_TRUE(net.balance());
}

TEST_F(returned, comes_back_by_another_way) {
    net.pass("thuannam", "ninhhai");
    net.pass("ninhhai", "ninhthuan");
    EXPECT_EQ(net.state("ninhthuan", id), queued);
    EXPECT_THAT(net.row("ninhthuan", id).hops, ElementsAre("vpcp", "ninhthuan", "thuannam", "ninhhai"));
    EXPECT_TRUE(net.balance());
}

TEST_F(returned, to_its_origin) {
    auto own = net.submit("ninhthuan", "<own/>");
    net.pass("ninhthuan", "thuannam");
    std::vector<std::int64_t> rows;
    for (const auto& q : net["thuannam"]->read_queued({}, 10))
        if (q.hops.size() == 1) rows.push_back(q.seq); // not the one of the fixture
    const auto back = net["thuannam"]->load_leg(rows);
    ASSERT_TRUE(net.take("ninhthuan", net.as_received(*back, "thuannam", "ninhthuan", store::fate::consign)));
    EXPECT_EQ(net.state("ninhthuan", own.recipients.at(0).delivery_id), consigned);
    EXPECT_TRUE(net.balance());
    EXPECT_EQ(net["ninhthuan"]->read_origin_books().open, 1u);
    EXPECT_EQ(net["ninhthuan"]->read_books().from_agencies, 1u);
}

TEST_F(returned, a_late_answer_to_the_first_offer_does_not_give_it_away_again) {
    net.pass("thuannam", "ninhthuan");
    std::vector<store::queued_delivery> told;
    net["ninhthuan"].on_commit = [&](const auto& n) { told.insert(told.end(), n.queued.begin(), n.queued.end()); };
    net.acknowledge("ninhthuan", "thuannam", *first);
    EXPECT_EQ(net.state("ninhthuan", id), queued);
    net["ninhthuan"].close();
    ASSERT_EQ(told.size(), 1u); // whoever offered it has forgotten it by now
    EXPECT_THAT(told[0].hops, ElementsAre("vpcp", "ninhthuan", "thuannam"));
}

TEST_F(returned, who_had_it_before_cannot_end_it_but_what_it_stated_counts_once_custody_is_there_again) {
    net.pass("thuannam", "ninhthuan");
    auto offered = net.waiting("ninhthuan");
    ASSERT_TRUE(net.take("thuannam", net.leg("ninhthuan", "thuannam"))); // and its answer is lost
    expire(net, "thuannam", net.waiting("thuannam")->rows);
    net.feed("thuannam", "ninhthuan");
    EXPECT_EQ(net.state("ninhthuan", id), queued);
    net.acknowledge("ninhthuan", "thuannam", *offered); // asked again
    EXPECT_EQ(net.state("ninhthuan", id), expired);
    EXPECT_EQ(net.row("ninhthuan", id).reason, "deadline");
    EXPECT_TRUE(net.balance());
}

TEST_F(returned, the_hop_before_does_not_end_what_it_has_given) {
    net.pass("thuannam", "ninhthuan");
    store::evidence_batch lie{"vpcp", "vpcp.1", {}, 1};
    lie.items.push_back(
        {"vpcp.1.77", event_name::expiry, "vpcp", net["vpcp"].clock().now(), a.id, id, "", "<Receipt/>"});
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { net["ninhthuan"]->take_evidence(lie, std::move(done)); }));
    EXPECT_EQ(net.state("ninhthuan", id), queued);
    net.pass("ninhthuan", "thuannam"); // which had it before
    EXPECT_EQ(net.state("ninhthuan", id), relayed);
}

TEST_F(returned, evidence_of_the_first_passing_does_not_give_it_away_again) {
    net.pass("thuannam", "ninhthuan");
    net.feed("thuannam", "ninhthuan"); // with the RelayAcceptance of the first passing
    EXPECT_EQ(net.state("ninhthuan", id), queued);
}

/// Thuận Nam has committed the leg, and its answer was lost.
struct answer_lost : testing::Test {
    answer_lost() : a(net.submit("vpcp", "<a/>")), id(a.recipients.at(0).delivery_id) {
        net.pass("vpcp", "ninhthuan");
        offered = net.waiting("ninhthuan");
        if (!net.take("thuannam", net.leg("ninhthuan", "thuannam"))) throw std::runtime_error("take");
    }
    small_network net;
    store::acceptance a;
    uuid id;
    std::optional<store::outgoing_leg> offered;
};

TEST_F(answer_lost, offering_again_is_enough) {
    net.pass("ninhthuan", "thuannam");
    EXPECT_EQ(net.state("ninhthuan", id), relayed);
    EXPECT_EQ(net["thuannam"]->read_books().taken_in(), 1u);
    EXPECT_TRUE(net.balance());
}

TEST_F(answer_lost, the_neighbours_event_says_the_same) {
    net.feed("thuannam", "ninhthuan");
    EXPECT_EQ(net.state("ninhthuan", id), relayed);
    EXPECT_EQ(net.row("ninhthuan", id).passed_to, "thuannam");
    EXPECT_TRUE(net.balance());
}

TEST_F(answer_lost, custody_that_comes_back_meanwhile_is_not_given_away_by_a_late_answer) {
    net.pass("thuannam", "ninhthuan"); // it has been queued here all the time
    EXPECT_EQ(net.state("ninhthuan", id), queued);
    EXPECT_THAT(net.row("ninhthuan", id).hops, ElementsAre("vpcp", "ninhthuan", "thuannam"));
    net.acknowledge("ninhthuan", "thuannam", *offered);
    EXPECT_EQ(net.state("ninhthuan", id), queued);
    // The next passing has a larger custody number than Thuận Nam's own, so that it takes custody back.
    net.pass("ninhthuan", "thuannam");
    EXPECT_EQ(net.state("thuannam", id), queued);
    EXPECT_EQ(net.state("ninhthuan", id), relayed);
    EXPECT_TRUE(net.balance());
}

TEST_F(answer_lost, a_second_way_to_the_home_node_makes_no_second_delivery) {
    net.pass("ninhthuan", "cana", store::fate::consign); // another next hop by now
    net.pass("thuannam", "cana", store::fate::consign);  // and the copy that nobody knows of
    EXPECT_EQ(net["cana"]->read_inbox({commune}, {}, {}, 10).size(), 1u);
    ASSERT_TRUE(net["cana"].conclude(id));
    // Both who gave it learn the end.
    net.feed("cana", "thuannam");
    net.feed("cana", "ninhthuan");
    net.feed("thuannam", "ninhthuan");
    net.feed("ninhthuan", "vpcp");
    for (const auto* node : {"thuannam", "ninhthuan", "vpcp"}) EXPECT_EQ(net.state(node, id), handed_over) << node;
    EXPECT_TRUE(net.balance());
}

TEST_F(answer_lost, a_copy_that_ended_elsewhere_does_not_end_the_one_that_went_on) {
    net.pass("ninhthuan", "cana", store::fate::consign);
    expire(net, "thuannam", net.waiting("thuannam")->rows);
    net.feed("thuannam", "ninhthuan");
    EXPECT_EQ(net.state("ninhthuan", id), relayed);
    ASSERT_TRUE(net["cana"].conclude(id));
    net.feed("cana", "ninhthuan");
    EXPECT_EQ(net.state("ninhthuan", id), handed_over);
}

TEST_F(answer_lost, the_end_itself_comes_before_the_answer) {
    expire(net, "thuannam", net.waiting("thuannam")->rows);
    net.feed("thuannam", "ninhthuan");
    EXPECT_EQ(net.state("ninhthuan", id), expired);
    EXPECT_FALSE(net.waiting("ninhthuan"));
    EXPECT_TRUE(net.balance());
    net.acknowledge("ninhthuan", "thuannam", *offered);
    EXPECT_EQ(net.state("ninhthuan", id), expired);
}

// --- who was never given it
// -----------------------------------------------------------------------------------------------

/// What a neighbour offers that the directory does not place on the delivery's way.
store::incoming_leg from_aside(small_network& net, const store::outgoing_leg& known, const std::string& giver,
                               const std::string& to, std::size_t hops) {
    auto leg = net.as_received(known, "ninhthuan", to);
    leg.neighbour = giver;
    leg.hops.assign(hops, "x");
    leg.hops.front() = "vpcp";
    leg.hops.back() = giver;
    for (auto& d : leg.deliveries) d.on_its_way = false;
    return leg;
}

/// Cà Ná got another delivery of the same dispatch, and makes up a leg for this one.
TEST_F(returned, made_up_hops_move_nothing_and_tell_nothing) {
    auto lie = from_aside(net, *first, "cana", "ninhthuan", hop_limit + 2);
    const auto taken = net.take("ninhthuan", std::move(lie));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::directory_behind);
    EXPECT_TRUE(describe(taken.error().code).retryable);
    EXPECT_EQ(net.state("ninhthuan", id), relayed);
    EXPECT_THAT(net.row("ninhthuan", id).hops, ElementsAre("vpcp"));
    EXPECT_THAT(net["ninhthuan"]->read_feed({store::feed_of_node("cana")}, 0, 10), testing::IsEmpty());
    // With a small number it is an old copy, as far as anybody can tell, and as little.
    ASSERT_TRUE(net.take("ninhthuan", from_aside(net, *first, "cana", "ninhthuan", 1)));
    expire(net, "thuannam", net.waiting("thuannam")->rows);
    net.feed("thuannam", "ninhthuan");
    EXPECT_EQ(net.state("ninhthuan", id), expired);
    EXPECT_THAT(net["ninhthuan"]->read_feed({store::feed_of_node("cana")}, 0, 10), testing::IsEmpty());
    EXPECT_TRUE(net.balance());
}

TEST_F(returned, made_up_hops_do_not_count_while_it_waits) {
    net.pass("thuannam", "ninhthuan");
    const auto known = net.waiting("ninhthuan");
    EXPECT_FALSE(net.take("ninhthuan", from_aside(net, *known, "cana", "ninhthuan", hop_limit)));
    EXPECT_THAT(net.row("ninhthuan", id).hops, ElementsAre("vpcp", "ninhthuan", "thuannam"));
}

TEST_F(returned, by_another_way_it_waits_for_the_evidence_that_it_was_there) {
    net.pass("thuannam", "ninhhai");
    const auto back = net.waiting("ninhhai");
    const auto offer = [&] {
        auto leg = net.as_received(*back, "ninhhai", "ninhthuan");
        leg.deliveries[0].on_its_way = false;
        return net.take("ninhthuan", std::move(leg));
    };
    EXPECT_FALSE(offer());
    EXPECT_EQ(net.state("ninhthuan", id), relayed);
    net.feed("ninhhai", "thuannam");
    net.feed("thuannam", "ninhthuan");
    ASSERT_TRUE(offer());
    EXPECT_EQ(net.state("ninhthuan", id), queued);
    EXPECT_TRUE(net.balance());
}

TEST_F(returned, what_is_new_here_is_taken_only_from_where_it_comes) {
    const auto taken = net.take("ninhhai", from_aside(net, *first, "cana", "ninhhai", 2));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::directory_behind);
    EXPECT_EQ(net["ninhhai"]->ledger_size(), 0u);
    EXPECT_EQ(net["ninhhai"]->read_books().taken_in(), 0u);
}

TEST_F(returned, an_end_that_does_not_count_here_is_told_only_once_it_does) {
    net.pass("thuannam", "ninhthuan");
    auto offered = net.waiting("ninhthuan");
    ASSERT_TRUE(net.take("thuannam", net.leg("ninhthuan", "thuannam"))); // and its answer is lost
    expire(net, "thuannam", net.waiting("thuannam")->rows);
    net.feed("thuannam", "ninhthuan");
    const auto ends_told = [&](const std::string& reader) {
        const auto feed = net["ninhthuan"]->read_feed({store::feed_of_node(reader)}, 0, 100);
        return std::count_if(feed.begin(), feed.end(), [](const auto& e) { return e.event == event_name::expiry; });
    };
    EXPECT_EQ(ends_told("vpcp"), 0);
    net.feed("ninhthuan", "vpcp");
    EXPECT_EQ(net.state("vpcp", id), relayed);
    // Nor does a neighbour hear of it that begins to read now.
    auto copy = net.as_received(*offered, "ninhthuan", "ninhthuan");
    copy.neighbour = "ninhhai";
    ASSERT_TRUE(net.take("ninhthuan", std::move(copy)));
    EXPECT_EQ(ends_told("ninhhai"), 0);
    net.acknowledge("ninhthuan", "thuannam", *net.waiting("ninhthuan"));
    EXPECT_EQ(net.state("ninhthuan", id), expired);
    EXPECT_EQ(ends_told("vpcp"), 1);
    net.feed("ninhthuan", "vpcp");
    EXPECT_EQ(net.state("vpcp", id), expired);
    EXPECT_TRUE(net.balance());
}

TEST_F(returned, what_was_submitted_here_has_no_deliveries_that_others_made) {
    auto own = net.submit("ninhthuan", "<own/>");
    std::vector<std::int64_t> rows;
    for (const auto& q : net["ninhthuan"]->read_queued({}, 10))
        if (q.own) rows.push_back(q.seq);
    const auto out = net["ninhthuan"]->load_leg(rows);
    auto lie = net.as_received(*out, "ninhthuan", "ninhthuan");
    lie.neighbour = "thuannam";
    lie.deliveries[0].id = uuid::make(net["vpcp"].clock().now());
    lie.deliveries[0].recipient = "000.00.03.H43";
    const auto taken = net.take("ninhthuan", std::move(lie));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, errc::envelope_invalid);
    EXPECT_TRUE(net.balance());
}

} // namespace
} // namespace truc
