#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>
#include <truc/directory/client_lines.hpp>
#include <truc/directory/password_book.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::directory {
namespace {

using testing::HasSubstr;

constexpr trust::password_hash::cost cheap{16, 1, 1};

std::string line_of(std::string_view client, std::string_view password) {
    return password_book::line_of(client, trust::password_hash::make(password, cheap));
}

std::string line(std::string_view client, std::string_view password) { return line_of(client, password) + "\n"; }

std::string problem_of(std::string_view text) {
    const auto book = password_book::parse(text, "passwords.jsonl");
    EXPECT_FALSE(book);
    EXPECT_EQ(book.error().code, errc::bad_configuration);
    return book.error().what;
}

TEST(password_book, what_was_written_is_read_back) {
    const auto book = password_book::parse("# own\n\n" + line("so-tttt", "one") + line("vpcp", "two"), "file");
    ASSERT_TRUE(book) << book.error().what;
    EXPECT_EQ(book->size(), 2u);
    const auto kept = book->passwords_of("vpcp", timestamp());
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_TRUE(kept.front()->fits("two"));
    EXPECT_FALSE(kept.front()->fits("one"));
    EXPECT_TRUE(book->passwords_of("nobody", timestamp()).empty());
}

TEST(password_book, what_was_replaced_is_good_until_its_end) {
    const auto noon = *from_rfc3339("2026-11-22T12:00:00+07:00");
    const auto text = *with_client_line(line("a", "old"), "a", line_of("a", "new"), noon);
    const auto book = password_book::parse(text, "file");
    ASSERT_TRUE(book) << book.error().what;
    const auto before = book->passwords_of("a", noon - milliseconds(1));
    ASSERT_EQ(before.size(), 2u);
    EXPECT_TRUE(before.front()->fits("new"));
    EXPECT_TRUE(before.back()->fits("old"));
    const auto after = book->passwords_of("a", noon);
    ASSERT_EQ(after.size(), 1u);
    EXPECT_TRUE(after.front()->fits("new"));
    EXPECT_THAT(problem_of(text + line("a", "third")), HasSubstr("a stands there twice"));
    EXPECT_THAT(problem_of(R"({"client": "a", "until": "noon"})"), HasSubstr("line/until"));
}

TEST(password_book, says_where_it_is_wrong) {
    EXPECT_THAT(problem_of("\nx\n"), HasSubstr("passwords.jsonl:2: expected a JSON object"));
    EXPECT_THAT(problem_of(line("a", "x") + line("a", "y")), HasSubstr("passwords.jsonl:2: a stands there twice"));
    EXPECT_THAT(problem_of(R"({"client": "a"})"), HasSubstr("password/scrypt"));
    EXPECT_THAT(problem_of(R"({"client": "a", "client": "b", "scrypt": {}})"), HasSubstr("twice"));
    EXPECT_THAT(problem_of(R"({"client": "a", "scrypt": {"n": 16, "r": 1, "p": 1, "salt": "zz", "key": "00"}})"),
                HasSubstr("scrypt/salt"));
    EXPECT_THAT(problem_of(R"({"client": "a", "scrypt": {"n": 15, "r": 1, "p": 1, "salt": "00", "key": "00"}})"),
                HasSubstr("cost"));
}

TEST(password_book, only_its_owner_may_read_the_file) {
    const test::temporary_directory dir;
    const auto file = dir.path() / "passwords.jsonl";
    ASSERT_TRUE(write_file(file, line("a", "x"), 0640));
    const auto open = password_book::load(file);
    ASSERT_FALSE(open);
    EXPECT_THAT(open.error().what, HasSubstr("mode 600"));
    ASSERT_TRUE(write_file(file, line("a", "x"), 0600));
    EXPECT_TRUE(password_book::load(file));
    EXPECT_FALSE(password_book::load(dir.path() / "missing"));
}

TEST(password_book, a_client_is_named_by_its_id_or_by_an_agency_that_no_other_acts_for) {
    const auto d = directory::parse(R"({"node": {"name": "n"}}
{"agency": {"code": "000.00.12.H43", "name": "a", "node": "n"}}
{"agency": {"code": "000.00.03.H43", "name": "b", "node": "n"}}
{"client": {"id": "one", "agencies": ["000.00.12.H43", "000.00.03.H43"]}}
{"client": {"id": "two", "agencies": ["000.00.03.H43"]}}
{"client": {"id": "mute", "agencies": ["000.00.12.H43"]}})",
                                    "directory");
    ASSERT_TRUE(d) << d.error().what;
    const auto book = password_book::parse(line("one", "1") + line("two", "2") + line("gone", "3"), "file");
    ASSERT_TRUE(book);
    const auto named = [&](std::string_view name) {
        const auto* c = book->who(*d, name);
        return c ? c->id : std::string();
    };
    EXPECT_EQ(named("one"), "one");
    EXPECT_EQ(named("000.00.12.H43"), "one");
    EXPECT_EQ(named("000-00-12-h43"), "one");
    EXPECT_EQ(named("000.00.03.H43"), "") << "of two it cannot be said which";
    EXPECT_EQ(named("mute"), "") << "it has no password";
    EXPECT_EQ(named("gone"), "") << "the directory does not know it";
    EXPECT_EQ(named("nobody"), "");
}

} // namespace
} // namespace truc::directory
