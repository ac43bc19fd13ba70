#include <truc/http/request.hpp>

#include <gtest/gtest.h>

namespace truc::http {
namespace {

request_head parsed(std::string_view target) {
    request_head head;
    EXPECT_TRUE(parse_target(target, head)) << target;
    return head;
}

TEST(target, is_split_and_decoded) {
    const auto head = parsed("/v1/inbox/a%2Fb?agency=000.00.12.H43&q=s%E1%BB%9F+y%20t%E1%BA%BF&claim&x=");
    EXPECT_EQ(head.path, (std::vector<std::string>{"v1", "inbox", "a/b"}));
    EXPECT_EQ(head.parameter("agency"), "000.00.12.H43");
    EXPECT_EQ(head.parameter("q"), "sở y tế");
    EXPECT_EQ(head.parameter("claim"), "");
    EXPECT_EQ(head.parameter("x"), "");
    EXPECT_EQ(head.parameter("none"), std::nullopt);
}

TEST(target, the_root_has_no_segments) {
    EXPECT_TRUE(parsed("/").path.empty());
    EXPECT_EQ(parsed("//").path, std::vector<std::string>{""});
}

TEST(target, the_absolute_form_is_understood) {
    EXPECT_EQ(parsed("http://truc.example:80/v1/check?a=1").path, (std::vector<std::string>{"v1", "check"}));
    EXPECT_TRUE(parsed("HTTPS://truc.example").path.empty());
}

TEST(target, what_is_malformed_is_refused) {
    for (const auto* bad : {"", "*", "v1", "/%", "/%4", "/%zz", "/%00", "/a?b=%0", "/a?%gg=1", "ftp://x/y"}) {
        request_head head;
        const auto done = parse_target(bad, head);
        ASSERT_FALSE(done) << bad;
        EXPECT_EQ(done.error().code, errc::bad_request);
    }
}

TEST(request_head, finds_fields_in_any_case_and_media_types_without_parameters) {
    request_head head;
    head.fields.push_back(field{"content-TYPE", "Application/XML ; charset=utf-8"});
    EXPECT_EQ(head.header("Content-Type"), "Application/XML ; charset=utf-8");
    EXPECT_EQ(head.media_type(), "application/xml");
    EXPECT_EQ(head.header("Content"), "");
}

} // namespace
} // namespace truc::http
