#include "mailbox_fixture.hpp"

namespace truc::tdoffice {

namespace {

class odbc : public test::mailbox_case {
  protected:
    result<odbc_rows> first(const std::string& sql) {
        auto rows = clerk_->query(sql, {});
        EXPECT_TRUE(rows && *rows->next());
        return rows;
    }
};

TEST(odbc_fault, what_the_row_is_to_blame_for_does_not_pass_by_itself) {
    for (const auto* state : {"22001", "22008", "23505", "23000", "21S01"})
        EXPECT_EQ(fault_of(state, 0, false), errc::legacy_refused) << state;
    for (const auto* state : {"08S01", "08001", "28000", "57P01"})
        EXPECT_EQ(fault_of(state, 0, false), errc::unreachable) << state;
    for (const auto* state : {"HYT00", "HYT01", "57014", "55P03"})
        EXPECT_EQ(fault_of(state, 0, false), errc::timeout) << state;
    for (const auto* state : {"40001", "40P01", "42P01", "53100", "HY000"})
        EXPECT_EQ(fault_of(state, 0, false), errc::not_ready) << state;
}

TEST(odbc_fault, sqlite_says_it_in_its_result_code) {
    EXPECT_EQ(fault_of("HY000", 5, true), errc::not_ready);       // busy
    EXPECT_EQ(fault_of("HY000", 19, true), errc::legacy_refused); // constraint
    EXPECT_EQ(fault_of("HY000", 19, false), errc::not_ready);
}

TEST_F(odbc, long_texts_and_bytes_come_whole) {
    std::string text, bytes;
    for (int i = 0; i < 100'000; ++i) text += "ệ";
    for (int i = 0; i < 1'000'000; ++i) bytes += static_cast<char>(i * 7);
    run("CREATE TABLE t (a TEXT, b BLOB, c TEXT)");
    ASSERT_TRUE(clerk_->execute("INSERT INTO t VALUES (?, ?, ?)", {text, std::string_view(bytes), {}}));
    auto rows = first("SELECT a, b, c FROM t");
    EXPECT_EQ(**rows->text(), text);
    EXPECT_EQ(**rows->bytes(bytes.size()), bytes);
    EXPECT_FALSE(*rows->text());
    EXPECT_FALSE(*rows->next());
}

TEST_F(odbc, empty_bytes_are_not_null) {
    run("CREATE TABLE t (b BLOB)");
    ASSERT_TRUE(clerk_->execute("INSERT INTO t VALUES (?)", {std::string_view("")}));
    EXPECT_EQ(ask("count(*) FROM t WHERE b IS NOT NULL"), "1");
    EXPECT_EQ(**first("SELECT b FROM t")->bytes(10), "");
}

TEST_F(odbc, no_more_than_the_limit_is_read) {
    run("CREATE TABLE t (b BLOB)");
    run("INSERT INTO t VALUES (zeroblob(1000000))");
    const auto read = first("SELECT b FROM t")->bytes(999'999);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errc::too_large);
}

TEST_F(odbc, a_transaction_takes_effect_as_a_whole_or_not) {
    run("CREATE TABLE t (a INTEGER)");
    {
        auto t = odbc_transaction::begin(*clerk_);
        ASSERT_TRUE(t);
        run("INSERT INTO t VALUES (1)");
    }
    EXPECT_EQ(ask("count(*) FROM t"), "0");
    auto t = odbc_transaction::begin(*clerk_);
    run("INSERT INTO t VALUES (1)");
    ASSERT_TRUE(t->commit());
    EXPECT_EQ(ask("count(*) FROM t"), "1");
}

TEST_F(odbc, a_value_is_never_sql) {
    run("CREATE TABLE t (a TEXT)");
    const std::string hostile = "x'); DROP TABLE t; --";
    ASSERT_TRUE(clerk_->execute("INSERT INTO t VALUES (?)", {hostile}));
    EXPECT_EQ(ask("a FROM t"), hostile);
}

TEST_F(odbc, a_limit_is_said_to_the_database) {
    run("CREATE TABLE t (a INTEGER)");
    run("INSERT INTO t VALUES (1), (2), (3)");
    auto rows = clerk_->query("SELECT a FROM t ORDER BY a", {}, 2);
    ASSERT_TRUE(rows);
    EXPECT_TRUE(*rows->next());
    EXPECT_TRUE(*rows->next());
    EXPECT_FALSE(*rows->next());
}

TEST_F(odbc, a_held_lock_passes_a_broken_constraint_does_not) {
    run("CREATE TABLE t (a INTEGER PRIMARY KEY)");
    run("INSERT INTO t VALUES (1)");
    const auto twice = clerk_->execute("INSERT INTO t VALUES (1)", {});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, errc::legacy_refused);
    auto other = odbc_connection::open(connection_string(), {});
    ASSERT_TRUE(other);
    run("BEGIN IMMEDIATE");
    const auto locked = other->execute("INSERT INTO t VALUES (2)", {});
    ASSERT_FALSE(locked);
    EXPECT_TRUE(describe(locked.error().code).retryable) << locked.error().what;
    run("ROLLBACK");
}

TEST(odbc_open, a_server_that_is_not_there_is_unreachable_and_the_secret_is_not_told) {
    const auto none = odbc_connection::open(
        "Driver=PostgreSQL Unicode;Servername=127.0.0.1;Port=1;Database=x;Username=u;Password=geheim", {});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, errc::unreachable);
    EXPECT_EQ(none.error().what.find("geheim"), std::string::npos);
    EXPECT_EQ(odbc_connection::open("Driver=No Such Driver", {}).error().code, errc::unreachable);
}

} // namespace

} // namespace truc::tdoffice
