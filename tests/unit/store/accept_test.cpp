#include "small_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>
#include <thread>

namespace truc {
namespace {

using test::small_store;
using testing::ElementsAre;
using testing::IsEmpty;

store::refusal a_refusal(std::string_view content, errc code = errc::signature_invalid) {
    store::refusal r;
    r.client = "so-tttt";
    r.channel = "http:so-tttt";
    r.sha256 = sha256(content);
    r.code = code;
    r.what = "the document was changed";
    return r;
}

TEST(accept, gives_a_receipt_that_verifies_and_names_the_content) {
    small_store s;
    const auto a = s.accept("<a/>");
    ASSERT_TRUE(a);
    const auto r = ledger::verify_receipt(a->receipt, s.authorities());
    ASSERT_TRUE(r) << explain(r.error(), language::english);
    EXPECT_EQ(r->event.name, event_name::submission_acceptance);
    EXPECT_EQ(r->event.dispatch_id, a->id);
    EXPECT_EQ(r->event.sha256, sha256("<a/>"));
    EXPECT_EQ(r->event.signature, signature_outcome::valid);
    EXPECT_EQ(r->event.channel, "http:vpcp");
    EXPECT_THAT(r->event.to, ElementsAre("000.00.12.H43"));
}

TEST(accept, the_same_bytes_again_are_the_same_dispatch_with_the_same_receipt) {
    small_store s;
    const auto first = s.accept("<a/>");
    s.clock().advance(std::chrono::hours(50));
    const auto again = s.accept("<a/>");
    ASSERT_TRUE(first && again);
    EXPECT_FALSE(first->repeated);
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(first->id, again->id);
    EXPECT_EQ(first->receipt, again->receipt);
    EXPECT_EQ(first->recipients.at(0).delivery_id, again->recipients.at(0).delivery_id);
    EXPECT_EQ(s->read_books().taken_in(), 1u);
}

TEST(accept, a_repetition_after_a_restart_gets_the_same_receipt) {
    small_store s;
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(s.accept("<n>" + std::to_string(i) + "</n>"));
    const auto first = s.accept("<a/>");
    s.open();
    ASSERT_TRUE(s.accept("<b/>"));
    const auto again = s.accept("<a/>");
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->receipt, again->receipt);
}

TEST(accept, the_same_bytes_of_another_sender_are_another_dispatch) {
    small_store s;
    const auto first = s.accept("<a/>");
    auto d = s.dispatch("<a/>");
    d.sender = "000.00.00.H43";
    const auto other = s.accept(std::move(d));
    ASSERT_TRUE(first && other);
    EXPECT_FALSE(other->repeated);
    EXPECT_NE(first->id, other->id);
}

TEST(accept, a_repetition_gives_deliveries_only_to_recipients_it_did_not_have) {
    small_store s;
    const auto first = s.accept("<a/>");
    const auto wider = s.accept(s.dispatch("<a/>", {"000.00.12.H43", "000.00.03.H43"}));
    ASSERT_TRUE(first && wider);
    EXPECT_EQ(first->receipt, wider->receipt);
    ASSERT_EQ(wider->recipients.size(), 2u);
    EXPECT_EQ(wider->recipients[0].delivery_id, first->recipients[0].delivery_id);
    EXPECT_EQ(s->read_inbox({"000.00.03.H43"}, {}, {}, 10).size(), 1u);
    EXPECT_EQ(s->read_books().taken_in(), 2u);
}

TEST(accept, what_a_repetition_adds_is_accepted_by_an_event_of_its_own) {
    small_store s;
    const auto first = s.accept("<a/>");
    ASSERT_TRUE(first);
    const auto wider = [&] {
        auto d = s.dispatch("<a/>", {"000.00.12.H43", "000.00.03.H43", "000.00.36.H43"});
        d.elsewhere = {"000.00.36.H43"};
        return s.accept(std::move(d));
    };
    ASSERT_TRUE(wider());
    const auto events = s->ledger_size();
    ASSERT_TRUE(wider());
    EXPECT_EQ(s->ledger_size(), events) << "there is nothing to accept any more";

    const auto feed = s->read_feed({"000.00.00.G22"}, 0, 10);
    ASSERT_EQ(feed.size(), 4u);
    EXPECT_EQ(feed[0].xml, first->receipt);
    const auto added = ledger::verify_receipt(feed[2].xml, s.authorities());
    ASSERT_TRUE(added);
    EXPECT_EQ(added->event.name, event_name::submission_acceptance);
    EXPECT_EQ(added->event.dispatch_id, first->id);
    EXPECT_THAT(added->event.to, ElementsAre("000.00.03.H43", "000.00.36.H43"));
    EXPECT_THAT(added->event.answers, ElementsAre(feed[0].event_id));
    const auto consigned = ledger::verify_receipt(feed[3].xml, s.authorities());
    ASSERT_TRUE(consigned);
    EXPECT_THAT(consigned->event.to, ElementsAre("000.00.03.H43"));
    EXPECT_THAT(consigned->event.answers, ElementsAre(feed[2].event_id));
    // What goes to neighbours names the recipients that it goes to.
    const auto leg = s->load_leg({s->read_queued({}, 1).at(0).seq});
    ASSERT_TRUE(leg);
    EXPECT_EQ(leg->receipt, feed[2].xml);
    EXPECT_TRUE(s->read_books().balance());
}

TEST(accept, warns_of_another_content_under_the_same_document_id) {
    small_store s;
    ASSERT_TRUE(s.accept("<a/>"));
    const auto other = s.accept("<b/>");
    ASSERT_TRUE(other);
    EXPECT_THAT(other->warnings, ElementsAre("document_id_reused"));
    auto d = s.dispatch("<c/>");
    d.document_id = "something else";
    const auto number = s.accept(std::move(d));
    ASSERT_TRUE(number);
    EXPECT_THAT(number->warnings, ElementsAre("number_reused"));
    EXPECT_EQ(s.accept("<b/>")->warnings, other->warnings);
}

/// What the store tells of a status from one agency to the other, about a document that the Government Office has sent
/// to the department: its code, or the warnings.
struct told_of_a_status : testing::Test {
    told_of_a_status() { EXPECT_TRUE(s.accept("<a/>")); }
    std::string from(const std::string& reporter, const std::string& to, const std::string& about, bool by_sender) {
        auto d = s.dispatch(reporter + to + about + (by_sender ? "13" : "01"), {to});
        d.kind = dispatch_kind::status;
        d.sender = reporter;
        d.document_id = about;
        const auto is = [](const std::string& party) {
            return [party](const std::string& code) { return code == party; };
        };
        d.about =
            store::subject_document{about, is(by_sender ? reporter : to), is(by_sender ? to : reporter), by_sender};
        const auto a = s.accept(std::move(d));
        if (!a) return std::string(describe(a.error().code).name);
        return a->warnings.empty() ? "accepted" : a->warnings.front();
    }
    small_store s;
    const std::string office = "000.00.00.G22", department = "000.00.12.H43", stranger = "000.00.03.H43";
    const std::string id = s.dispatch("").document_id;
};

TEST_F(told_of_a_status, only_a_recipient_reports_on_a_document_seen_here) {
    EXPECT_EQ(from(department, office, id, false), "accepted");
    EXPECT_EQ(from(stranger, office, id, false), "status_not_recipient");
    EXPECT_EQ(from(office, office, id, false), "status_not_recipient") << "its sender is no recipient";
    EXPECT_EQ(from(stranger, office, "never seen", false), "document_not_seen");
    EXPECT_EQ(from(department, stranger, id, false), "document_not_seen") << "another sender's DocumentId is another's";
}

TEST_F(told_of_a_status, only_its_sender_asks_for_a_document_back_and_only_a_recipient) {
    EXPECT_EQ(from(office, department, id, true), "accepted");
    EXPECT_EQ(from(office, stranger, id, true), "status_not_recipient");
    EXPECT_EQ(from(stranger, department, id, true), "recall_not_yours");
    EXPECT_EQ(from(department, office, id, true), "recall_not_yours") << "a recipient asks nobody";
    EXPECT_EQ(from(office, department, "never seen", true), "document_not_seen");
}

TEST_F(told_of_a_status, nobody_occupies_the_number_of_another_sender) {
    auto d = s.dispatch("<b/>", {stranger});
    d.sender = department; // the same DocumentId
    ASSERT_TRUE(s.accept(std::move(d)));
    EXPECT_EQ(from(office, department, id, true), "accepted");
    EXPECT_EQ(from(department, stranger, id, true), "accepted");
    EXPECT_EQ(from(stranger, office, id, false), "status_not_recipient");
}

TEST(accept, large_content_lies_in_a_file_once_and_comes_back_byte_for_byte) {
    small_store s;
    const std::string bytes(300'000, 'x');
    ASSERT_TRUE(s.accept(bytes));
    auto d = s.dispatch(bytes);
    d.sender = "000.00.00.H43";
    ASSERT_TRUE(s.accept(std::move(d)));
    const auto content = s->open_content(sha256(bytes));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->view(), bytes);
    std::size_t files = 0;
    for (const auto& e : std::filesystem::recursive_directory_iterator(s.directory() / "content"))
        files += e.is_regular_file();
    EXPECT_EQ(files, 1u);
}

TEST(accept, many_senders_at_once_each_get_their_own_receipt) {
    small_store s;
    constexpr int senders = 8, each = 60;
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int t = 0; t < senders; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                const auto bytes = "<d>" + std::to_string(t) + "." + std::to_string(i) + "</d>";
                const auto a = s.accept(bytes);
                const auto r = a ? ledger::verify_receipt(a->receipt, s.authorities()) : fail(a.error());
                if (r && r->event.sha256 == sha256(bytes) && r->event.dispatch_id == a->id) ++good;
            }
        });
    for (auto& t : threads) t.join();
    EXPECT_EQ(good, senders * each);
    EXPECT_EQ(s->read_books().taken_in(), static_cast<std::uint64_t>(senders * each));
    EXPECT_TRUE(s->read_books().balance());
    const auto size = s->check_ledger(s.authorities());
    ASSERT_TRUE(size);
    EXPECT_EQ(*size, static_cast<std::uint64_t>(2 * senders * each));
}

TEST(accept, event_times_never_run_backwards) {
    small_store s;
    const auto first = s.accept("<a/>");
    s.clock().advance(-std::chrono::hours(3));
    const auto second = s.accept("<b/>");
    s.open();
    const auto third = s.accept("<c/>");
    const auto time = [&](const auto& a) { return ledger::verify_receipt(a->receipt, s.authorities())->event.time; };
    EXPECT_LE(time(first), time(second));
    EXPECT_LE(time(second), time(third));
}

TEST(conclude, hands_over_once_and_the_first_outcome_wins) {
    small_store s;
    const auto a = s.accept("<a/>");
    const auto id = a->recipients.at(0).delivery_id;
    const auto first = s.conclude(id);
    const auto again = s.conclude(id);
    const auto other = s.conclude(id, false);
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->event_id, again->event_id);
    EXPECT_TRUE(again->repeated);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, errc::already_ended);
    EXPECT_THAT(s->read_inbox({"000.00.12.H43"}, {}, {}, 10), IsEmpty());
    const auto b = s->read_books();
    EXPECT_EQ(b.handed_over, 1u);
    EXPECT_TRUE(b.balance());
}

TEST(conclude, a_delivery_of_somebody_else_is_not_found) {
    small_store s;
    const auto a = s.accept("<a/>");
    const auto stolen = s.conclude(a->recipients.at(0).delivery_id, true, "000.00.03.H43");
    ASSERT_FALSE(stolen);
    EXPECT_EQ(stolen.error().code, errc::not_found);
    EXPECT_FALSE(s.conclude(uuid::make(s.clock().now())));
}

TEST(refuse, the_same_refusal_within_a_day_is_counted_and_answered_with_the_same_receipt) {
    small_store s;
    const auto first = s.refuse(a_refusal("bad"));
    const auto again = s.refuse(a_refusal("bad"));
    const auto other = s.refuse(a_refusal("bad", errc::schema));
    s.clock().advance(std::chrono::hours(25));
    const auto next_day = s.refuse(a_refusal("bad"));
    ASSERT_TRUE(first && again && other && next_day);
    EXPECT_EQ(first->receipt, again->receipt);
    EXPECT_NE(first->event_id, other->event_id);
    EXPECT_NE(first->event_id, next_day->event_id);
    EXPECT_EQ(s->read_books().refused_at_door, 4u);
    EXPECT_EQ(s->ledger_size(), 3u);
    const auto r = ledger::verify_receipt(first->receipt, s.authorities());
    ASSERT_TRUE(r);
    EXPECT_EQ(r->event.reason, "signature_invalid: the document was changed");
}

TEST(accept, nothing_is_accepted_that_an_expired_node_certificate_would_prove) {
    small_store s;
    ASSERT_TRUE(s.accept("<a/>"));
    s.clock().advance(std::chrono::hours(24 * 365 * 40));
    const auto late = s.accept("<b/>");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, errc::not_ready);
    EXPECT_FALSE(s->ready());
    s.clock().advance(-std::chrono::hours(24 * 365 * 40));
    EXPECT_TRUE(s.accept("<b/>"));
    EXPECT_TRUE(s->ready());
    EXPECT_TRUE(s->read_books().balance());
}

TEST(refuse, a_flood_of_one_client_is_counted_without_growing_the_ledger) {
    small_store s;
    std::atomic<int> with_receipt{0}, answered{0};
    for (int i = 0; i < 1100; ++i)
        s->refuse(a_refusal("garbage " + std::to_string(i)), [&](result<store::refusal_record> r) {
            ++answered;
            with_receipt += r && !r->receipt.empty();
        });
    s->drain();
    EXPECT_EQ(answered, 1100);
    EXPECT_EQ(with_receipt, 1000);
    EXPECT_EQ(s->ledger_size(), 1000u);
    EXPECT_EQ(s->read_books().refused_at_door, 1100u);
}

TEST(accept, knows_what_its_sender_sent_under_an_old_code) {
    small_store s;
    const auto first = s.accept("<a/>");
    auto d = s.dispatch("<a/>");
    d.sender = "G22";
    d.sender_aliases = {"000.00.00.G22"};
    const auto again = s.accept(std::move(d));
    ASSERT_TRUE(first && again);
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->id, first->id);
    EXPECT_EQ(s->read_feed({"G22", "000.00.00.G22"}, 0, 10).size(), 2u);
}

TEST(accept, looks_up_earlier_documents_along_an_index) {
    small_store s;
    s.close();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((s.directory() / "truc.db").c_str(), &db), SQLITE_OK);
    for (const auto* sql :
         {"SELECT 1 FROM dispatch WHERE document_id = ? AND sender = ? AND kind = 0 AND business = 0",
          "SELECT 1 FROM dispatch WHERE code = ? AND code <> '' AND sender = ? AND promulgated = ? AND kind = 0",
          "SELECT seq, sender FROM dispatch WHERE document_id = ? AND kind = 0",
          "SELECT v.seq FROM delivery v WHERE v.copy_of = ? ORDER BY v.seq",
          "SELECT v.seq FROM delivery v WHERE v.recipient = ?1 AND v.state = 2 AND v.copy_of IS NULL"
          " AND v.held = 0 AND v.priority = ?2 AND v.seq > ?3 ORDER BY v.seq",
          "SELECT v.seq, v.id, v.state FROM dispatch d CROSS JOIN dispatch o CROSS JOIN delivery v"
          " WHERE d.seq = ?1 AND (o.content = d.content OR o.essence = d.essence AND o.essence NOT NULL)"
          " AND (o.door <> d.door OR o.by_gateway <> d.by_gateway) AND v.dispatch = o.seq"
          " AND v.recipient = ?2 AND v.state IN (?3, ?4) AND v.copy_of IS NULL"
          " ORDER BY v.state DESC, v.seq LIMIT 1"}) {
        std::string plan;
        const auto note = [](void* to, int, char** columns, char**) {
            static_cast<std::string*>(to)->append(columns[3]).append("\n");
            return 0;
        };
        ASSERT_EQ(sqlite3_exec(db, (std::string("EXPLAIN QUERY PLAN ") + sql).c_str(), note, &plan, nullptr),
                  SQLITE_OK);
        EXPECT_THAT(plan,
                    testing::AnyOf(testing::HasSubstr("(document_id=? AND sender=?)"),
                                   testing::HasSubstr("(code=? AND sender=?)"),
                                   testing::HasSubstr("dispatch_document (document_id=?)"),
                                   testing::HasSubstr("delivery_copy (copy_of=?)"),
                                   testing::HasSubstr("delivery_inbox (recipient=? AND priority=? AND seq>?)"),
                                   testing::AllOf(testing::HasSubstr("dispatch_essence (essence=?)"),
                                                  testing::HasSubstr("dispatch_content (content=?)"),
                                                  testing::AnyOf(testing::HasSubstr("(dispatch=? AND recipient=?)"),
                                                                 testing::HasSubstr("(recipient=? AND dispatch=?)")))));
        EXPECT_THAT(plan, testing::Not(testing::HasSubstr("SCAN")));
    }
    sqlite3_close(db);
}

TEST(conclude, a_refused_second_outcome_is_told_after_the_first_is_kept) {
    small_store s;
    const auto id = s.accept("<a/>")->recipients.at(0).delivery_id;
    std::promise<delivery_state> seen;
    s->conclude({id, {"000.00.12.H43"}, true, "", "http:so-tttt"}, [](auto) {});
    s->conclude({id, {"000.00.12.H43"}, false, "no", "http:so-tttt"}, [&](result<store::conclusion_record> r) {
        EXPECT_EQ(r.error().code, errc::already_ended);
        seen.set_value(s->find_dispatch_of_delivery(id)->deliveries.at(0).state);
    });
    EXPECT_EQ(seen.get_future().get(), delivery_state::handed_over);
}

TEST(conclude, a_long_reason_is_cut_between_two_characters) {
    small_store s;
    const auto id = s.accept("<a/>")->recipients.at(0).delivery_id;
    std::string reason = "x";
    while (reason.size() < 700) reason += "ệ";
    std::promise<void> done;
    s->conclude({id, {"000.00.12.H43"}, false, reason, "http:so-tttt"}, [&](auto) { done.set_value(); });
    done.get_future().get();
    const auto kept = s->find_dispatch_of_delivery(id)->deliveries.at(0).reason;
    EXPECT_EQ(kept, reason.substr(0, kept.size()));
    EXPECT_EQ(kept.size(), 499u);
}

} // namespace
} // namespace truc
