#include <truc/http/multipart.hpp>

#include <gtest/gtest.h>

namespace truc::test {
namespace {

constexpr auto content_type = R"(multipart/form-data; charset=utf-8; boundary="b 1")";

std::string part(const std::string& header, const std::string& content) {
    return "--b 1\r\n" + header + "\r\n\r\n" + content + "\r\n";
}
std::string named(const std::string& name, const std::string& content) {
    return part("Content-Disposition: form-data; name=\"" + name + "\"", content);
}
const std::string last = "--b 1--\r\n";

/// The content of the part "file_doc", with the body fed in pieces of that size.
result<std::string> read(std::string_view body, std::size_t piece = 1, std::string_view type = content_type) {
    auto reader = http::multipart_reader::make(type, "file_doc");
    if (!reader) return fail(reader.error());
    std::string content;
    const auto take = [&content](std::string_view bytes) {
        content.append(bytes);
        return result<void>();
    };
    for (std::size_t at = 0; at < body.size(); at += piece)
        if (auto fed = reader->feed(body.substr(at, piece), take); !fed) return fail(fed.error());
    if (auto complete = reader->finish(); !complete) return fail(complete.error());
    return content;
}

TEST(multipart, hands_out_the_wanted_part_however_the_body_is_cut) {
    const std::string content = "a\r\n--b\r\n-- b 1--\r\n\r--b 1\n--b 1\r\r\n\r\n" + std::string(3000, '\0');
    const auto body = "preamble\r\n" + named("note", "no") + named("file_doc", content) + named("more", "no") + last +
                      "epilogue --b 1\r\n";
    for (const std::size_t piece : {1, 2, 3, 5, 7, 64, 100'000}) {
        const auto got = read(body, piece);
        ASSERT_TRUE(got) << got.error().what;
        EXPECT_EQ(*got, content) << "in pieces of " << piece;
    }
}

TEST(multipart, needs_neither_preamble_nor_content) {
    EXPECT_EQ(read(named("file_doc", "") + last), "");
    EXPECT_EQ(read(named("file_doc", "abc") + last), "abc");
    EXPECT_EQ(read(named("file_doc", "abc") + "--b 1--"), "abc");
}

TEST(multipart, understands_every_way_of_writing_the_name) {
    for (const char* header :
         {"content-disposition:form-data;name=file_doc",
          "Content-Type: text/xml\r\nContent-Disposition: form-data; filename=\"a;b\\\"c=d\"; name=\"file_doc\"",
          "CONTENT-DISPOSITION: Form-Data ; NAME = \"file_doc\" ; filename*=UTF-8''%e2; x",
          "Content-Disposition: form-data; name=\"file\\_doc\""})
        EXPECT_EQ(read(part(header, "abc") + last), "abc") << header;
}

TEST(multipart, refuses_what_is_malformed_or_ambiguous) {
    const auto file = named("file_doc", "abc");
    const std::pair<const char*, std::string> bodies[] = {
        {"empty", ""},
        {"no last delimiter", file},
        {"cut off in its last delimiter", file + "--b 1-"},
        {"cut off in a header", "--b 1\r\nContent-Disposition: form-data; name=\"file_doc\"\r\n"},
        {"another part only", named("file", "abc") + last},
        {"the part twice", file + file + last},
        {"no header", "--b 1\r\n\r\nabc\r\n" + last},
        {"a header without a name", part("Content-Disposition: form-data; filename=\"file_doc\"", "abc") + last},
        {"a name without an end", part("Content-Disposition: form-data; name=\"file_doc", "abc") + last},
        {"two names", part("Content-Disposition: form-data; name=file_doc; name=x", "abc") + last},
        {"two dispositions",
         part("Content-Disposition: form-data; name=x\r\nContent-Disposition: form-data; name=file_doc", "abc") + last},
        {"no form-data", part("Content-Disposition: attachment; name=file_doc", "abc") + last},
        {"a delimiter that goes on", "--b 1x\r\nContent-Disposition: form-data; name=file_doc\r\n\r\nabc\r\n" + last},
        {"a delimiter of blanks", "--b 1" + std::string(65, ' ') + "\r\n" + file.substr(7) + last},
        {"a long header",
         part("X: " + std::string(8192, 'x') + "\r\nContent-Disposition: form-data; name=file_doc", "abc") + last},
    };
    for (const auto& [what, body] : bodies) {
        const auto got = read(body, 1);
        ASSERT_FALSE(got) << what;
        EXPECT_EQ(got.error().code, errc::bad_request) << what;
        EXPECT_FALSE(read(body, 100'000)) << what;
    }
}

TEST(multipart, does_not_count_parts_for_ever) {
    std::string body;
    for (int i = 0; i < 63; ++i) body += named("x", "");
    EXPECT_EQ(read(body + named("file_doc", "abc") + last), "abc");
    EXPECT_FALSE(read(body + named("x", "") + named("file_doc", "abc") + last));
}

TEST(multipart, needs_a_boundary_that_the_standard_allows) {
    const auto body = named("file_doc", "abc") + last;
    for (const char* type :
         {"multipart/mixed; boundary=\"b 1\"", "multipart/form-data", "multipart/form-data; boundary=\"\"",
          "multipart/form-data; boundary=\"b 1 \"", "multipart/form-data; boundary=\"b\r\n1\"",
          "multipart/form-data; boundary=\"b 1\"; boundary=x",
          "multipart/form-data; boundary=12345678901234567890123456789012345678901234567890123456789012345678901"})
        EXPECT_FALSE(read(body, 1, type)) << type;
}

TEST(multipart, what_the_taker_refuses_ends_the_reading) {
    auto reader = http::multipart_reader::make(content_type, "file_doc");
    const auto refuse = [](std::string_view) { return result<void>(fail(errc::no_space)); };
    const auto fed = reader->feed(named("file_doc", std::string(100, 'x')) + last, refuse);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, errc::no_space);
}

TEST(multipart, holds_no_more_than_a_delimiter_of_content) {
    auto reader = http::multipart_reader::make(content_type, "file_doc");
    std::size_t handed_out = 0;
    const auto take = [&handed_out](std::string_view bytes) {
        handed_out += bytes.size();
        return result<void>();
    };
    ASSERT_TRUE(reader->feed("--b 1\r\nContent-Disposition: form-data; name=file_doc\r\n\r\n", take));
    ASSERT_TRUE(reader->feed(std::string(10'000, 'x'), take));
    EXPECT_GE(handed_out, 10'000 - std::string("\r\n--b 1").size());
}

} // namespace
} // namespace truc::test
