#include "small_store.hpp"

#include <truc/store/integrity.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sqlite3.h>

namespace truc {
namespace {

using namespace std::chrono_literals;

/// Enough rows that the tables take many pages.
void fill(test::small_store& s, int documents) {
    for (int i = 0; i < documents; ++i) {
        auto d = s.dispatch(fmt::format("<document number='{}'>{}</document>", i, std::string(2000, 'x')));
        d.document_id = fmt::format("document {}", i);
        ASSERT_TRUE(s.accept(std::move(d)));
    }
}

TEST(integrity, a_sound_database_is_told_to_be_sound) {
    test::small_store s;
    fill(s, 20);
    const auto found = store::check_database(*s, 1min);
    EXPECT_EQ(found.fault, "");
    EXPECT_TRUE(found.complete);
}

/// Overwrites the head of the page that an index begins with, which nothing reads when a store is opened.
void damage_index(const test::small_store& s, const char* name) {
    sqlite3* db = nullptr;
    std::int64_t page = 0;
    ASSERT_EQ(sqlite3_open((s.directory() / "truc.db").c_str(), &db), SQLITE_OK);
    const auto sql = fmt::format("SELECT (rootpage - 1) * page_size FROM sqlite_schema, pragma_page_size"
                                 " WHERE name = '{}'",
                                 name);
    const auto read = [](void* to, int, char** columns, char**) {
        *static_cast<std::int64_t*>(to) = std::stoll(columns[0]);
        return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), read, &page, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
    std::fstream file(s.directory() / "truc.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(page);
    file << std::string(64, '\xA5');
}

TEST(integrity, a_page_that_was_overwritten_is_found) {
    test::small_store s;
    fill(s, 20);
    s.close();
    damage_index(s, "dispatch_code");
    s.open();
    EXPECT_NE(store::check_database(*s, 1min).fault, "");
}

TEST(integrity, a_check_that_takes_too_long_ends_and_says_so) {
    test::small_store s;
    fill(s, 300);
    const auto found = store::check_database(*s, -1ms);
    EXPECT_FALSE(found.complete);
    EXPECT_EQ(found.fault, "");
    EXPECT_TRUE(store::check_database(*s, 1min).complete) << "the connection is lent again without a limit";
}

TEST(integrity, contents_are_sampled_from_the_end_and_from_anywhere) {
    test::small_store s;
    fill(s, 50);
    const auto sample = store::sample_contents(*s, 5, 7);
    ASSERT_EQ(sample.size(), 10u);
    std::int64_t newest = 0;
    for (const auto& one : store::list_contents(*s, 0, 1000)) newest = std::max(newest, one.id);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(sample[i].id, newest - static_cast<std::int64_t>(i));
    for (const auto& one : sample) EXPECT_TRUE(s->open_content(one.sha256));
    EXPECT_EQ(store::list_contents(*s, 0, 20).size(), 20u);
    EXPECT_EQ(store::list_contents(*s, newest - 3, 20).size(), 3u);
    EXPECT_EQ(store::sample_contents(*s, 100, 7).size(), 50u) << "there are no more";
}

TEST(integrity, held_deliveries_are_counted_by_who_holds_them) {
    test::small_store s;
    fill(s, 3);
    EXPECT_EQ(store::count_held(*s).by_person, 0u);
    const auto hold = [&s](std::int64_t row, store::held_kind kind) {
        store::administration a{{row}, {"admin", "why"}, kind};
        return test::wait_for<std::size_t>([&](auto done) { s->hold(std::move(a), std::move(done)); });
    };
    EXPECT_EQ(hold(1, store::held_kind::by_person), std::size_t{1});
    EXPECT_EQ(hold(2, store::held_kind::by_truc), std::size_t{1});
    EXPECT_EQ(store::count_held(*s).by_person, 1u);
    EXPECT_EQ(store::count_held(*s).by_truc, 1u);
}

} // namespace
} // namespace truc
