// A store that version 1 made, with documents in it, goes on under this version.
#include "small_store.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sqlite3.h>

namespace truc {
namespace {

using test::small_store;

struct closing {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
};

void run(sqlite3* db, const std::string& sql) {
    char* message = nullptr;
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << sql << ": " << message;
}

std::string schema_of_version_1() {
    std::ifstream file(std::string(TRUC_SOURCE_DIR) + "/schemas/sql/0001.sql");
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Everything that version 1 kept, in the tables in which it kept it; nothing of what came later.
void turn_into_version_1(const std::filesystem::path& file) {
    const auto old_file = file.string() + ".old";
    {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(old_file.c_str(), &raw), SQLITE_OK);
        const std::unique_ptr<sqlite3, closing> db(raw);
        run(raw, schema_of_version_1());
        run(raw, "ATTACH '" + file.string() + "' AS new");
        const std::string dispatch =
            "seq, id, kind, sender, document_id, code, promulgated, subject, business, status_code, priority, content,"
            " signature, signer, client, entrance, accepted_at, accepted_leaf, warnings";
        const std::string delivery =
            "seq, id, dispatch, recipient, priority, state, deadline, consigned_at, ended_at, last_leaf, reason";
        for (const std::string table : {"identity", "content", "event", "merkle", "head", "refusal"})
            run(raw, "INSERT INTO main." + table + " SELECT * FROM new." + table);
        run(raw, "INSERT INTO main.dispatch SELECT " + dispatch + " FROM new.dispatch");
        run(raw, "INSERT INTO main.delivery SELECT " + delivery + " FROM new.delivery");
        run(raw, "INSERT INTO main.tally SELECT * FROM new.tally WHERE name IN ('taken_in', 'handed_over', 'rejected',"
                 " 'refused')");
        run(raw, "PRAGMA user_version = 1; PRAGMA application_id = " + std::to_string(0x54727563));
    }
    for (const auto* beside : {"-wal", "-shm"}) std::filesystem::remove(file.string() + beside);
    std::filesystem::rename(old_file, file);
}

/// Two documents accepted, one of them handed over, and a refusal: by version 1.
struct version_1 : testing::Test {
    version_1() : first(*s.accept("<a/>")), second(*s.accept("<b/>")) {
        store::refusal r;
        r.client = "vpcp";
        r.code = errc::schema;
        EXPECT_TRUE(s.refuse(r)); // an event for nobody's feed
        EXPECT_TRUE(s.conclude(first.recipients.at(0).delivery_id));
        before = s->read_feed({"000.00.00.G22"}, 0, 100);
        s.close();
        turn_into_version_1(s.directory() / "truc.db");
        s.open();
    }
    small_store s;
    store::acceptance first, second;
    std::vector<store::feed_entry> before;
};

TEST_F(version_1, keeps_its_ledger_books_and_receipts) {
    ASSERT_TRUE(s->check_ledger(s.authorities()));
    EXPECT_EQ(s->ledger_size(), 6u);
    EXPECT_TRUE(s->read_books().balance());
    EXPECT_TRUE(s->read_origin_books().balance());
    EXPECT_EQ(s->read_origin_books().handed_over, 1u);
    const auto again = s.accept("<a/>");
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->receipt, first.receipt);
    EXPECT_EQ(s->find_dispatch(first.id)->origin, "ninhthuan");
    EXPECT_EQ(s->find_dispatch(first.id)->deliveries.at(0).state, delivery_state::handed_over);
}

TEST_F(version_1, feeds_go_on_behind_the_cursors_that_were_given_out) {
    const auto feed = s->read_feed({"000.00.00.G22"}, 0, 100);
    ASSERT_EQ(feed.size(), before.size());
    for (std::size_t i = 0; i < feed.size(); ++i) {
        // The leaves, which were the cursors of version 1.
        EXPECT_EQ("ninhthuan.1." + std::to_string(feed[i].position), feed[i].event_id);
        EXPECT_EQ(feed[i].event_id, before[i].event_id);
        EXPECT_EQ(feed[i].xml, before[i].xml);
    }
    const auto cursor = feed.back().position + 1;
    ASSERT_TRUE(s.conclude(second.recipients.at(0).delivery_id));
    const auto news = s->read_feed({"000.00.00.G22"}, cursor, 100);
    ASSERT_EQ(news.size(), 1u);
    EXPECT_EQ(news[0].event, event_name::content_handover);
    EXPECT_GE(news[0].position, cursor);
}

TEST_F(version_1, takes_part_in_the_exchange_from_now_on) {
    auto d = s.dispatch("<c/>");
    d.elsewhere = d.recipients;
    ASSERT_TRUE(s.accept(std::move(d)));
    EXPECT_EQ(s->read_queued({}, 10).size(), 1u);
    EXPECT_TRUE(s->read_books().balance());
    s.open(); // nothing is migrated twice
    EXPECT_EQ(s->read_queued({}, 10).size(), 1u);
}

TEST(migration, of_a_store_without_documents) {
    small_store s;
    s.close();
    turn_into_version_1(s.directory() / "truc.db");
    s.open();
    ASSERT_TRUE(s.accept("<a/>"));
    EXPECT_EQ(s->read_feed({"000.00.00.G22"}, 0, 100).at(0).position, 0u);
}

} // namespace
} // namespace truc
