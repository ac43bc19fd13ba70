// Statements that are used again while an earlier use of them is in scope.
#include "temporary_directory.hpp"

#include <truc/store/sqlite.hpp>

#include <gtest/gtest.h>

namespace truc::store {
namespace {

struct sqlite : testing::Test {
    sqlite() {
        db.execute("CREATE TABLE t (n INTEGER) STRICT");
        db.execute("INSERT INTO t VALUES (1), (2)");
    }
    test::temporary_directory directory;
    connection db{directory.path() / "test.db", connection::mode::writer};
};
constexpr auto larger = "SELECT n FROM t WHERE n > ?";

TEST_F(sqlite, what_is_done_can_be_used_anew_although_it_is_in_scope) {
    auto outer = db.prepare(larger);
    outer.bind(1);
    while (outer.step()) EXPECT_EQ(outer.integer(0), 2);
    auto inner = db.prepare(larger);
    inner.bind(0);
    int rows = 0;
    while (inner.step()) ++rows;
    EXPECT_EQ(rows, 2);
}

TEST_F(sqlite, what_is_not_done_is_not_taken_from_its_user) {
    auto outer = db.prepare(larger);
    outer.bind(0);
    ASSERT_TRUE(outer.step());
    EXPECT_THROW(db.prepare(larger), std::logic_error);
    EXPECT_TRUE(outer.step());
    EXPECT_EQ(outer.integer(0), 2);
}

TEST_F(sqlite, without_a_row_every_column_is_empty) {
    auto q = db.prepare(larger);
    q.bind(2);
    EXPECT_FALSE(q.step());
    EXPECT_EQ(q.integer(0), 0);
    EXPECT_TRUE(q.text(0).empty());
}

} // namespace
} // namespace truc::store
