#include <truc/base/ascii.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

TEST(ascii, letters_have_no_case_and_nothing_else_changes) {
    EXPECT_EQ(to_lower("SHA-256 @[`{ Đ"), "sha-256 @[`{ Đ");
    EXPECT_TRUE(iequal("GZip", "gzip"));
    for (const auto* other : {"gzi", "gzipp", "\x07zip", "gzi\x10", ""}) EXPECT_FALSE(iequal(other, "gzip")) << other;
    EXPECT_TRUE(istarts_with("Bytes=1-", "bytes="));
    EXPECT_FALSE(istarts_with("byte", "bytes="));
}

TEST(ascii, blanks_at_the_ends_go) {
    EXPECT_EQ(trim(" \ta b\t "), "a b");
    EXPECT_EQ(trim(" \t"), "");
    EXPECT_EQ(trim(""), "");
    EXPECT_EQ(trim("\na\n"), "\na\n");
    EXPECT_EQ(trim("\r\n a\r\n", " \t\r\n"), "a");
}

} // namespace
} // namespace truc
