// Evidence that comes back: kept byte for byte, passed to the hop before, taken together with its cursor.
#include "small_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>

namespace truc {
namespace {

using test::small_network;
using test::wait_for;
using testing::ElementsAre;
using testing::IsEmpty;
using enum delivery_state;

const std::string sender = "000.00.00.G22";

void take(small_network& net, const std::string& node, store::evidence_batch batch) {
    ASSERT_TRUE(
        wait_for<std::monostate>([&](auto done) { net[node]->take_evidence(std::move(batch), std::move(done)); }));
}

std::vector<event_name> names(const std::vector<store::feed_entry>& feed) {
    std::vector<event_name> all;
    for (const auto& e : feed) all.push_back(e.event);
    return all;
}

std::int64_t number_in(test::small_store& s, const std::string& query) {
    sqlite3* db = nullptr;
    std::int64_t n = -1;
    if (sqlite3_open((s.directory() / "truc.db").c_str(), &db) == SQLITE_OK)
        sqlite3_exec(
            db, query.c_str(),
            [](void* to, int, char** columns, char**) {
                *static_cast<std::int64_t*>(to) = std::stoll(columns[0]);
                return 0;
            },
            &n, nullptr);
    sqlite3_close(db);
    return n;
}

std::int64_t count_rows(test::small_store& s, const std::string& table) {
    return number_in(s, "SELECT count(*) FROM " + table);
}

/// A document that lies in its recipient's inbox two nodes away, handed over.
struct evidence : testing::Test {
    evidence() : a(net.submit("vpcp", "<a/>")), id(a.recipients.at(0).delivery_id) {
        net.pass("vpcp", "ninhthuan");
        net.pass("ninhthuan", "thuannam", store::fate::consign);
        for (const auto* node : {"vpcp", "ninhthuan", "thuannam"}) net[node].clock().advance(std::chrono::hours(1));
        ended_at = net["thuannam"].clock().now();
        if (!net["thuannam"].conclude(id)) throw std::runtime_error("conclude");
    }
    /// Later than the end by every clock: a time that is still to come would not be believed.
    void travel_back() {
        for (const auto* node : {"vpcp", "ninhthuan"}) net[node].clock().advance(std::chrono::minutes(1));
        net.feed("thuannam", "ninhthuan");
        net.feed("ninhthuan", "vpcp");
    }
    small_network net;
    store::acceptance a;
    uuid id;
    timestamp ended_at;
};

TEST_F(evidence, travels_back_to_the_origin_unchanged_and_completes_its_trace) {
    travel_back();
    const auto of_home = net["thuannam"]->read_feed({store::feed_of_node("ninhthuan")}, 0, 10);
    const auto of_sender = net["vpcp"]->read_feed({sender}, 0, 10);
    EXPECT_THAT(names(of_home), ElementsAre(event_name::relay_acceptance, event_name::content_consignment,
                                            event_name::content_handover));
    ASSERT_EQ(of_sender.size(), 5u); // its own acceptance, Ninh Thuận's, and Thuận Nam's three
    EXPECT_EQ(of_sender[0].xml, a.receipt);
    for (std::size_t i = 0; i < of_home.size(); ++i) {
        EXPECT_EQ(of_sender[i + 2].event_id, of_home[i].event_id);
        EXPECT_EQ(of_sender[i + 2].xml, of_home[i].xml);
        EXPECT_TRUE(ledger::verify_receipt(of_sender[i + 2].xml, net["vpcp"].authorities()));
    }
    std::vector<std::string> steps;
    for (const auto& row : net["vpcp"]->trace(a.id)) {
        const auto e = ledger::parse_event(row.event_xml);
        ASSERT_TRUE(e);
        EXPECT_EQ(e->id(), row.event_id);
        steps.push_back(e->log.node + " " + std::string(to_string(e->name)));
    }
    EXPECT_THAT(steps, ElementsAre("vpcp SubmissionAcceptance", "ninhthuan RelayAcceptance", "thuannam RelayAcceptance",
                                   "thuannam ContentConsignment", "thuannam ContentHandover"));
    EXPECT_EQ(net["vpcp"]->receipts_of(a.id).size(), 5u);
    EXPECT_EQ(net["vpcp"]->receipts_of(a.id).back().delivery_id, id);
}

TEST_F(evidence, ends_what_was_passed_on_with_the_time_and_reason_of_the_end) {
    travel_back();
    for (const auto* node : {"ninhthuan", "vpcp"}) {
        const auto row = net.row(node, id);
        EXPECT_EQ(row.state, handed_over);
        EXPECT_EQ(row.ended_at, ended_at);
    }
    EXPECT_TRUE(net.balance());
    const auto b = net["ninhthuan"]->read_books();
    EXPECT_EQ(b.passed_on, 1u);
    EXPECT_EQ(b.handed_over, 0u);
    const auto origin = net["vpcp"]->read_origin_books();
    EXPECT_EQ(origin.accepted, 1u);
    EXPECT_EQ(origin.handed_over, 1u);
    EXPECT_EQ(origin.open, 0u);
}

TEST_F(evidence, read_again_changes_nothing) {
    travel_back();
    const auto before = net["vpcp"]->read_feed({sender}, 0, 100);
    take(net, "ninhthuan", net.evidence("thuannam", "ninhthuan", 0));
    take(net, "vpcp", net.evidence("ninhthuan", "vpcp", 0));
    EXPECT_EQ(net["vpcp"]->read_feed({sender}, 0, 100).size(), before.size());
    EXPECT_EQ(net["vpcp"]->trace(a.id).size(), 5u);
    EXPECT_TRUE(net.balance());
}

TEST_F(evidence, the_same_receipt_twice_in_one_batch_is_one) {
    auto batch = net.evidence("thuannam", "ninhthuan", 0);
    const auto once = batch.items;
    batch.items.insert(batch.items.end(), once.begin(), once.end());
    take(net, "ninhthuan", std::move(batch));
    EXPECT_EQ(net["ninhthuan"]->read_feed({store::feed_of_node("vpcp")}, 0, 100).size(), 1 + once.size());
}

TEST_F(evidence, the_first_end_wins) {
    auto batch = net.evidence("thuannam", "ninhthuan", 0);
    auto late = batch.items.back();
    late.event = event_name::expiry;
    late.event_id = "thuannam.1.99";
    batch.items.push_back(late);
    take(net, "ninhthuan", std::move(batch));
    EXPECT_EQ(net.state("ninhthuan", id), handed_over);
}

TEST_F(evidence, receipts_and_cursor_are_one) {
    const auto log = net["thuannam"]->log().str();
    EXPECT_EQ(net["ninhthuan"]->cursor_of("thuannam", log), 0u);
    net.feed("thuannam", "ninhthuan");
    const auto end = net["thuannam"]->read_feed({store::feed_of_node("ninhthuan")}, 0, 100).back().position + 1;
    EXPECT_EQ(net["ninhthuan"]->cursor_of("thuannam", log), end);
    EXPECT_EQ(net["ninhthuan"]->cursor_of("thuannam", "thuannam.2"), 0u);
    auto earlier = net.evidence("thuannam", "ninhthuan", 0);
    earlier.next = 1;
    take(net, "ninhthuan", std::move(earlier));
    EXPECT_EQ(net["ninhthuan"]->cursor_of("thuannam", log), end);
    net["ninhthuan"].open();
    EXPECT_EQ(net["ninhthuan"]->cursor_of("thuannam", log), end);
}

TEST_F(evidence, of_a_delivery_that_was_never_here_is_passed_over) {
    auto batch = net.evidence("thuannam", "ninhthuan", 0);
    const auto next = batch.next;
    take(net, "moi", std::move(batch));
    EXPECT_EQ(net["moi"]->cursor_of("thuannam", net["thuannam"]->log().str()), next);
    EXPECT_FALSE(net["moi"]->find_receipt("thuannam.1.0"));
}

TEST_F(evidence, of_another_dispatch_than_the_deliverys_is_passed_over) {
    auto batch = net.evidence("thuannam", "ninhthuan", 0);
    for (auto& e : batch.items) e.dispatch_id = uuid::make(net["vpcp"].clock().now());
    take(net, "ninhthuan", std::move(batch));
    EXPECT_EQ(net.state("ninhthuan", id), relayed);
}

TEST_F(evidence, does_not_end_what_lies_in_an_inbox_here) {
    const auto b = net.submit("vpcp", "<b/>");
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    auto batch = net.evidence("thuannam", "ninhthuan", 0);
    batch.items.back().dispatch_id = b.id;
    batch.items.back().delivery_id = b.recipients.at(0).delivery_id;
    take(net, "ninhthuan", std::move(batch));
    EXPECT_EQ(net.state("ninhthuan", b.recipients.at(0).delivery_id), consigned);
}

TEST_F(evidence, is_found_by_its_event_wherever_it_was_stated) {
    travel_back();
    const auto handover = net["thuannam"]->read_feed({store::feed_of_node("ninhthuan")}, 0, 10).back();
    for (const auto* node : {"thuannam", "ninhthuan", "vpcp"}) {
        const auto found = net[node]->find_receipt(handover.event_id);
        ASSERT_TRUE(found) << node;
        EXPECT_EQ(found->receipt.xml, handover.xml);
        EXPECT_EQ(found->receipt.event, event_name::content_handover);
    }
    const auto at_origin = net["vpcp"]->find_receipt(handover.event_id);
    EXPECT_THAT(at_origin->parties, ElementsAre(sender, "000.00.12.H43"));
    EXPECT_EQ(net["ninhthuan"]->find_receipt("vpcp.1.0")->receipt.xml, a.receipt);
    for (const auto* nothing : {"", ".", "vpcp.1.99", "vpcp.1.00", "vpcp.1.", "vpcp.2.0", "nobody.1.0", "0"})
        EXPECT_FALSE(net["vpcp"]->find_receipt(nothing)) << nothing;
}

TEST_F(evidence, of_one_group_shares_the_text_of_its_head) {
    // RelayAcceptance and ContentConsignment were signed together, the hand-over later.
    net.feed("thuannam", "ninhthuan");
    EXPECT_EQ(count_rows(net["ninhthuan"], "evidence"), 4); // the origin's acceptance, too
    EXPECT_EQ(count_rows(net["ninhthuan"], "foreign_head"), 3);
}

TEST_F(evidence, comes_back_byte_for_byte_however_it_is_written) {
    const auto model = net.evidence("thuannam", "ninhthuan", 0).items.at(1); // no end: each is passed on
    const std::vector<std::string> texts = {
        "",
        "no head at all",
        "<SignedTreeHead",
        "</SignedTreeHead> before <SignedTreeHead>",
        "<SignedTreeHead>a</SignedTreeHead> twice <SignedTreeHead>b</SignedTreeHead>",
        "văn bản <SignedTreeHead>đầu</SignedTreeHead> kèm",
    };
    store::evidence_batch batch{"thuannam", "thuannam.1", {}, 9};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto e = model;
        e.event_id = "thuannam.1." + std::to_string(1000 + i);
        e.xml = texts[i];
        batch.items.push_back(std::move(e));
    }
    take(net, "ninhthuan", std::move(batch));
    const auto feed = net["ninhthuan"]->read_feed({store::feed_of_node("vpcp")}, 0, 100);
    ASSERT_EQ(feed.size(), 1 + texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(feed[i + 1].xml, texts[i]);
}

/// Retention and legal clocks count from it: a clock that stands elsewhere must not decide when content is destroyed.
TEST_F(evidence, of_an_end_at_an_impossible_time_is_believed_for_the_end_alone) {
    auto& origin = net["vpcp"];
    for (const auto& [bytes, stated] : {std::pair("<c/>", timestamp()), {"<d/>", from_millis(253'402'300'799'000)}}) {
        const auto other = net.submit("vpcp", bytes);
        const auto accepted = origin.clock().now();
        net.pass("vpcp", "ninhthuan");
        origin.clock().advance(std::chrono::hours(2));
        const auto delivery = other.recipients.at(0).delivery_id;
        store::evidence_batch batch{"ninhthuan", "ninhthuan.1", {}, 0};
        batch.items.push_back({std::string("ninhthuan.1.200") + bytes[1], event_name::content_handover, "thuannam",
                               stated, other.id, delivery, "", "<Receipt/>"});
        take(net, "vpcp", std::move(batch));
        const auto row = net.row("vpcp", delivery);
        EXPECT_EQ(row.state, handed_over);
        EXPECT_EQ(row.ended_at, stated == timestamp() ? accepted : origin.clock().now());
        const auto learned =
            number_in(origin, "SELECT learned_at FROM delivery WHERE seq = " + std::to_string(row.seq));
        EXPECT_EQ(learned, to_millis(origin.clock().now()));
    }
}

TEST_F(evidence, tells_the_hop_before_that_there_is_news) {
    std::vector<std::string> feeds;
    net["ninhthuan"].on_commit = [&](const auto& n) { feeds.insert(feeds.end(), n.feeds.begin(), n.feeds.end()); };
    net.feed("thuannam", "ninhthuan");
    net["ninhthuan"].close();
    EXPECT_THAT(feeds, ElementsAre("node:vpcp"));
}

TEST_F(evidence, of_each_kind_of_end_ends_upstream_alike) {
    const std::vector<std::pair<event_name, delivery_state>> ends = {
        {event_name::content_handover_failure, rejected},
        {event_name::content_consignment_failure, undeliverable},
        {event_name::relay_failure, undeliverable},
        {event_name::expiry, expired},
        {event_name::recall, recalled},
    };
    for (const auto& [event, end] : ends) {
        const auto other = net.submit("vpcp", "<n>" + std::string(to_string(event)) + "</n>");
        const auto delivery = other.recipients.at(0).delivery_id;
        net.pass("vpcp", "ninhthuan");
        store::evidence_batch batch{"ninhthuan", "ninhthuan.1", {}, 0};
        batch.items.push_back({"ninhthuan.1." + std::to_string(1000 + static_cast<int>(event)), event, "ninhthuan",
                               net["ninhthuan"].clock().now(), other.id, delivery, "why", "<Receipt/>"});
        take(net, "vpcp", std::move(batch));
        EXPECT_EQ(net.state("vpcp", delivery), end) << to_string(event);
        EXPECT_EQ(net.row("vpcp", delivery).reason, "why");
    }
    EXPECT_TRUE(net["vpcp"]->read_books().balance());
    EXPECT_TRUE(net["vpcp"]->read_origin_books().balance());
}

TEST(positions, rise_over_all_readers_and_go_on_after_a_restart) {
    small_network net;
    std::vector<std::uint64_t> seen;
    const auto read = [&] {
        for (const auto& e : net["vpcp"]->read_feed({sender, "node:x"}, seen.empty() ? 0 : seen.back() + 1, 10))
            seen.push_back(e.position);
    };
    net.submit("vpcp", "<a/>");
    read();
    net["vpcp"].open();
    net.submit("vpcp", "<b/>");
    read();
    EXPECT_THAT(seen, ElementsAre(0, 1));
}

TEST(heads, of_a_neighbour_never_become_older) {
    small_network net;
    const auto remember = [&](const std::string& log, std::uint64_t size) {
        store::known_head h{log, size, sha256(log), net["vpcp"].clock().now(), "<head/>"};
        ASSERT_TRUE(
            wait_for<std::monostate>([&](auto done) { net["vpcp"]->remember_head("ninhthuan", h, std::move(done)); }));
    };
    EXPECT_FALSE(net["vpcp"]->head_of("ninhthuan"));
    remember("ninhthuan.1", 10);
    remember("ninhthuan.1", 7);
    EXPECT_EQ(net["vpcp"]->head_of("ninhthuan")->size, 10u);
    remember("ninhthuan.1", 12);
    EXPECT_EQ(net["vpcp"]->head_of("ninhthuan")->size, 12u);
    remember("ninhthuan.2", 3); // a restored copy
    const auto head = net["vpcp"]->head_of("ninhthuan");
    EXPECT_EQ(head->log, "ninhthuan.2");
    EXPECT_EQ(head->size, 3u);
    EXPECT_EQ(head->root, sha256("ninhthuan.2"));
    EXPECT_EQ(head->xml, "<head/>");
    EXPECT_FALSE(net["vpcp"]->head_of("thuannam"));
}

TEST(sections, are_kept_in_every_version_once) {
    small_network net;
    const auto keep = [&](const std::string& node, std::uint64_t version, const std::string& text) {
        ASSERT_TRUE(wait_for<std::monostate>([&](auto done) {
            net["vpcp"]->keep_section({node, version, text}, std::move(done));
        }));
    };
    EXPECT_THAT(net["vpcp"]->section_versions(), IsEmpty());
    keep("ninhthuan", 1, "one");
    keep("thuannam", 4, "four");
    keep("ninhthuan", 2, "two");
    keep("ninhthuan", 1, "another one");
    net["vpcp"].open();
    std::vector<std::string> all;
    for (const auto& v : net["vpcp"]->section_versions())
        all.push_back(v.node + std::to_string(v.version) + net["vpcp"]->read_section(v.node, v.version).value());
    EXPECT_THAT(all, ElementsAre("ninhthuan1one", "thuannam4four", "ninhthuan2two"));
    EXPECT_FALSE(net["vpcp"]->read_section("ninhthuan", 3));
    EXPECT_FALSE(net["vpcp"]->read_section("phutho", 1));
}

TEST(sections, that_wait_count_when_it_is_said) {
    small_network net;
    const auto keep = [&](bool counts) {
        ASSERT_TRUE(wait_for<std::monostate>([&](auto done) {
            net["vpcp"]->keep_section({"ninhthuan", 1, "one", counts}, std::move(done));
        }));
    };
    const auto counts = [&] { return net["vpcp"]->section_versions().at(0).counts; };
    keep(false);
    EXPECT_FALSE(counts());
    ASSERT_TRUE(
        wait_for<std::monostate>([&](auto done) { net["vpcp"]->count_section("ninhthuan", 1, std::move(done)); }));
    EXPECT_TRUE(counts());
    keep(false); // judged anew after the node had been forgotten
    EXPECT_FALSE(counts());
}

} // namespace
} // namespace truc
