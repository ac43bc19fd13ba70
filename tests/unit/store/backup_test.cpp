// A copy is made while the node works, becomes a store again, and opens a new log.
#include "small_network.hpp"

#include <truc/store/former_logs.hpp>
#include <truc/store/restore.hpp>
#include <truc/store/sqlite.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sqlite3.h>
#include <thread>

namespace truc {
namespace {

namespace fs = std::filesystem;

using test::small_network;
using test::small_store;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string large(200'000, 'x');

/// Copies of one store, and the directories to restore them into.
struct backup : testing::Test {
    small_store s;
    test::temporary_directory elsewhere;
    const fs::path copy = elsewhere.path() / "copy";

    store::backup_record back_up() {
        const auto made = s->back_up(copy, {});
        EXPECT_TRUE(made) << (made ? "" : explain(made.error(), language::english));
        return made.value_or(store::backup_record{});
    }
    /// The store as it was when it was copied, open.
    bool wait_for_told(const std::string& log) {
        return test::wait_for<std::monostate>([&](auto done) {
                   s->note_told({log, "vpcp", 3}, std::move(done));
               })
            .has_value();
    }
    store::restored_store restore() {
        s.close();
        for (const auto& entry : fs::directory_iterator(s.directory())) fs::remove_all(entry.path());
        const auto done = store::restore(copy, s.directory(), s.clock().now());
        EXPECT_TRUE(done) << (done ? "" : explain(done.error(), language::english));
        s.open();
        return done.value_or(store::restored_store{});
    }
};

TEST_F(backup, holds_everything_and_says_what) {
    const auto a = *s.accept("<a/>");
    ASSERT_TRUE(s.accept(large));
    std::uint64_t seen = 0, all = 0;
    const auto made = s->back_up(copy, [&](std::uint64_t done, std::uint64_t of) {
        EXPECT_GE(done, seen);
        seen = done;
        all = of;
    });
    ASSERT_TRUE(made);
    EXPECT_EQ(seen, all);
    EXPECT_EQ(made->contents, 1u);
    EXPECT_EQ(made->ledger_size, s->ledger_size());
    EXPECT_EQ(made->head, s->head_xml());
    const auto manifest = store::read_manifest(copy);
    ASSERT_TRUE(manifest);
    EXPECT_EQ(manifest->node, "ninhthuan");
    EXPECT_EQ(manifest->log, "ninhthuan.1");
    EXPECT_EQ(manifest->record.head, made->head);
    restore();
    EXPECT_EQ(s->open_content(sha256("<a/>"))->view(), "<a/>");
    EXPECT_EQ(s->open_content(sha256(large))->view(), large);
    EXPECT_TRUE(s->find_dispatch(a.id));
    EXPECT_TRUE(s->read_books().balance());
}

TEST_F(backup, opens_a_log_that_names_the_head_of_the_one_before) {
    const auto a = *s.accept("<a/>");
    const auto size = s->ledger_size();
    const auto old_head = s->head_xml();
    back_up();
    const auto restored = restore();
    const auto& log = s->log();
    EXPECT_EQ(log.str(), restored.log);
    EXPECT_GT(log.epoch, 1u);
    ASSERT_EQ(s->ledger_size(), 1u);
    const auto opened = s->find_receipt(log.str() + ".0");
    ASSERT_TRUE(opened);
    const auto checked = ledger::verify_receipt(opened->receipt.xml, s.authorities());
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->event.name, event_name::log_opened);
    EXPECT_THAT(checked->event.answers, ElementsAre("ninhthuan.1." + std::to_string(size - 1)));
    const auto head = ledger::verify_head(old_head, s.authorities());
    EXPECT_THAT(checked->event.reason, AllOf(HasSubstr("ninhthuan.1"), HasSubstr(head->root.hex())));
    ASSERT_EQ(s->former_logs().size(), 1u);
    EXPECT_EQ(s->former_logs()[0].epoch, 1u);
    EXPECT_EQ(s->former_logs()[0].size, size);
    EXPECT_EQ(s->former_logs()[0].head, old_head);
    s.open();
    EXPECT_EQ(s->ledger_size(), 1u) << "it is opened once";
}

TEST_F(backup, receipts_of_both_logs_hold_and_are_found) {
    const auto a = *s.accept("<a/>");
    const auto before = s->receipts_of(a.id);
    back_up();
    restore();
    EXPECT_EQ(s.accept("<a/>")->receipt, a.receipt);
    ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
    const auto b = *s.accept("<b/>");
    const auto after = s->receipts_of(a.id);
    ASSERT_EQ(after.size(), before.size() + 1);
    for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(after[i].event_id, before[i].event_id);
        EXPECT_EQ(after[i].xml, before[i].xml);
    }
    const auto handed_over = ledger::verify_receipt(after.back().xml, s.authorities());
    ASSERT_TRUE(handed_over);
    EXPECT_EQ(handed_over->event.log, s->log());
    EXPECT_EQ(after.back().event_id, s->log().str() + ".1");
    EXPECT_THAT(handed_over->event.answers, ElementsAre(before.back().event_id)) << "the consignment, of the old log";
    for (const auto& r : after) {
        ASSERT_TRUE(s->find_receipt(r.event_id)) << r.event_id;
        EXPECT_EQ(s->find_receipt(r.event_id)->receipt.xml, r.xml);
        EXPECT_TRUE(ledger::verify_receipt(r.xml, s.authorities())) << r.event_id;
    }
    EXPECT_TRUE(ledger::verify_receipt(b.receipt, s.authorities()));
    EXPECT_FALSE(s->find_receipt("ninhthuan.1.99")) << "what the copy lacks is not taken for what came after it";
    EXPECT_EQ(s->trace(a.id).back().event_id, after.back().event_id);
}

TEST_F(backup, the_check_goes_through_all_logs) {
    for (const auto* bytes : {"<a/>", "<b/>", "<c/>"}) ASSERT_TRUE(s.accept(bytes));
    back_up();
    restore();
    for (const auto* bytes : {"<d/>", "<e/>"}) ASSERT_TRUE(s.accept(bytes));
    fs::remove_all(copy);
    back_up();
    s.clock().advance(std::chrono::seconds(1));
    const auto third = restore();
    ASSERT_TRUE(s.accept("<f/>"));
    EXPECT_EQ(s->former_logs().size(), 2u);
    EXPECT_EQ(s->former_logs()[1].size, 5u) << "opened, two documents of two events";
    EXPECT_EQ(s->log().str(), third.log);
    EXPECT_EQ(*s->check_ledger(s.authorities()), 3u);
    EXPECT_TRUE(s->inclusion(2, 3));
    EXPECT_FALSE(s->inclusion(3, 4));
    const auto head = ledger::verify_head(s->head_xml(), s.authorities());
    ASSERT_TRUE(head);
    EXPECT_EQ(head->size, 3u);
    const auto proof = s->consistency(1, 3);
    ASSERT_TRUE(proof);
    s.close();
    // An event of the first log is changed: the check finds it.
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((s.directory() / "truc.db").c_str(), &db), SQLITE_OK);
    sqlite3_exec(db, "UPDATE event SET xml = replace(xml, '315', '316') WHERE leaf = 1", nullptr, nullptr, nullptr);
    sqlite3_close(db);
    s.open();
    const auto damaged = s->check_ledger(s.authorities());
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().what, "ninhthuan.1.1");
}

TEST_F(backup, feeds_go_on_behind_what_readers_have_seen) {
    const auto a = *s.accept("<a/>");
    back_up();
    ASSERT_TRUE(s.accept("<lost/>"));
    const auto cursor = s->read_feed({"000.00.00.G22"}, 0, 100).back().position + 1;
    restore();
    ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
    const auto news = s->read_feed({"000.00.00.G22"}, cursor, 100);
    ASSERT_EQ(news.size(), 1u);
    EXPECT_EQ(news[0].event, event_name::content_handover);
}

TEST_F(backup, of_a_node_that_works_is_one_moment_of_it) {
    std::atomic<bool> over{false};
    std::atomic<int> sent{0};
    std::thread load([&] {
        for (int i = 0; !over; ++i) {
            const auto a = s.accept((i % 10 == 0 ? large : "<a/>") + std::to_string(i));
            if (a && i % 2 == 0) s.conclude(a->recipients.at(0).delivery_id);
            ++sent;
        }
    });
    while (sent < 50) std::this_thread::yield();
    const auto made = s->back_up(copy, {});
    const int during = sent;
    while (sent < during + 20) std::this_thread::yield();
    over = true;
    load.join();
    ASSERT_TRUE(made) << explain(made.error(), language::english);
    restore();
    EXPECT_TRUE(s->check_ledger(s.authorities()));
    EXPECT_EQ(s->former_logs().at(0).size, made->ledger_size);
    EXPECT_TRUE(s->read_books().balance());
    store::store::dispatch_filter all;
    all.max = 100'000;
    const auto documents = s->list_dispatches(all);
    EXPECT_GE(documents.size(), 50u);
    for (const auto& d : documents) EXPECT_TRUE(s->open_content(d.sha256)) << d.id.str();
}

TEST_F(backup, goes_nowhere_where_it_could_do_harm) {
    ASSERT_TRUE(s.accept("<a/>"));
    EXPECT_EQ(s->back_up(elsewhere.path(), {}).error().code, errc::bad_configuration) << "exists";
    EXPECT_EQ(s->back_up("relative", {}).error().code, errc::bad_configuration);
    EXPECT_EQ(s->back_up("/proc/nowhere/x", {}).error().code, errc::bad_configuration);
    back_up();
    EXPECT_EQ(store::restore(copy, s.directory(), s.clock().now()).error().code, errc::bad_configuration);
    EXPECT_TRUE(s.accept("<b/>")) << "the running node was left alone";
    EXPECT_EQ(store::restore(s.directory(), elsewhere.path() / "r", s.clock().now()).error().code, errc::bad_backup);
}

/// Of what a disk has spoiled the copy says so when it is made; the rest of it is as good as any.
TEST_F(backup, names_what_is_damaged_or_missing_and_holds_the_rest) {
    const auto flipped = "flipped" + large, removed = "removed" + large;
    for (const auto& bytes : {large, flipped, removed}) ASSERT_TRUE(s.accept(bytes));
    const auto file_of = [](const fs::path& in, const std::string& bytes) {
        const auto hex = sha256(bytes).hex();
        return in / "content" / hex.substr(0, 2) / hex;
    };
    std::fstream(file_of(s.directory(), flipped), std::ios::in | std::ios::out | std::ios::binary).put('!');
    fs::remove(file_of(s.directory(), removed));
    EXPECT_EQ(back_up().contents, 1u);
    const auto manifest = store::read_manifest(copy);
    ASSERT_TRUE(manifest);
    EXPECT_THAT(manifest->missing, testing::UnorderedElementsAre(sha256(flipped), sha256(removed)));
    EXPECT_FALSE(fs::exists(file_of(copy, flipped)));
    const auto restored = restore();
    EXPECT_THAT(restored.missing, testing::UnorderedElementsAre(sha256(flipped), sha256(removed)));
    EXPECT_EQ(s->open_content(sha256(large))->view(), large);
    EXPECT_FALSE(s->open_content(sha256(flipped)));
    EXPECT_TRUE(s->check_ledger(s.authorities()));
}

TEST_F(backup, what_was_spoiled_in_it_later_is_named_when_it_is_restored) {
    ASSERT_TRUE(s.accept(large));
    back_up();
    const auto hex = sha256(large).hex();
    const auto file = copy / "content" / hex.substr(0, 2) / hex;
    fs::remove(file); // not written to: it is the store's, too
    std::ofstream(file) << "damaged";
    const auto restored = restore();
    EXPECT_THAT(restored.missing, ElementsAre(sha256(large)));
    EXPECT_FALSE(fs::exists(s.directory() / "content" / hex.substr(0, 2) / hex));
}

TEST_F(backup, a_damaged_one_is_not_restored) {
    ASSERT_TRUE(s.accept(large));
    back_up();
    const auto into = elsewhere.path() / "r";
    {
        std::fstream db(copy / "truc.db", std::ios::in | std::ios::out | std::ios::binary);
        db.seekp(5000);
        db.put('!');
    }
    EXPECT_THAT(store::restore(copy, into, s.clock().now()).error().what, HasSubstr("truc.db"));
    EXPECT_FALSE(fs::exists(into / "truc.db"));
    fs::remove_all(copy);
    back_up();
    EXPECT_TRUE(store::restore(copy, into, s.clock().now())) << "what the attempts left is begun anew";
}

/// Between its two last moves: the content has come up, the database has not.
TEST_F(backup, one_that_died_half_way_is_begun_anew_and_no_node_starts_in_it) {
    ASSERT_TRUE(s.accept(large));
    back_up();
    restore();
    s.close();
    const auto work = s.directory() / "restoring";
    fs::create_directory(work);
    fs::rename(s.directory() / "truc.db", work / "truc.db");
    for (const auto* beside : {"-wal", "-shm"}) fs::remove((s.directory() / "truc.db").string() + beside);
    EXPECT_THROW(s.open(), std::runtime_error) << "it would begin a second first log, and sweep all content away";
    EXPECT_FALSE(fs::exists(s.directory() / "truc.db"));
    s.clock().advance(std::chrono::seconds(5));
    const auto done = store::restore(copy, s.directory(), s.clock().now());
    ASSERT_TRUE(done) << explain(done.error(), language::english);
    EXPECT_FALSE(fs::exists(work));
    s.open();
    EXPECT_EQ(s->open_content(sha256(large))->view(), large);
}

TEST_F(backup, no_store_is_made_beside_documents_of_another) {
    ASSERT_TRUE(s.accept(large));
    s.close();
    for (const auto* name : {"truc.db", "truc.db-wal", "truc.db-shm"}) fs::remove(s.directory() / name);
    EXPECT_THROW(s.open(), std::runtime_error);
    EXPECT_FALSE(fs::exists(s.directory() / "truc.db"));
    fs::remove_all(s.directory() / "content");
    s.open();
    EXPECT_TRUE(s.accept(large));
}

/// What a neighbour knew of the log that ended tells what cannot come back.
TEST_F(backup, tells_what_is_lost) {
    ASSERT_TRUE(s.accept("<a/>"));
    back_up();
    ASSERT_TRUE(s.accept("<lost/>"));
    restore();
    EXPECT_TRUE(store::lost_since_copy(*s).empty()) << "nobody has told";
    const auto tell = [&](const std::string& neighbour, std::uint64_t size) {
        return test::wait_for<std::monostate>([&](auto done) {
            s->note_told({"ninhthuan.1", neighbour, size}, std::move(done));
        });
    };
    ASSERT_TRUE(tell("vpcp", 2));
    EXPECT_TRUE(store::lost_since_copy(*s).empty()) << "the copy has as much";
    ASSERT_TRUE(tell("thuannam", 4));
    ASSERT_TRUE(tell("thuannam", 3));
    EXPECT_FALSE(store::is_news(*s, {"ninhthuan.1", "thuannam", 4})) << "it said so before";
    EXPECT_TRUE(store::is_news(*s, {"ninhthuan.1", "thuannam", 5}));
    EXPECT_FALSE(store::is_news(*s, {"ninhthuan.1", "thuannam", std::uint64_t{1} << 60})) << "no log is so long";
    EXPECT_FALSE(store::is_news(*s, {"ninhthuan.7", "thuannam", 5})) << "no log of this node";
    const auto told_of = [&](const std::string& log) {
        EXPECT_TRUE(wait_for_told(log));
        std::int64_t rows = -1;
        s->look([&](store::connection& db) {
            auto q = db.prepare("SELECT count(*) FROM told_size WHERE log = ?");
            q.bind(std::string_view(log)).step();
            rows = q.integer(0);
        });
        return rows;
    };
    EXPECT_EQ(told_of("ninhthuan.7"), 0) << "what a neighbour says of logs that never were takes no room";
    EXPECT_EQ(told_of("ninhthuan.1"), 2);
    const auto lost = store::lost_since_copy(*s);
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_EQ(lost[0].log, "ninhthuan.1");
    EXPECT_EQ(lost[0].from, 2u);
    EXPECT_EQ(lost[0].to, 4u);
    EXPECT_EQ(lost[0].neighbour, "thuannam");
}

/// A leg past its deadline of which nothing is here: of that time nobody can say whether it was.
TEST(restored_copy, takes_what_it_may_have_lost_however_late_it_is) {
    small_network net;
    test::temporary_directory elsewhere;
    net.submit("vpcp", "<a/>");
    auto lost = net.leg("vpcp", "ninhthuan");
    auto& s = net["ninhthuan"];
    ASSERT_TRUE(s->back_up(elsewhere.path() / "copy", {}));
    s.close();
    for (const auto& entry : fs::directory_iterator(s.directory())) fs::remove_all(entry.path());
    ASSERT_TRUE(store::restore(elsewhere.path() / "copy", s.directory(), s.clock().now()));
    s.open();
    lost.deliveries[0].deadline = s.clock().now() - std::chrono::hours(1);
    EXPECT_TRUE(net.take("ninhthuan", std::move(lost)));

    net["vpcp"].clock().advance(std::chrono::hours(2));
    s.clock().advance(std::chrono::hours(2));
    auto d = net["vpcp"].dispatch("<b/>");
    d.document_id = "b";
    d.elsewhere = d.recipients;
    d.priority = priority::express;
    ASSERT_TRUE(net["vpcp"].accept(std::move(d)));
    auto late = net.leg("vpcp", "ninhthuan");
    late.deliveries[0].deadline = s.clock().now() - std::chrono::hours(1);
    const auto refused = net.take("ninhthuan", std::move(late));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::deadline_passed);
}

} // namespace
} // namespace truc
