#include "hostile_documents.hpp"

#include <truc/xml/document.hpp>
#include <truc/xml/first_pass.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace truc::xml {
namespace {

result<void> scan(std::string_view bytes, std::size_t piece, const limits& l = {}) {
    first_pass pass(l);
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        if (auto fed = pass.feed(bytes.substr(at, piece)); !fed) return fed;
    return pass.finish();
}

result<void> scan(std::string_view bytes, const limits& l = {}) { return scan(bytes, bytes.size() + 1, l); }

void expect_same(const result<void>& a, const result<void>& b, const std::string& name) {
    ASSERT_EQ(a.has_value(), b.has_value()) << name;
    if (a) return;
    EXPECT_EQ(a.error().code, b.error().code) << name;
    EXPECT_EQ(a.error().what, b.error().what) << name;
    ASSERT_EQ(a.error().where.has_value(), b.error().where.has_value()) << name;
    EXPECT_EQ(a.error().where->line, b.error().where->line) << name;
    EXPECT_EQ(a.error().where->column, b.error().where->column) << name;
}

TEST(first_pass, refuses_hostile_documents_alone_or_together_with_the_parser) {
    initialise();
    for (const auto& [name, bytes, expected] : test::hostile_documents()) {
        auto answer = scan(bytes);
        if (answer)
            if (auto parsed = document::parse(bytes); !parsed) answer = fail(parsed.error());
        ASSERT_FALSE(answer) << name;
        EXPECT_EQ(answer.error().code, expected) << name << ": " << answer.error().what;
        EXPECT_FALSE(answer.error().what.empty()) << name;
    }
}

TEST(first_pass, lets_odd_but_sound_documents_through_as_the_parser_does) {
    initialise();
    for (const auto& [name, bytes] : test::odd_but_sound_documents()) {
        const auto answer = scan(bytes);
        EXPECT_TRUE(answer) << name << ": " << answer.error().what;
        const auto parsed = document::parse(bytes);
        EXPECT_TRUE(parsed) << name << ": " << parsed.error().what;
    }
}

TEST(first_pass, answers_the_same_however_the_bytes_are_cut) {
    std::vector<std::pair<std::string, std::string>> documents = test::odd_but_sound_documents();
    for (const auto& hostile : test::hostile_documents()) documents.emplace_back(hostile.name, hostile.bytes);
    for (const auto& [name, bytes] : documents) {
        const auto whole = scan(bytes);
        for (const std::size_t piece : {1, 2, 3, 7, 64}) expect_same(whole, scan(bytes, piece), name);
        if (bytes.size() > 400) continue;
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
            first_pass pass;
            auto answer = pass.feed(std::string_view(bytes).substr(0, cut));
            if (answer) answer = pass.feed(std::string_view(bytes).substr(cut));
            if (answer) answer = pass.finish();
            expect_same(whole, answer, name + " cut at " + std::to_string(cut));
        }
    }
}

TEST(first_pass, says_where_the_fault_is) {
    const auto answer = scan("<a>\n <b>\xC4\x90\xE1\xBA\xBF\xC4\x91 \x02</b></a>");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().what, "control character 0x02");
    EXPECT_EQ(answer.error().where->line, 2u);
    EXPECT_EQ(answer.error().where->column, 9u); // in characters
}

TEST(first_pass, names_the_limit_that_was_passed) {
    limits small;
    small.bytes = 40;
    small.depth = 2;
    small.nodes = 4;
    EXPECT_TRUE(scan("<a><b/></a>", small));
    EXPECT_EQ(scan("<a><b><c/></b></a>", small).error().what, "more than 2 levels of elements");
    EXPECT_EQ(scan("<a><b/><b/><b/><b/></a>", small).error().what, "more than 4 elements, attributes and comments");
    EXPECT_EQ(scan("<a b='' c=''><!----><![CDATA[]]></a>", small).error().code, errc::too_deep);
    const auto large = scan("<a>" + std::string(34, 'x') + "</a>", small);
    EXPECT_EQ(large.error().code, errc::too_large);
    EXPECT_EQ(large.error().what, "more than 40 bytes");
    EXPECT_TRUE(scan("<a>" + std::string(33, 'x') + "</a>", small));
}

TEST(first_pass, keeps_its_answer_after_an_error) {
    first_pass pass;
    const auto first = pass.feed("<a>\x01");
    const auto second = pass.feed("</a>");
    expect_same(first, second, "second");
    expect_same(first, pass.finish(), "finish");
}

TEST(first_pass, refuses_a_depth_bomb_at_once) {
    const auto bomb = test::nested(1'000'000);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(scan(bomb).error().code, errc::too_deep);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
}

TEST(first_pass, counts_lines_over_pieces) {
    first_pass pass;
    ASSERT_TRUE(pass.feed("<a>\n\n"));
    ASSERT_TRUE(pass.feed("x\ny"));
    const auto answer = pass.feed("z<?");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().where->line, 4u);
    EXPECT_EQ(answer.error().where->column, 4u);
}

} // namespace
} // namespace truc::xml
