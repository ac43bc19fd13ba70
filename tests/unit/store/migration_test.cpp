// A store that an earlier version made, with documents in it, goes on under this version.
#include "small_network.hpp"

#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <fstream>
#include <sqlite3.h>

namespace truc {
namespace {

using test::small_store;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct closing {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
};

void run(sqlite3* db, const std::string& sql) {
    char* message = nullptr;
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << sql << ": " << message;
}

std::string schema_of(int version) {
    std::string sql;
    for (int v = 1; v <= version; ++v) {
        std::ifstream file(fmt::format("{}/schemas/sql/{:04}.sql", TRUC_SOURCE_DIR, v));
        sql.append(std::istreambuf_iterator<char>(file), {});
    }
    return sql;
}

std::vector<std::string> texts(sqlite3* db, const std::string& sql) {
    std::vector<std::string> all;
    const auto append = [](void* to, int, char** columns, char**) {
        static_cast<std::vector<std::string>*>(to)->emplace_back(columns[0]);
        return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), append, &all, nullptr), SQLITE_OK) << sql;
    return all;
}

/// Everything that this version kept, in the tables in which it kept it; nothing of what came later.
void turn_into_version(int version, const std::filesystem::path& file) {
    const auto old_file = file.string() + ".old";
    {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(old_file.c_str(), &raw), SQLITE_OK);
        const std::unique_ptr<sqlite3, closing> db(raw);
        run(raw, schema_of(version));
        run(raw, "ATTACH '" + file.string() + "' AS new");
        for (const auto& table : texts(raw, "SELECT name FROM main.sqlite_master WHERE type = 'table'")) {
            const auto columns = texts(raw, "SELECT name FROM pragma_table_info('" + table + "', 'main')");
            run(raw, fmt::format("INSERT OR REPLACE INTO main.{0} ({1}) SELECT {1} FROM new.{0}", table,
                                 fmt::join(columns, ", ")));
        }
        if (version == 1) run(raw, "DELETE FROM tally WHERE name IN ('feed_next', 'from_neighbours')");
        run(raw, fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}", version, 0x54727563));
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
        turn_into_version(1, s.directory() / "truc.db");
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
    turn_into_version(1, s.directory() / "truc.db");
    s.open();
    ASSERT_TRUE(s.accept("<a/>"));
    EXPECT_EQ(s->read_feed({"000.00.00.G22"}, 0, 100).at(0).position, 0u);
}

/// A document that one node of version 3 passed to another, where it lies in the inbox; both go on under this version.
struct version_3 : testing::Test {
    version_3() : a(net.submit("vpcp", "<a/>")), id(a.recipients.at(0).delivery_id) {
        net.pass("vpcp", "ninhthuan", store::fate::consign);
        net.feed("ninhthuan", "vpcp");
        before = read_all();
        for (const std::string node : {"vpcp", "ninhthuan"}) {
            net[node].close();
            turn_into_version(3, net[node].directory() / "truc.db");
            net[node].open();
        }
    }
    std::vector<std::string> read_all() {
        std::vector<std::string> all;
        for (const std::string node : {"vpcp", "ninhthuan"}) {
            for (const auto& t : net[node]->trace(a.id)) all.push_back(t.event_id + t.event_xml);
            for (const auto& r : net[node]->receipts_of(a.id)) all.push_back(r.event_id + r.xml);
        }
        for (const auto& e : net["vpcp"]->read_feed({"000.00.00.G22"}, 0, 100)) all.push_back(e.xml);
        for (const auto& e : net["ninhthuan"]->read_feed({store::feed_of_node("vpcp")}, 0, 100)) all.push_back(e.xml);
        return all;
    }
    test::small_network net;
    store::acceptance a;
    uuid id;
    std::vector<std::string> before;
};

TEST_F(version_3, reads_on) {
    EXPECT_EQ(before.size(), 3u + 3 + 3 + 3 + 3 + 2);
    EXPECT_EQ(read_all(), before);
    EXPECT_TRUE(net.balance());
    for (const std::string node : {"vpcp", "ninhthuan"})
        EXPECT_TRUE(net[node]->check_ledger(net[node].authorities())) << node;
    EXPECT_EQ(net.row("vpcp", id).passed_to, "ninhthuan");
    store::store::sent_filter by_sender;
    by_sender.senders = {"000.00.00.G22"};
    EXPECT_EQ(net["vpcp"]->list_sent(by_sender).at(0).delivery_id, id);
    EXPECT_EQ(net["vpcp"]->read_feed({"000.00.00.G22"}, 0, 1).at(0).submission, "");
    const auto inbox = net["ninhthuan"]->read_inbox_fresh_first({"000.00.12.H43"}, {}, 10);
    ASSERT_EQ(inbox.size(), 1u);
    EXPECT_EQ(inbox[0].said, std::nullopt);
    EXPECT_EQ(inbox[0].attempts, 0u);
}

/// Version 3 went on counting the attempts to pass a delivery on where it lay in its recipient's inbox.
TEST(migration, forgets_the_attempts_to_pass_on_of_what_has_arrived) {
    small_store s;
    const auto arrived = s.accept("<a/>")->recipients.at(0).delivery_id;
    auto d = s.dispatch("<b/>");
    d.elsewhere = d.recipients;
    const auto queued = s.accept(std::move(d))->recipients.at(0).delivery_id;
    s.close();
    const auto file = s.directory() / "truc.db";
    turn_into_version(3, file);
    {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(file.c_str(), &raw), SQLITE_OK);
        const std::unique_ptr<sqlite3, closing> db(raw);
        run(raw, "UPDATE delivery SET attempts = 3, last_attempt = 'thuannam: timeout'");
    }
    s.open();
    EXPECT_EQ(s->find_inbox_item(arrived)->attempts, 0u);
    EXPECT_EQ(s->find_dispatch_of_delivery(arrived)->deliveries.at(0).last_attempt, "");
    EXPECT_EQ(s->find_dispatch_of_delivery(queued)->deliveries.at(0).attempts, 3u);
}

TEST(migration, is_told_of_since_it_may_take_a_while) {
    small_store s;
    s.close();
    turn_into_version(1, s.directory() / "truc.db");
    std::ostringstream lines;
    auto& sinks = spdlog::default_logger()->sinks();
    sinks.push_back(std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
    s.open();
    s.close();
    small_store fresh;
    fresh.close();
    sinks.pop_back();
    EXPECT_THAT(lines.str(), AllOf(HasSubstr("from version 1 to 2"), HasSubstr("from version 4 to 5")));
    EXPECT_THAT(lines.str(), Not(HasSubstr("from version 0"))) << "there is nothing in it that takes time";
}

TEST_F(version_3, takes_what_only_this_version_knows) {
    auto& s = net["ninhthuan"];
    const store::inbox_report failed{id, {"000.00.12.H43"}, store::reported::failed, "", "axis:so-tttt"};
    ASSERT_TRUE(test::wait_for<std::monostate>([&](auto done) { s->report(failed, std::move(done)); }));
    EXPECT_EQ(s->find_inbox_item(id)->attempts, 1u);
    auto d = net["vpcp"].dispatch("<b/>");
    d.submission = "message 1";
    ASSERT_TRUE(net["vpcp"].accept(std::move(d)));
    EXPECT_EQ(net["vpcp"]->read_feed({"000.00.00.G22"}, 0, 100).back().submission, "message 1");
    ASSERT_TRUE(s.conclude(id));
    net.feed("ninhthuan", "vpcp");
    EXPECT_EQ(net.state("vpcp", id), delivery_state::handed_over);
}

/// What version 4 took has no essence: its copies are known by their bytes. What comes from now on has one.
TEST(migration, tells_copies_apart_from_then_on) {
    small_store s;
    const auto submit = [&s](const std::string& bytes, bool by_gateway, std::string sender = "000.00.00.G22") {
        auto d = s.dispatch(bytes);
        d.essence = sha256("the letter");
        d.client = by_gateway ? "gateway" : "vpcp";
        d.sender = std::move(sender);
        d.by_gateway = by_gateway;
        return s.accept(std::move(d));
    };
    const auto before = submit("<before/>", false);
    ASSERT_TRUE(before);
    s.close();
    turn_into_version(4, s.directory() / "truc.db");
    s.open();
    EXPECT_EQ(submit("<before/>", false)->receipt, before->receipt);
    const auto copy_of = [&s](const result<store::acceptance>& a) {
        return s->find_dispatch(a->id)->deliveries.at(0).copy_of;
    };
    EXPECT_EQ(copy_of(submit("<before/>", true, "G22")), before->recipients.at(0).delivery_id);
    const auto first = submit("<first/>", false);
    EXPECT_EQ(copy_of(first), std::nullopt);
    EXPECT_EQ(copy_of(submit("<second/>", true)), first->recipients.at(0).delivery_id);
    EXPECT_EQ(s->read_inbox({"000.00.12.H43"}, {}, {}, 10).size(), 2u);
    EXPECT_TRUE(s->read_books().balance());
    EXPECT_TRUE(s->check_ledger(s.authorities()));
}

TEST_F(version_3, knows_by_which_node_each_document_came) {
    auto& s = net["ninhthuan"];
    s.close();
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open((s.directory() / "truc.db").c_str(), &raw), SQLITE_OK);
    const std::unique_ptr<sqlite3, closing> db(raw);
    EXPECT_THAT(texts(raw, "SELECT DISTINCT door FROM dispatch"), testing::ElementsAre("vpcp"));
}

/// Documents in every state that version 5 knew, one delivery each, at the node in the middle.
struct version_5 : testing::Test {
    version_5() {
        const auto there = [&](const char* bytes, store::fate fate) {
            const auto id = net.submit("vpcp", bytes).recipients.at(0).delivery_id;
            net.pass("vpcp", "ninhthuan", fate);
            return id;
        };
        ids[delivery_state::consigned] = there("<consigned/>", store::fate::consign);
        ids[delivery_state::handed_over] = there("<handed-over/>", store::fate::consign);
        ids[delivery_state::rejected] = there("<rejected/>", store::fate::consign);
        ids[delivery_state::undeliverable] = there("<undeliverable/>", store::fate::undeliverable);
        EXPECT_TRUE(net["ninhthuan"].conclude(ids[delivery_state::handed_over]));
        EXPECT_TRUE(net["ninhthuan"].conclude(ids[delivery_state::rejected], false));
        ids[delivery_state::relayed] = there("<relayed/>", store::fate::forward);
        net.pass("ninhthuan", "thuannam", store::fate::consign);
        ids[delivery_state::expired] = there("<expired/>", store::fate::forward);
        store::ending e;
        for (const auto& d : net["ninhthuan"]->read_overdue(delivery_state::queued, far_away, 10))
            e.rows.push_back(d.seq);
        EXPECT_TRUE(
            test::wait_for<std::monostate>([&](auto done) { net["ninhthuan"]->end_deliveries(e, std::move(done)); }));
        ids[delivery_state::queued] = there("<queued/>", store::fate::forward);
        before = receipts();
        books = net["ninhthuan"]->read_books();
        s().close();
        turn_into_version(5, file());
    }
    small_store& s() { return net["ninhthuan"]; }
    std::filesystem::path file() { return s().directory() / "truc.db"; }
    std::filesystem::path copy() { return s().directory() / "truc.db.before-6"; }
    std::vector<std::string> receipts() {
        std::vector<std::string> all;
        for (const auto& [state, id] : ids)
            for (const auto& r : s()->receipts_of(s()->find_dispatch_of_delivery(id)->id)) all.push_back(r.xml);
        return all;
    }
    void expect_everything() {
        for (const auto& [state, id] : ids) EXPECT_EQ(net.state("ninhthuan", id), state) << to_string(state);
        EXPECT_EQ(receipts(), before);
        EXPECT_TRUE(s()->check_ledger(s().authorities()));
        const auto b = s()->read_books();
        EXPECT_TRUE(b.balance());
        EXPECT_EQ(b.taken_in(), books.taken_in());
        EXPECT_EQ(b.in_custody, books.in_custody);
        EXPECT_EQ(b.passed_on, books.passed_on);
    }
    const timestamp far_away = from_millis(4'000'000'000'000);
    test::small_network net;
    std::map<delivery_state, uuid> ids;
    std::vector<std::string> before;
    truc::books books;
};

TEST_F(version_5, goes_on_with_everything_it_had) {
    s().open();
    expect_everything();
    net.pass("ninhthuan", "thuannam", store::fate::consign);
    EXPECT_EQ(net.state("ninhthuan", ids[delivery_state::queued]), delivery_state::relayed) << "the queue delivers";
    EXPECT_EQ(net.state("thuannam", ids[delivery_state::queued]), delivery_state::consigned);
    ASSERT_TRUE(s().conclude(ids[delivery_state::consigned])) << "the inbox does";
    net.feed("thuannam", "ninhthuan");
    EXPECT_TRUE(net.balance());
}

/// The copy that is made before is a store of version 5, whole: who has to go back puts it in its place.
TEST_F(version_5, is_copied_before) {
    s().open();
    ASSERT_TRUE(std::filesystem::exists(copy()));
    s().close();
    std::filesystem::rename(copy(), file());
    {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(file().c_str(), &raw), SQLITE_OK);
        const std::unique_ptr<sqlite3, closing> db(raw);
        EXPECT_THAT(texts(raw, "SELECT CAST(user_version AS TEXT) FROM pragma_user_version"),
                    testing::ElementsAre("5"));
        EXPECT_THAT(texts(raw, "PRAGMA integrity_check"), testing::ElementsAre("ok"));
    }
    s().open();
    expect_everything();
}

/// What stands in the way of the last statement leaves nothing of those before it.
TEST_F(version_5, that_could_not_be_brought_up_to_date_is_as_it_was) {
    const auto sql = [this](const char* text) {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(file().c_str(), &raw), SQLITE_OK);
        const std::unique_ptr<sqlite3, closing> db(raw);
        run(raw, text);
    };
    sql("CREATE TABLE told_size (x)");
    EXPECT_THROW(s().open(), std::exception);
    EXPECT_THROW(s().open(), std::exception) << "again and again";
    sql("DROP TABLE told_size");
    s().open();
    expect_everything();
}

} // namespace
} // namespace truc
