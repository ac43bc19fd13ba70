// The crash between every two steps: a process accepts documents while its n-th request to the disk fails, or while it
// dies just before that request, for every n. Whatever it answered must be found afterwards exactly once; nothing else
// may be half there.
#include "faulty_disk.hpp"

#include <gtest/gtest.h>

namespace truc {
namespace {

using test::fault_kind;
using test::small_store;

/// The bytes of document i: every third one is large enough for a content file.
std::string document(int i) { return "<d>" + std::to_string(i) + std::string(i % 3 == 0 ? 70'000 : 100, 'x') + "</d>"; }

constexpr int documents = 4;

/// Accepts documents one after the other.
void live(store::store& s, const std::function<void(int)>& answered) {
    for (int i = 0; i < documents; ++i) {
        store::new_dispatch d;
        d.sender = "000.00.00.G22";
        d.document_id = std::to_string(i);
        d.recipients = {"000.00.12.H43"};
        d.content = s.new_spool();
        if (!d.content.append(document(i)) || !d.content.finish() || !s.link(d.content)) continue;
        if (test::wait_for<store::acceptance>([&](auto done) { s.accept(std::move(d), std::move(done)); })) answered(i);
    }
}

/// What a reopened store must hold, whatever happened before.
void expect_whole(small_store& s, const std::set<int>& answered) {
    ASSERT_TRUE(s->check_ledger(s.authorities()));
    EXPECT_TRUE(s->read_books().balance());
    const auto items = s->read_inbox({"000.00.12.H43"}, {}, {}, 100);
    std::multiset<std::string> ids;
    for (const auto& i : items) {
        ids.insert(i.document_id);
        const auto content = s->open_content(i.sha256);
        ASSERT_TRUE(content);
        EXPECT_EQ(content->view(), document(std::stoi(i.document_id)));
    }
    for (const int i : answered) EXPECT_EQ(ids.count(std::to_string(i)), 1u) << "document " << i << " was answered";
    for (const auto& id : ids) EXPECT_EQ(ids.count(id), 1u);
    EXPECT_EQ(s->read_books().taken_in(), items.size());
    for (const auto& r : s->read_feed({"000.00.00.G22"}, 0, 100))
        EXPECT_TRUE(ledger::verify_receipt(r.xml, s.authorities()));
}

void sweep(fault_kind k) { test::sweep_requests(k, documents, live, expect_whole); }

TEST(disk_fault, an_error_at_any_request_loses_and_doubles_nothing) { sweep(fault_kind::error); }
TEST(disk_fault, a_disk_full_from_any_write_on_is_answered_and_survived) { sweep(fault_kind::full); }
TEST(disk_fault, a_death_before_any_request_loses_and_doubles_nothing) { sweep(fault_kind::death); }

// --- a second copy, and the end of the first ----------------------------------------------------------------------

/// The same document from a client and from a gateway; then the recipient's system takes the first, or refuses it.
test::short_life two_copies(bool taken) {
    return [taken](store::store& s, const std::function<void(int)>& answered) {
        std::optional<uuid> first;
        for (int i = 0; i < 2; ++i) {
            store::new_dispatch d;
            d.sender = "000.00.00.G22";
            d.document_id = std::to_string(i);
            d.recipients = {"000.00.12.H43"};
            d.essence = sha256("the letter");
            d.by_gateway = i == 1;
            d.content = s.new_spool();
            if (!d.content.append(document(i + 1)) || !d.content.finish() || !s.link(d.content)) continue;
            const auto a =
                test::wait_for<store::acceptance>([&](auto done) { s.accept(std::move(d), std::move(done)); });
            if (a) answered(i);
            if (a && i == 0) first = a->recipients.at(0).delivery_id;
        }
        if (!first) return;
        const store::conclusion c{*first, {"000.00.12.H43"}, taken, "", "http:so-tttt"};
        if (test::wait_for<store::conclusion_record>([&](auto done) { s.conclude(c, std::move(done)); })) answered(2);
    };
}

/// At no moment does the recipient have both, or neither.
void expect_one(small_store& s, const std::set<int>& answered, delivery_state end_of_first) {
    ASSERT_TRUE(s->check_ledger(s.authorities()));
    EXPECT_TRUE(s->read_books().balance());
    std::size_t waiting = 0, ended_as_copy = 0, ended = 0, rows = 0;
    for (const auto& d : s->list_dispatches({}))
        for (const auto& v : d.deliveries) {
            ++rows;
            waiting += v.copy_of.has_value();
            ended_as_copy += v.state == delivery_state::undeliverable;
            ended += v.state == end_of_first;
        }
    const auto in_inbox = s->read_inbox({"000.00.12.H43"}, {}, {}, 10).size();
    const std::size_t has = in_inbox + (end_of_first == delivery_state::handed_over ? ended : 0);
    EXPECT_EQ(has, rows == 0 || (rows == 1 && ended == 1 && end_of_first == delivery_state::rejected) ? 0u : 1u);
    EXPECT_EQ(waiting + in_inbox + ended + ended_as_copy, rows);
    EXPECT_TRUE(waiting == 0 || ended == 0) << "what waits is decided together with what it waits for";
    EXPECT_TRUE(ended == 1 || !answered.contains(2));
}

TEST(disk_fault, a_death_before_any_request_leaves_a_recipient_with_one_copy) {
    for (const bool taken : {true, false})
        test::sweep_requests(fault_kind::death, 3, two_copies(taken),
                             [taken](small_store& s, const std::set<int>& answered) {
                                 const auto end = taken ? delivery_state::handed_over : delivery_state::rejected;
                                 expect_one(s, answered, end);
                             });
}

} // namespace
} // namespace truc
