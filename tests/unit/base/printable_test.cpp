#include <truc/base/printable.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

TEST(printable, leaves_what_people_write) {
    for (const std::string_view text : {"", "so-tttt", "Sở Thông tin và Truyền thông", "'a' (b) – c…"})
        EXPECT_EQ(printable(text, 200), text);
}

TEST(printable, shows_what_breaks_a_line_or_lies_about_it) {
    EXPECT_EQ(printable("a\r\nb\tc\x7f", 200), "a\\x0d\\x0ab\\x09c\\x7f");
    EXPECT_EQ(printable("\" \\", 200), "\\x22 \\x5c");
    EXPECT_EQ(printable("a\xff", 200), "a\\xff");
    EXPECT_EQ(printable("\xc2\x85", 200), "\\xc2\\x85");                // a control of ISO 8859-1
    EXPECT_EQ(printable("\xe2\x80\xaegpj", 200), "\\xe2\\x80\\xaegpj"); // turns what follows
    EXPECT_EQ(printable("\xe2\x81\xa6x", 200), "\\xe2\\x81\\xa6x");     // isolates
    EXPECT_EQ(printable("a\xe2\x80\x8b\xef\xbb\xbf", 200), "a\\xe2\\x80\\x8b\\xef\\xbb\\xbf"); // are not seen
}

TEST(printable, is_cut_between_characters) {
    EXPECT_EQ(printable("abcd", 4), "abcd");
    EXPECT_EQ(printable("abcde", 4), "abcd…");
    EXPECT_EQ(printable("abcđ", 4), "abc…");
    EXPECT_EQ(printable("abc\n", 4), "abc…");
    EXPECT_EQ(printable(std::string(1'000'000, 'x'), 64).size(), 64 + std::string_view("…").size());
}

} // namespace
} // namespace truc
