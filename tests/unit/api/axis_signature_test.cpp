#include <truc/api/axis_signature.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace truc::api {
namespace {

const auto recorded_at = *from_rfc3339("2026-11-21T16:27:10.358+07:00");

http::request_head head_of(std::string_view text) {
    http::request_head head;
    auto line_end = text.find("\r\n");
    while (line_end != std::string_view::npos) {
        text.remove_prefix(line_end + 2);
        line_end = text.find("\r\n");
        const auto line = text.substr(0, line_end);
        const auto colon = line.find(": ");
        if (line.empty() || colon == std::string_view::npos) break;
        head.fields.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
    }
    return head;
}

/// All that is asked of a request before it is believed, as far as it can be said without a directory.
result<axis_parameters> read(const http::request_head& head, std::string_view secret, timestamp now) {
    const auto headers = axis_headers::read(head);
    if (!headers) return fail(headers.error());
    if (!headers->signed_with(secret)) return fail(errc::credentials, "HMAC");
    auto parameters = headers->parameters();
    if (!parameters) return parameters;
    if (auto fresh = check_axis_time(parameters->at("timestamp"), now); !fresh) return fail(fresh.error());
    return parameters;
}

/// A request of tests/data/vxp.
struct recording {
    std::string name;
    std::string secret;
    std::string answer;
    std::string request;
};

std::vector<recording> recordings() {
    std::vector<recording> all;
    for (const auto& entry : std::filesystem::directory_iterator(TRUC_SOURCE_DIR "/tests/data/vxp")) {
        std::ifstream in(entry.path(), std::ios::binary);
        recording r;
        r.name = entry.path().stem();
        for (std::string line; std::getline(in, line) && !line.empty();) {
            if (line.starts_with("secret: ")) r.secret = line.substr(8);
            if (line.starts_with("answer: ")) r.answer = line.substr(8);
        }
        r.request.assign(std::istreambuf_iterator<char>(in), {});
        all.push_back(std::move(r));
    }
    return all;
}

std::string request_named(std::string_view name) {
    for (auto& r : recordings())
        if (r.name == name) return std::move(r.request);
    return {};
}

/// Signed as a client would that sends exactly these headers and this text.
http::request_head signed_head(const std::string& json, const std::string& mac,
                               std::vector<std::pair<std::string, std::string>> plain, const std::string& list) {
    http::request_head head;
    for (auto& [name, value] : plain) head.fields.push_back({"XroadVnpt-" + name, std::move(value)});
    head.fields.push_back({"XroadVnpt-sign-header-key", list});
    head.fields.push_back({"XroadVnpt-sign-header", json});
    head.fields.push_back({"XroadVnpt-hash-header", mac});
    return head;
}

TEST(axis_signature, takes_what_the_sdk_sent) {
    const auto head = head_of(request_named("captured"));
    const auto got = read(head, "s3cret", recorded_at);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->size(), 8u);
    EXPECT_EQ(got->at("systemid"), "000.00.00.H43");
    EXPECT_EQ(got->at("to"), R"(["000.00.00.G22","000.00.12.H43"])");
    EXPECT_EQ(got->at("hash-file"), "a1fd98554152adcab3c8c3f0fc3b1f7d245a5661dc459a61f92eaa7248edf");
    EXPECT_EQ(got->at("Content-Type"), "application/octet-stream");
    EXPECT_FALSE(read(head, "s3cre", recorded_at));
    EXPECT_FALSE(read(head, "s3cret ", recorded_at));
}

TEST(axis_signature, takes_the_self_made_vector) {
    const auto head = signed_head(
        R"({"XroadVnpt-systemid":"000.00.00.T01","XroadVnpt-timestamp":"01072025T081500+0700","XroadVnpt-Content-Type":"application/xml","XroadVnpt-servicetype":"eDoc","XroadVnpt-messagetype":"edoc","XroadVnpt-docId":"doc-1"})",
        "f9fb2d60e27eeaa4cf52eb83a21c780e8597d4ecfe549309564591ab2d55355d",
        {{"systemid", "000.00.00.T01"},
         {"timestamp", "01072025T081500+0700"},
         {"Content-Type", "application/xml"},
         {"servicetype", "eDoc"},
         {"messagetype", "edoc"},
         {"docId", "doc-1"}},
        "systemid;timestamp;Content-Type;servicetype;messagetype;docId");
    const auto got = read(head, "test-secret", *from_rfc3339("2025-07-01T12:00:00+07:00"));
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->at("docId"), "doc-1");
}

TEST(axis_signature, of_every_recorded_request_is_as_the_recording_says) {
    std::size_t believed = 0;
    for (const auto& r : recordings()) {
        const auto got = read(head_of(r.request), r.secret, recorded_at);
        EXPECT_EQ(got.has_value(), r.answer != "FAIL 15") << r.name << (got ? "" : ": " + got.error().what);
        believed += got.has_value();
    }
    EXPECT_GE(believed, 20u);
}

TEST(axis_signature, any_changed_byte_of_what_is_signed_is_noticed) {
    const auto text = request_named("captured");
    const auto begin = text.find("XroadVnpt-systemid");
    const auto end = text.find("User-Agent");
    for (auto at = begin; at < end; ++at) {
        auto changed = text;
        changed[at] = changed[at] == '#' ? '$' : '#';
        if (text[at] == '\r' || text[at] == '\n') continue;
        EXPECT_FALSE(read(head_of(changed), "s3cret", recorded_at))
            << changed.substr(at - std::min<std::size_t>(at, 20), 40);
    }
}

TEST(axis_signature, says_which_header_differs_to_who_has_proven_itself) {
    const auto headers = axis_headers::read(head_of(request_named("forged-to")));
    ASSERT_TRUE(headers);
    EXPECT_TRUE(headers->signed_with("s3cret"));
    EXPECT_EQ(headers->parameters().error().what, "header XroadVnpt-to differs from what was signed");
}

TEST(axis_signature, reads_text_in_utf_8_and_as_headers_are_by_the_book) {
    // {"XroadVnpt-systemid":"a","XroadVnpt-timestamp":"t","XroadVnpt-filePath":"é"} signed with "k", in UTF-8
    const std::string json = R"({"XroadVnpt-systemid":"a","XroadVnpt-timestamp":"t","XroadVnpt-filePath":")";
    const std::string mac = "d18a94fc6def90ccf79d06e8e77d4d1f6a01ecc0e974472655f4d8870987161f";
    for (const std::string letter : {"\xC3\xA9", "\xE9"}) {
        const auto head =
            signed_head(json + letter + "\"}", mac, {{"systemid", "a"}, {"timestamp", "t"}, {"filePath", letter}},
                        "timestamp;filePath;systemid");
        const auto headers = axis_headers::read(head);
        ASSERT_TRUE(headers);
        EXPECT_TRUE(headers->signed_with("k")) << letter.size();
        const auto got = headers->parameters();
        ASSERT_TRUE(got) << got.error().what;
        EXPECT_EQ(got->at("filePath"), "\xC3\xA9");
    }
}

std::string moment(std::string_view text) {
    const auto t = parse_axis_time(text);
    return t ? to_rfc3339(*t) : "none";
}

TEST(axis_time, is_the_wall_clock_with_milliseconds_behind_the_plus) {
    EXPECT_EQ(moment("21112026T162710+0358"), "2026-11-21T16:27:10.358+07:00");
    EXPECT_EQ(moment("29022028T000000+0000"), "2028-02-29T00:00:00.000+07:00");
    for (const char* bad :
         {"", "21112026T162710", "21112026T162710+358", "21112026T162710+03581", "21112026 162710+0358",
          "21112026T162710-0358", "32112026T162710+0358", "29022026T162710+0358", "21132026T162710+0358",
          "21112026T242710+0358", "21112026T166010+0358", "21112026T162761+0358", "21112026T162710+1000",
          "2111202aT162710+0358"})
        EXPECT_EQ(moment(bad), "none") << bad;
}

TEST(axis_time, may_be_a_day_off_and_no_more) {
    using namespace std::chrono_literals;
    const std::string_view said = "21112026T162710+0358";
    for (const auto off : {0h, 23h, 24h}) {
        EXPECT_TRUE(check_axis_time(said, recorded_at + off));
        EXPECT_TRUE(check_axis_time(said, recorded_at - off));
    }
    EXPECT_EQ(check_axis_time(said, recorded_at + 24h + 1ms).error().what,
              "timestamp 21112026T162710+0358 is 24 hours behind this node's clock");
    const auto early = check_axis_time(said, recorded_at - 50h);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, errc::credentials);
    EXPECT_EQ(early.error().what, "timestamp 21112026T162710+0358 is 50 hours ahead of this node's clock");
}

} // namespace
} // namespace truc::api
