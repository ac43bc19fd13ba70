// What happens when files are damaged, foreign or in use: noticed, never served.
#include "small_store.hpp"

#include <truc/base/durable.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <sqlite3.h>

namespace truc {
namespace {

using test::small_store;

void run_sql(const std::filesystem::path& file, const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(db);
}

std::filesystem::path content_file(const small_store& s, const sha256_digest& digest) {
    return s.directory() / "content" / digest.hex().substr(0, 2) / digest.hex();
}

TEST(damage, a_flipped_bit_in_a_content_file_is_never_served) {
    small_store s;
    const std::string bytes(200'000, 'x');
    ASSERT_TRUE(s.accept(bytes));
    std::fstream file(content_file(s, sha256(bytes)), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100'000);
    file.put('y');
    file.close();
    const auto content = s->open_content(sha256(bytes));
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().code, errc::corrupt);
}

TEST(damage, a_missing_or_truncated_content_file_is_noticed) {
    small_store s;
    const std::string bytes(200'000, 'x');
    ASSERT_TRUE(s.accept(bytes));
    const auto path = content_file(s, sha256(bytes));
    std::filesystem::resize_file(path, 199'999);
    EXPECT_EQ(s->open_content(sha256(bytes)).error().code, errc::corrupt);
    std::filesystem::remove(path);
    EXPECT_EQ(s->open_content(sha256(bytes)).error().code, errc::corrupt);
}

TEST(damage, changed_inline_content_is_never_served) {
    small_store s;
    ASSERT_TRUE(s.accept("<a/>"));
    s.close();
    run_sql(s.directory() / "truc.db", "UPDATE content SET bytes = x'3c622f3e'");
    s.open();
    EXPECT_EQ(s->open_content(sha256("<a/>")).error().code, errc::corrupt);
}

TEST(damage, a_rewritten_event_is_found_by_the_ledger_check) {
    small_store s;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(s.accept("<n>" + std::to_string(i) + "</n>"));
    ASSERT_TRUE(s->check_ledger(s.authorities()));
    s.close();
    run_sql(s.directory() / "truc.db",
            "UPDATE event SET xml = replace(xml, '000.00.12.H43', '000.00.99.H43') WHERE leaf = 3");
    s.open();
    const auto checked = s->check_ledger(s.authorities());
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().what, "ninhthuan.1.3");
}

TEST(damage, a_head_that_says_something_else_is_found_by_the_ledger_check) {
    small_store s;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(s.accept("<n>" + std::to_string(i) + "</n>"));
    s.close();
    run_sql(s.directory() / "truc.db",
            "UPDATE head SET xml = replace(xml, '<RootHash>', '<RootHash>0') WHERE size = 4");
    s.open();
    EXPECT_EQ(s->check_ledger(s.authorities()).error().what, "the head of ninhthuan.1 at size 4");
}

TEST(damage, a_good_copy_of_the_same_bytes_heals_a_damaged_content_file) {
    small_store s;
    const std::string bytes(200'000, 'x');
    ASSERT_TRUE(s.accept(bytes));
    std::filesystem::resize_file(content_file(s, sha256(bytes)), 10);
    ASSERT_FALSE(s->open_content(sha256(bytes)));
    auto d = s.dispatch(bytes);
    d.sender = "000.00.00.H43";
    ASSERT_TRUE(s.accept(std::move(d)));
    const auto healed = s->open_content(sha256(bytes));
    ASSERT_TRUE(healed);
    EXPECT_EQ(healed->view(), bytes);
}

TEST(damage, an_answer_that_cannot_be_given_does_not_end_the_process) {
    small_store s;
    ASSERT_TRUE(s.accept("<a/>"));
    s.close();
    run_sql(s.directory() / "truc.db", "UPDATE dispatch SET accepted_leaf = 999");
    s.open();
    const auto again = s.accept("<a/>");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, errc::internal);
    EXPECT_TRUE(s.accept("<b/>"));
}

TEST(damage, a_cut_off_ledger_is_found) {
    small_store s;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(s.accept("<n>" + std::to_string(i) + "</n>"));
    s.close();
    run_sql(s.directory() / "truc.db", "DELETE FROM event WHERE leaf = 9");
    s.open();
    EXPECT_FALSE(s->check_ledger(s.authorities()));
}

TEST(opening, removes_content_files_that_no_document_refers_to) {
    small_store s;
    const std::string kept(100'000, 'k'), orphan(100'000, 'o');
    ASSERT_TRUE(s.accept(kept));
    static_cast<void>(s.dispatch(orphan)); // linked, but the process "died" before its commit
    ASSERT_TRUE(std::filesystem::exists(content_file(s, sha256(orphan))));
    s.open();
    EXPECT_FALSE(std::filesystem::exists(content_file(s, sha256(orphan))));
    EXPECT_TRUE(s->open_content(sha256(kept)));
}

TEST(opening, a_store_in_use_is_refused) {
    small_store s;
    EXPECT_THROW(store::store({s.directory(), "ninhthuan", s.signer(), &s.clock(), nullptr, {}, {}, 0, {}}),
                 std::runtime_error);
}

TEST(opening, the_store_of_another_node_is_refused) {
    small_store s;
    s.close();
    EXPECT_THROW(store::store({s.directory(), "thuannam", s.signer(), &s.clock(), nullptr, {}, {}, 0, {}}),
                 std::runtime_error);
}

TEST(opening, a_store_of_a_newer_program_is_refused) {
    small_store s;
    s.close();
    run_sql(s.directory() / "truc.db", "PRAGMA user_version = 999");
    EXPECT_THROW(s.open(), std::runtime_error);
}

TEST(opening, the_database_of_another_program_is_refused) {
    small_store s;
    s.close();
    run_sql(s.directory() / "truc.db", "PRAGMA application_id = 7");
    EXPECT_THROW(s.open(), std::runtime_error);
}

TEST(draining, writes_what_was_queued_and_refuses_more) {
    small_store s;
    std::atomic<int> answered{0};
    for (int i = 0; i < 50; ++i)
        s->accept(s.dispatch("<n>" + std::to_string(i) + "</n>"),
                  [&](result<store::acceptance> a) { answered += a ? 1 : 0; });
    s->drain();
    EXPECT_EQ(answered, 50);
    const auto late = s.accept("<late/>");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, errc::not_ready);
}

} // namespace
} // namespace truc
