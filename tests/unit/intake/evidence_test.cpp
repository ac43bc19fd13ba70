// What a neighbour's feed may say about deliveries, and what it may not.
#include "../../../src/intake/evidence_patience.hpp"
#include "exchange.hpp"

#include <sqlite3.h>

namespace truc {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class evidence_test : public exchange {
  protected:
    evidence_test() {
        leg_ = leg_to({commune, district});
        if (!take(leg_)) throw std::runtime_error("the leg was not taken");
        pass_on({commune, district}, "thuannam");
    }

    void pass_on(const std::vector<std::string>& recipients, const std::string& neighbour) {
        store::passing p;
        p.neighbour = neighbour;
        for (const auto& q : s_->read_queued({}, 10))
            if (std::find(recipients.begin(), recipients.end(), q.recipient) != recipients.end())
                p.rows.push_back(q.seq);
        p.hops = row_of(leg_, recipients.front()).hops;
        p.hops.emplace_back("ninhthuan");
        const auto done = wait_for<std::monostate>([&](auto d) { s_->pass_on(p, std::move(d)); });
        if (!done) throw std::runtime_error("not passed on");
    }

    ledger::event about(const std::string& recipient, event_name name) const {
        ledger::event e;
        e.name = name;
        e.time = s_.clock().now();
        e.dispatch_id = leg_.header.dispatch_id;
        e.delivery_id = row_of(leg_, recipient).id;
        e.from = government;
        e.to = {recipient};
        e.sha256 = sha256(leg_.content);
        return e;
    }
    intake::transit::fed_receipt fed(std::string xml) { return {std::move(xml), ++cursor_}; }
    store::evidence_batch read(const std::vector<intake::transit::fed_receipt>& receipts,
                               const std::string& neighbour = "thuannam") {
        return transit_->examine_evidence(neighbour, neighbour + ".1", receipts.front().cursor - 1, receipts);
    }
    void keep(store::evidence_batch batch) {
        ASSERT_TRUE(wait_for<std::monostate>([&](auto d) { s_->take_evidence(std::move(batch), std::move(d)); }));
    }
    /// "taken", "passed over", "waits: " and the alarm's text, or kind and text of another alarm.
    std::string verdict(std::string xml, const std::string& neighbour = "thuannam") {
        for (const auto& a : alarms_.list()) alarms_.clear(a.kind, a.subject);
        const auto cursor = cursor_ + 1;
        const auto batch = read({fed(std::move(xml))}, neighbour);
        const auto alarms = alarms_.list();
        EXPECT_TRUE(alarms.empty() || batch.items.empty());
        EXPECT_LE(alarms.size(), 1u);
        EXPECT_EQ(batch.next != cursor, !alarms.empty() && alarms.front().kind == "evidence_waits");
        if (alarms.empty()) return batch.items.empty() ? "passed over" : "taken";
        EXPECT_EQ(alarms.front().subject, neighbour);
        const auto& kind = alarms.front().kind;
        return (kind == "evidence_waits" ? "waits" : kind) + ": " + alarms.front().text;
    }
    std::string verdict(const ledger::event& e, const std::string& node) { return verdict(receipt_of(e, node)); }

    offered_leg leg_;
    std::uint64_t cursor_ = 100;
};

TEST_F(evidence_test, an_end_is_believed_and_the_cursor_moves) {
    const auto batch = read({fed(receipt_of(about(commune, event_name::relay_acceptance), "thuannam")),
                             fed(receipt_of(about(commune, event_name::content_consignment), "phuocdinh")),
                             fed(receipt_of(about(commune, event_name::content_handover), "phuocdinh"))});
    ASSERT_EQ(batch.items.size(), 3u);
    EXPECT_EQ(batch.next, 103u);
    EXPECT_EQ(batch.items[2].node, "phuocdinh");
    EXPECT_EQ(batch.items[2].event, event_name::content_handover);
    keep(batch);
    EXPECT_EQ(row_of(leg_, commune).state, delivery_state::handed_over);
    EXPECT_EQ(row_of(leg_, district).state, delivery_state::relayed);
    EXPECT_EQ(s_->cursor_of("thuannam", "thuannam.1"), 103u);
    EXPECT_TRUE(alarms_.list().empty());
}

TEST_F(evidence_test, a_replayed_receipt_changes_nothing) {
    const auto once = fed(receipt_of(about(commune, event_name::content_handover), "phuocdinh"));
    keep(read({once}));
    const auto row = row_of(leg_, commune);
    const auto feed = s_->read_feed({store::feed_of_node("trung-uong")}, 0, 100).size();
    s_.clock().advance(std::chrono::hours(1));
    keep(read({once, fed(once.xml)}));
    EXPECT_EQ(row_of(leg_, commune).ended_at, row.ended_at);
    EXPECT_EQ(s_->read_feed({store::feed_of_node("trung-uong")}, 0, 100).size(), feed);
}

TEST_F(evidence_test, a_cursor_that_does_not_rise_ends_the_batch) {
    const auto one = fed(receipt_of(about(commune, event_name::relay_acceptance), "thuannam"));
    const auto batch = read({one, one});
    EXPECT_EQ(batch.items.size(), 1u);
    EXPECT_EQ(batch.next, one.cursor);
    EXPECT_EQ(alarms_.list().size(), 1u);
}

TEST_F(evidence_test, a_receipt_must_hold) {
    auto text = receipt_of(about(commune, event_name::content_handover), "phuocdinh");
    text.replace(text.find("ContentHandover"), 15, "ContentHandOver");
    EXPECT_THAT(verdict(text), HasSubstr("receipt_invalid"));
    EXPECT_THAT(verdict(std::string("<Receipt/>")), HasSubstr("receipt_invalid"));
    const test_pki others;
    EXPECT_THAT(verdict(receipt_of(about(commune, event_name::content_handover), "phuocdinh",
                                   others.node("phuocdinh").signing_key())),
                HasSubstr("certificate_unknown"));
}

TEST_F(evidence_test, a_neighbour_brings_what_became_of_the_deliveries_it_was_given) {
    // The recipient's home moved while it was under way: the neighbour sent it on to a node that is not behind it.
    EXPECT_EQ(verdict(about(commune, event_name::relay_failure), "laocai"), "taken");
    // The one above was not given what went down.
    EXPECT_THAT(verdict(receipt_of(about(commune, event_name::content_handover), "phuocdinh"), "trung-uong"),
                HasSubstr("was not passed to it"));
}

TEST_F(evidence_test, what_this_node_stated_itself_comes_round_in_vain) {
    EXPECT_EQ(verdict(receipt_of(about(commune, event_name::relay_acceptance), "ninhthuan")), "passed over");
}

TEST_F(evidence_test, only_deliveries_passed_to_it_are_its_business) {
    auto stranger = about(commune, event_name::relay_acceptance);
    stranger.delivery_id = uuid::make(s_.clock().now());
    EXPECT_EQ(verdict(stranger, "thuannam"), "passed over") << "a restored copy lacks deliveries that were there";
    stranger.delivery_id.reset();
    EXPECT_THAT(verdict(stranger, "thuannam"), HasSubstr("is about no delivery"));
    EXPECT_THAT(verdict(about(commune, event_name::submission_acceptance), "thuannam"),
                HasSubstr("is about no delivery"));

    const auto mine = leg_to({department});
    ASSERT_TRUE(take(mine));
    auto e = about(commune, event_name::content_handover);
    e.dispatch_id = mine.header.dispatch_id;
    e.delivery_id = row_of(mine, department).id;
    e.to = {department};
    e.sha256 = sha256(mine.content);
    EXPECT_THAT(verdict(e, "thuannam"), HasSubstr("was not passed to it"));
}

TEST_F(evidence_test, where_an_answer_was_lost_the_neighbours_word_is_taken) {
    const auto next = leg_to({commune});
    ASSERT_TRUE(take(next));
    auto e = about(commune, event_name::relay_acceptance);
    e.dispatch_id = next.header.dispatch_id;
    e.delivery_id = row_of(next, commune).id;
    e.sha256 = sha256(next.content);
    EXPECT_EQ(row_of(next, commune).state, delivery_state::queued);
    EXPECT_EQ(verdict(e, "thuannam"), "taken");
}

TEST_F(evidence_test, it_agrees_with_the_delivery) {
    auto e = about(commune, event_name::content_handover);
    e.dispatch_id = uuid::make(s_.clock().now());
    EXPECT_THAT(verdict(e, "phuocdinh"), HasSubstr("DispatchId"));
    e = about(commune, event_name::content_handover);
    e.sha256 = sha256("another");
    EXPECT_THAT(verdict(e, "phuocdinh"), HasSubstr("Sha256"));
    e.sha256.reset();
    EXPECT_THAT(verdict(e, "phuocdinh"), HasSubstr("Sha256"));
    for (const auto& to : {std::vector<std::string>{}, {commune, district}}) {
        e = about(commune, event_name::content_handover);
        e.to = to;
        EXPECT_THAT(verdict(e, "phuocdinh"), StartsWith("neighbour_lies: "));
    }
}

TEST_F(evidence_test, of_the_inbox_speaks_its_home_node_only) {
    for (const auto name : {event_name::content_consignment, event_name::content_consignment_failure,
                            event_name::content_handover, event_name::content_handover_failure}) {
        // Perhaps it is by now, and this node has not heard of it yet.
        EXPECT_THAT(verdict(about(commune, name), "thuannam"), StartsWith("waits: "));
        EXPECT_EQ(verdict(about(commune, name), "phuocdinh"), "taken");
        EXPECT_THAT(verdict(about(district, name), "phuocdinh"), StartsWith("waits: "));
    }
    for (const auto name : {event_name::relay_acceptance, event_name::relay_failure, event_name::expiry})
        EXPECT_EQ(verdict(about(commune, name), "thuannam"), "taken");
}

TEST_F(evidence_test, a_node_that_was_the_home_may_still_report) {
    pipeline_->reload(around(agency(commune, "thuannam"), {commune}));
    EXPECT_EQ(verdict(about(commune, event_name::content_handover), "phuocdinh"), "taken");
    EXPECT_EQ(verdict(about(commune, event_name::content_handover), "thuannam"), "taken");
    EXPECT_THAT(verdict(about(district, event_name::content_handover), "phuocdinh"), StartsWith("waits: "));
}

TEST_F(evidence_test, a_successor_may_have_received_it) {
    pipeline_->reload(around(
        agency(commune, "phuocdinh", R"(, "valid_to": "2021-01-01T00:00:00+07:00", "successors": ["000.00.36.H43"])"),
        {commune}));
    auto e = about(commune, event_name::content_handover);
    e.to = {district};
    EXPECT_EQ(verdict(e, "thuannam"), "taken");
    e.to = {department};
    EXPECT_THAT(verdict(e, "thuannam"), StartsWith("waits: "));
}

TEST_F(evidence_test, a_closing_that_is_not_known_here_yet_makes_nobody_a_liar) {
    auto e = about(commune, event_name::content_handover);
    for (const auto* successor : {district, "000.00.99.H43"}) {
        e.to = {successor};
        EXPECT_THAT(verdict(e, "thuannam"), AllOf(StartsWith("waits: "), HasSubstr("does not stand in the place of")));
    }
    pipeline_->reload(around(
        agency(commune, "phuocdinh", R"(, "valid_to": "2021-01-01T00:00:00+07:00", "successors": ["000.00.36.H43"])"),
        {commune}));
    e.to = {district};
    EXPECT_EQ(verdict(e, "thuannam"), "taken");
}

TEST_F(evidence_test, a_way_that_moved_after_the_answer_was_lost_changes_nothing) {
    const auto next = leg_to({commune});
    ASSERT_TRUE(take(next));
    auto e = about(commune, event_name::relay_acceptance);
    e.dispatch_id = next.header.dispatch_id;
    e.delivery_id = row_of(next, commune).id;
    e.sha256 = sha256(next.content);
    pipeline_->reload(around(agency(commune, "laocai"), {commune}));
    EXPECT_EQ(verdict(e, "thuannam"), "taken");
    // Whoever knows the dispatch can name its deliveries.
    EXPECT_THAT(verdict(receipt_of(e, "laocai"), "laocai"),
                AllOf(StartsWith("waits: "), HasSubstr("not the one to be asked first")));
    s_.clock().advance(intake::evidence_patience::limit);
    EXPECT_THAT(verdict(receipt_of(e, "laocai"), "laocai"), StartsWith("evidence_refused: "));
    EXPECT_EQ(row_of(next, commune).state, delivery_state::queued);
}

TEST_F(evidence_test, what_the_directory_does_not_know_yet_is_asked_for_again) {
    const auto unknown = receipt_of(about(commune, event_name::expiry), "cana");
    const auto batch = read({fed(receipt_of(about(commune, event_name::relay_acceptance), "thuannam")), fed(unknown),
                             fed(receipt_of(about(commune, event_name::content_handover), "phuocdinh"))});
    EXPECT_EQ(batch.items.size(), 1u);
    EXPECT_EQ(batch.next, 101u);
    pipeline_->reload(around({}, {commune}));
    EXPECT_THAT(verdict(about(commune, event_name::content_handover), "phuocdinh"), StartsWith("waits: "));
}

TEST_F(evidence_test, a_node_that_is_new_is_believed_what_ends_nothing) {
    for (const auto name : {event_name::relay_acceptance, event_name::content_consignment, event_name::other}) {
        auto e = about(commune, name);
        if (name == event_name::other) e.other_name = "ContentArchived";
        EXPECT_EQ(verdict(e, "cana"), "taken");
    }
    for (const auto name :
         {event_name::content_consignment_failure, event_name::content_handover, event_name::content_handover_failure,
          event_name::relay_failure, event_name::recall, event_name::expiry})
        EXPECT_THAT(verdict(about(commune, name), "cana"),
                    AllOf(StartsWith("waits: "), HasSubstr("cana is not known")));
}

TEST_F(evidence_test, a_feed_that_stands_says_so_until_it_goes_on) {
    auto unknown = about(commune, event_name::expiry);
    const auto first = receipt_of(unknown, "cana");
    const auto waiting = fed(first);
    EXPECT_EQ(read({waiting}).next, 100u);
    ASSERT_EQ(alarms_.list().size(), 1u);
    EXPECT_EQ(alarms_.list().front().kind, "evidence_waits");
    EXPECT_EQ(alarms_.list().front().subject, "thuannam");
    EXPECT_THAT(alarms_.list().front().text, AllOf(HasSubstr("event cana."), HasSubstr("cana is not known")));
    pipeline_->reload(around(line("node", R"("name": "cana", "level": "commune", "parent": "thuannam")")));
    EXPECT_EQ(read({waiting}).items.size(), 1u);
    EXPECT_TRUE(alarms_.list().empty());
}

TEST_F(evidence_test, what_can_never_be_judged_does_not_keep_the_rest_back) {
    const auto wait = intake::evidence_patience::limit;
    const auto hopeless = fed(receipt_of(about(commune, event_name::expiry), "cana"));
    const auto same_node = fed(receipt_of(about(district, event_name::expiry), "cana"));
    const auto good = fed(receipt_of(about(commune, event_name::content_handover), "phuocdinh"));
    EXPECT_EQ(read({hopeless, same_node, good}).next, 100u);
    s_.clock().advance(wait - milliseconds(1));
    EXPECT_EQ(read({hopeless}).next, 100u) << "read anew, as over another connection";
    s_.clock().advance(milliseconds(1));
    const auto batch = read({hopeless, same_node, good});
    EXPECT_EQ(batch.next, good.cursor) << "what waits for the same does not wait once more";
    ASSERT_EQ(batch.items.size(), 1u);
    EXPECT_EQ(batch.items[0].event, event_name::content_handover);
    ASSERT_EQ(alarms_.list().size(), 1u);
    EXPECT_EQ(alarms_.list().front().kind, "evidence_refused");
    EXPECT_EQ(alarms_.list().front().subject, "thuannam");
    EXPECT_EQ(alarms_.list().front().count, 2u);
    EXPECT_THAT(alarms_.list().front().text, HasSubstr("event cana."));
}

TEST_F(evidence_test, patience_begins_anew_once_the_feed_went_on) {
    const auto wait = intake::evidence_patience::limit;
    const auto unknown = [&] { return receipt_of(about(commune, event_name::expiry), "cana"); };
    EXPECT_THAT(verdict(unknown()), StartsWith("waits: "));
    s_.clock().advance(wait);
    EXPECT_EQ(verdict(about(commune, event_name::relay_acceptance), "thuannam"), "taken");
    EXPECT_THAT(verdict(unknown()), StartsWith("waits: "));
    s_.clock().advance(wait);
    EXPECT_THAT(verdict(unknown()), StartsWith("evidence_refused: "));
    EXPECT_THAT(verdict(unknown()), StartsWith("evidence_refused: "));
    s_.clock().advance(intake::evidence_patience::memory);
    EXPECT_THAT(verdict(unknown()), StartsWith("waits: "));
}

TEST_F(evidence_test, a_handover_by_a_node_on_the_way_is_a_lie_in_the_end) {
    EXPECT_THAT(verdict(about(commune, event_name::content_handover), "thuannam"), StartsWith("waits: "));
    s_.clock().advance(intake::evidence_patience::limit);
    EXPECT_THAT(verdict(about(commune, event_name::content_handover), "thuannam"),
                AllOf(StartsWith("neighbour_lies: "), HasSubstr("thuannam is not the home")));
    EXPECT_EQ(verdict(about(commune, event_name::content_handover), "phuocdinh"), "taken");
}

TEST_F(evidence_test, a_home_that_an_earlier_process_knew_may_still_report) {
    const auto code = *agency_code::parse(commune);
    EXPECT_THAT(verdict(about(commune, event_name::content_handover), "thuannam"), StartsWith("waits: "));
    pipeline_->remember_home(code, "thuannam");
    EXPECT_EQ(verdict(about(commune, event_name::content_handover), "thuannam"), "taken");
    // By any of its codes; and what is its home today needs no memory.
    pipeline_->remember_home(*agency_code::parse("H43.12"), "laocai");
    EXPECT_TRUE(pipeline_->was_home(*agency_code::parse(department), "laocai"));
    pipeline_->remember_home(code, "phuocdinh");
    EXPECT_FALSE(pipeline_->was_home(code, "phuocdinh"));
}

TEST_F(evidence_test, events_of_newer_nodes_are_carried) {
    auto e = about(commune, event_name::other);
    e.other_name = "ContentArchived";
    const auto batch = read({fed(receipt_of(e, "phuocdinh"))});
    ASSERT_EQ(batch.items.size(), 1u);
    EXPECT_EQ(batch.items[0].event, event_name::other);
    keep(batch);
    EXPECT_EQ(row_of(leg_, commune).state, delivery_state::relayed);
    const auto feed = s_->read_feed({store::feed_of_node("trung-uong")}, 0, 100);
    EXPECT_EQ(feed.back().xml, batch.items[0].xml) << "to the hop before, unchanged";
    e.delivery_id.reset();
    EXPECT_EQ(verdict(e, "phuocdinh"), "passed over");
}

/// Many receipts, one alarm: it counts the documents.
TEST_F(evidence_test, a_restored_copy_lacks_what_neighbours_have_evidence_of) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((s_.directory() / "truc.db").c_str(), &db), SQLITE_OK);
    EXPECT_EQ(
        sqlite3_exec(db, "INSERT INTO former_log (epoch, size, head) VALUES (0, 0, '')", nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close(db);
    for (int document = 0; document < 2; ++document) {
        auto lost = about(commune, event_name::relay_acceptance);
        lost.dispatch_id = uuid::make(s_.clock().now());
        lost.delivery_id = uuid::make(s_.clock().now());
        const auto taken = fed(receipt_of(lost, "thuannam"));
        lost.name = event_name::content_handover;
        const auto batch = read({taken, fed(receipt_of(lost, "phuocdinh"))});
        EXPECT_TRUE(batch.items.empty());
        EXPECT_EQ(batch.next, cursor_);
    }
    ASSERT_EQ(alarms_.list().size(), 1u);
    const auto alarm = alarms_.list().front();
    EXPECT_EQ(alarm.kind, "lost_in_restore");
    EXPECT_EQ(alarm.subject, "thuannam");
    EXPECT_EQ(alarm.count, 2u);
    EXPECT_THAT(alarm.text, testing::HasSubstr("2 documents"));
}

TEST_F(evidence_test, custody_that_came_back_leaves_true_receipts_behind) {
    auto back = leg_;
    back.neighbour = "thuannam";
    back.header.hops = {"trung-uong", "ninhthuan", "thuannam"};
    ASSERT_TRUE(take(back));
    ASSERT_EQ(row_of(leg_, commune).state, delivery_state::queued);
    pass_on({commune}, "trung-uong");
    EXPECT_EQ(verdict(about(commune, event_name::relay_acceptance), "thuannam"), "taken") << "of the time it had it";
}

} // namespace
} // namespace truc
