#include <truc/base/utf8.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

TEST(utf8, leaves_text_as_it_is) {
    for (const std::string_view text :
         {"", "a", "Ủy ban nhân dân tỉnh", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "\x7F\x01"})
        EXPECT_EQ(to_valid_utf8(text), text);
}

TEST(utf8, knows_the_length_of_a_character) {
    EXPECT_EQ(utf8_length("ab"), 1u);
    EXPECT_EQ(utf8_length("đa"), 2u);
    EXPECT_EQ(utf8_length("ểa"), 3u);
    EXPECT_EQ(utf8_length("\xF0\x9F\x96\x8B"), 4u);
}

TEST(utf8, replaces_each_byte_of_no_character) {
    const std::string_view bad[] = {
        "\xFF",             // never
        "\x80",             // a continuation alone
        "\xC3",             // cut off
        "\xC0\xAF",         // overlong
        "\xE0\x80\xAF",     // overlong
        "\xF0\x80\x80\xAF", // overlong
        "\xED\xA0\x80",     // a surrogate
        "\xF4\x90\x80\x80", // beyond U+10FFFF
        "\xF5\x80\x80\x80", // beyond
    };
    for (const auto text : bad) {
        std::string expected = "a";
        for (std::size_t i = 0; i < text.size(); ++i) expected += replacement_character;
        EXPECT_EQ(to_valid_utf8("a" + std::string(text) + "b"), expected + "b");
    }
}

TEST(utf16, every_character_crosses_and_comes_back) {
    const std::string text = "Hỏa tốc – “ký số” \xF0\x9F\x93\x9C A";
    EXPECT_EQ(to_utf8(to_utf16(text)), text);
    EXPECT_EQ(to_utf16("\xF0\x9F\x93\x9C").size(), 2u);
}

TEST(utf16, what_is_no_character_becomes_the_replacement) {
    EXPECT_EQ(to_utf16("a\xff"), u"a\xfffd");
    EXPECT_EQ(to_utf8(std::u16string{u'a', char16_t{0xd800}, u'b', char16_t{0xdc00}}), "a\xEF\xBF\xBD"
                                                                                       "b\xEF\xBF\xBD");
}

} // namespace
} // namespace truc
