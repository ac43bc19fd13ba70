#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tdoffice/soap_text.hpp>

namespace truc::tdoffice {
namespace {

using namespace std::string_literals;

constexpr auto declared_utf8 = "text/xml; charset=utf-8";

/// Each character of ASCII as two bytes, the low one first.
std::string little_endian(std::string_view ascii) {
    std::string out;
    for (const char c : ascii) out += {c, '\0'};
    return out;
}

TEST(soap_text, is_utf8_with_and_without_a_mark) {
    EXPECT_EQ(to_utf8("<a>ệ</a>", declared_utf8), "<a>ệ</a>");
    EXPECT_EQ(to_utf8("\xEF\xBB\xBF<a>ệ</a>", "text/xml"), "<a>ệ</a>");
    EXPECT_EQ(to_utf8("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<a/>", ""), "<a/>");
}

TEST(soap_text, is_converted_from_utf16) {
    EXPECT_EQ(to_utf8("\xFF\xFE" + little_endian("<?xml version=\"1.0\" encoding=\"utf-16\"?><a>") + "\xC7\x1E"s +
                          little_endian("</a>"),
                      "text/xml"),
              "<a>ệ</a>");
    EXPECT_EQ(to_utf8("\xFE\xFF\0<\0a\0/\0>"s, declared_utf8), "<a/>");
    EXPECT_EQ(to_utf8(little_endian("<a/>"), "text/xml"), "<a/>");
}

TEST(soap_text, declared_as_utf16_in_readable_bytes_is_what_dot_net_does_with_strings) {
    EXPECT_EQ(to_utf8("<?xml version=\"1.0\" encoding=\"utf-16\"?><a>ệ</a>", "text/xml"), "<a>ệ</a>");
}

TEST(soap_text, is_converted_from_the_code_page_of_vietnamese_windows) {
    EXPECT_EQ(to_utf8("<a>\xEA\xF2</a>", "text/xml; charset=windows-1258"), "<a>ệ</a>"); // ê and a dot below it
    EXPECT_EQ(to_utf8("<?xml version=\"1.0\" encoding='iso-8859-1'?><a>\xE0</a>", "text/xml"), "<a>à</a>");
}

TEST(soap_text, that_contradicts_what_it_declares_is_refused) {
    for (const auto& [bytes, type] : {std::pair{"<a>ệ</a>", "text/xml; charset=windows-1258"},
                                      {"<a>\xEA</a>", "text/xml; charset=utf-8"},
                                      {"<a>\xEA</a>", "text/xml"},
                                      {"<a/>", "text/xml; charset=tcvn3"},
                                      {"\xFF\xFE<", "text/xml"}}) {
        const auto text = to_utf8(bytes, type);
        ASSERT_FALSE(text) << type;
        EXPECT_EQ(text.error().code, errc::encoding);
    }
}

} // namespace
} // namespace truc::tdoffice
