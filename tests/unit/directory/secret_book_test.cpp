#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>
#include <truc/directory/client_lines.hpp>
#include <truc/directory/secret_book.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::directory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class kept_secrets : public testing::Test {
  protected:
    std::string line(std::string_view client, std::string_view secret) const {
        return secret_book::line_of(client, secret, key_) + "\n";
    }
    std::string problem_of(std::string_view text) const {
        const auto book = secret_book::parse(text, "secrets.jsonl", key_);
        EXPECT_FALSE(book);
        if (book) return {};
        EXPECT_EQ(book.error().code, errc::bad_configuration);
        return book.error().what;
    }

    const std::string key_text_ = trust::sealing_key::make_text();
    const trust::sealing_key key_ = *trust::sealing_key::parse(key_text_);
    const timestamp noon_ = *from_rfc3339("2026-11-22T12:00:00+07:00");
};

TEST_F(kept_secrets, are_read_back_and_do_not_stand_in_the_file) {
    const auto text = "# own\n\n" + line("one", "a secret") + line("two", "another");
    EXPECT_EQ(text.find("a secret"), std::string::npos);
    const auto book = secret_book::parse(text, "file", key_);
    ASSERT_TRUE(book) << book.error().what;
    EXPECT_THAT(book->secrets_of("one", noon_), ElementsAre("a secret"));
    EXPECT_THAT(book->secrets_of("two", noon_), ElementsAre("another"));
    EXPECT_THAT(book->secrets_of("three", noon_), IsEmpty());
}

TEST_F(kept_secrets, the_one_that_was_replaced_is_good_until_its_end_and_comes_second) {
    const auto renewed = with_client_line(line("one", "old"), "one", secret_book::line_of("one", "new", key_), noon_);
    ASSERT_TRUE(renewed);
    const auto book = secret_book::parse(*renewed, "file", key_);
    ASSERT_TRUE(book) << book.error().what;
    EXPECT_THAT(book->secrets_of("one", noon_ - milliseconds(1)), ElementsAre("new", "old"));
    EXPECT_THAT(book->secrets_of("one", noon_), ElementsAre("new"));
}

TEST_F(kept_secrets, a_line_in_anothers_place_or_of_another_key_is_refused_with_its_place) {
    const auto swapped = [&] {
        auto text = line("one", "x");
        text.replace(text.find("one"), 3, "two");
        return text;
    }();
    EXPECT_THAT(problem_of("\n" + swapped), HasSubstr("secrets.jsonl:2: secret/sealed: changed"));
    const auto other = *trust::sealing_key::parse(trust::sealing_key::make_text());
    EXPECT_THAT(problem_of(secret_book::line_of("one", "x", other)), HasSubstr("sealed with another key"));
    EXPECT_THAT(problem_of(R"({"client": "one"})"), HasSubstr("secret/sealed"));
    EXPECT_THAT(problem_of(R"({"client": "one", "sealed": 1})"), HasSubstr("secret/sealed"));
    EXPECT_THAT(problem_of("x"), HasSubstr("expected a JSON object"));
    EXPECT_THAT(problem_of(line("one", "x") + line("one", "y")), HasSubstr("secrets.jsonl:2: one stands there twice"));
}

TEST_F(kept_secrets, both_files_are_their_owners_alone) {
    const test::temporary_directory dir;
    const auto secrets = dir.path() / "secrets.jsonl";
    const auto key = dir.path() / "secrets.key";
    const auto problem = [&](unsigned mode_of_secrets, unsigned mode_of_key) -> std::string {
        EXPECT_TRUE(write_file(secrets, line("one", "x"), mode_of_secrets));
        EXPECT_TRUE(write_file(key, key_text_, mode_of_key));
        const auto book = secret_book::load(secrets, key);
        return book ? "" : book.error().what;
    };
    EXPECT_EQ(problem(0600, 0600), "");
    EXPECT_EQ(problem(0640, 0600), secrets.string() + ": others than its owner may open it (expected mode 600)");
    EXPECT_EQ(problem(0600, 0604), key.string() + ": others than its owner may open it (expected mode 600)");
    EXPECT_FALSE(secret_book::load(dir.path() / "missing", key));
    EXPECT_FALSE(secret_book::load(secrets, dir.path() / "missing"));
}

TEST_F(kept_secrets, a_name_is_that_of_a_client_or_of_all_that_act_for_an_agency) {
    const auto d = directory::parse(R"({"node": {"name": "n"}}
{"agency": {"code": "000.00.12.H43", "name": "a", "node": "n", "aliases": ["H43.12"]}}
{"agency": {"code": "000.00.03.H43", "name": "b", "node": "n"}}
{"client": {"id": "one", "agencies": ["000.00.12.H43", "000.00.03.H43"]}}
{"client": {"id": "two", "agencies": ["000.00.03.H43"]}}
{"client": {"id": "out", "agencies": ["000.00.03.H43"], "disabled": true}}
{"client": {"id": "mute", "agencies": ["000.00.12.H43"]}})",
                                    "directory");
    ASSERT_TRUE(d) << d.error().what;
    const auto book =
        secret_book::parse(line("one", "1") + line("two", "2") + line("gone", "3") + line("out", "4"), "file", key_);
    ASSERT_TRUE(book);
    const auto named = [&](std::string_view name) {
        std::string ids;
        for (const auto* c : book->candidates(*d, name)) ids += c->id + " ";
        return ids;
    };
    EXPECT_EQ(named("one"), "one ");
    EXPECT_EQ(named("000.00.12.H43"), "one ");
    EXPECT_EQ(named("h43-12"), "one ");
    EXPECT_EQ(named("000.00.03.H43"), "one two ") << "the signature says which; the third is disabled";
    EXPECT_EQ(named("out"), "out ") << "it has to learn why it is refused";
    EXPECT_EQ(named("mute"), "") << "it has no secret";
    EXPECT_EQ(named("gone"), "") << "the directory does not know it";
}

TEST_F(kept_secrets, a_client_of_another_node_takes_no_agency_its_name) {
    const auto d = directory::parse(R"({"node": {"name": "n"}}
{"node": {"name": "other", "parent": "n"}}
{"agency": {"code": "000.00.12.H43", "name": "a", "node": "n"}}
{"agency": {"code": "000.00.99.H43", "name": "b", "node": "other"}}
{"client": {"id": "one", "agencies": ["000.00.12.H43"]}}
{"client": {"id": "000.00.12.H43", "agencies": ["000.00.99.H43"]}})",
                                    "directory");
    ASSERT_TRUE(d) << d.error().what;
    const auto book = secret_book::parse(line("one", "1"), "file", key_);
    ASSERT_TRUE(book);
    const auto found = book->candidates(*d, "000.00.12.H43");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front()->id, "one");
}

TEST(client_lines, of_others_and_comments_stay_byte_for_byte) {
    const std::string others = "# mine\n{\"client\":   \"b\"}\n\n  # also mine\n";
    const auto text = with_client_line(others, "a", R"({"client": "a", "n": 1})", {});
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, others + "{\"client\": \"a\", \"n\": 1}\n");
    const auto again = with_client_line(*text, "a", R"({"client": "a", "n": 2})", {});
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, others + "{\"client\": \"a\", \"n\": 2}\n") << "nothing old stays";
    EXPECT_FALSE(with_client_line("x\n", "a", "{}", {})) << "a file that is not understood is not changed";
}

TEST(client_lines, only_the_last_one_stays_beside_the_new_one) {
    const auto first_end = *from_rfc3339("2026-11-22T12:00:00+07:00");
    const auto second_end = first_end + std::chrono::hours(1);
    const auto one = with_client_line(R"({"client":"a","n":1})", "a", R"({"client":"a","n":2})", first_end);
    const auto two = with_client_line(*one, "a", R"({"client":"a","n":3})", second_end);
    ASSERT_TRUE(two);
    EXPECT_EQ(*two,
              "{\"client\":\"a\",\"n\":3}\n{\"client\":\"a\",\"n\":2,\"until\":\"2026-11-22T13:00:00.000+07:00\"}\n");
    const auto kept = kept_for_clients(*two, "file");
    ASSERT_TRUE(kept);
    EXPECT_TRUE(kept->at("a").current);
    EXPECT_EQ(kept->at("a").old_until, second_end);
    EXPECT_FALSE(kept->contains("b"));
    EXPECT_EQ(kept_for_clients("x", "file").error().what, "file:1: expected a JSON object");
}

} // namespace
} // namespace truc::directory
