#include "../../../src/api/axis_call.hpp"

#include <gtest/gtest.h>

namespace truc::api {
namespace {

json::object body_of(const http::response& r) { return json::parse(r.body).as_object(); }

std::string text(const json::object& o, std::string_view name) { return std::string(o.at(name).as_string()); }

std::vector<errc> catalogue() {
    std::vector<errc> all;
    for (unsigned i = 0; i < 1000; ++i) {
        const auto code = static_cast<errc>(i);
        if (errc_from_name(describe(code).name) != code) break;
        all.push_back(code);
        if (code == errc::corrupt) break; // the last one
    }
    return all;
}

TEST(axis_answers, only_what_is_temporary_invites_the_sdk_to_try_again) {
    const auto codes = catalogue();
    ASSERT_GE(codes.size(), 55u);
    for (const auto code : codes) {
        const auto r = axis_failure(error(code, "x"), nullptr);
        const auto said = body_of(r);
        EXPECT_EQ(r.status, 200u);
        EXPECT_EQ(text(said, "status"), "FAIL");
        const auto number = text(said, "ErrorCode");
        EXPECT_EQ(number == "20" || number == "21", describe(code).retryable) << describe(code).name;
        EXPECT_NE(number, "0");
        EXPECT_TRUE(text(said, "ErrorDesc").starts_with(std::string(describe(code).name) + ": "));
    }
}

TEST(axis_answers, success_begins_as_the_sdk_reads_it) {
    const auto r = axis_answer(json::object{{"DocId", "1"}});
    EXPECT_EQ(r.body, R"({"status":"OK","ErrorCode":"0","ErrorDesc":"","DocId":"1"})");
    EXPECT_EQ(r.fields.front().value, "application/json;charset=UTF-8");
}

TEST(axis_answers, are_vietnamese_unless_english_is_asked_for) {
    const error e(errc::recipient_unknown, "000.00.99.H43");
    http::request_head head;
    EXPECT_EQ(text(body_of(axis_failure(e, &head, "n.1.7")), "ErrorDesc"),
              "recipient_unknown: " + explain(e, language::vietnamese) + " (biên nhận n.1.7)");
    head.fields.push_back({"Accept-Language", "fr, en-GB;q=0.9, vi;q=0.8"});
    EXPECT_EQ(text(body_of(axis_failure(e, &head, "n.1.7")), "ErrorDesc"),
              "recipient_unknown: " + explain(e, language::english) + " (receipt n.1.7)");
    EXPECT_EQ(text(body_of(axis_failure(e, &head)), "ErrorDesc"),
              "recipient_unknown: " + explain(e, language::english));
}

TEST(axis_answers, name_every_cause_when_they_differ) {
    error all(errc::recipient_unknown, "A, B");
    all.causes = {error(errc::recipient_unknown, "A"), error(errc::recipient_closed, "B")};
    const auto said = text(body_of(axis_failure(all, nullptr)), "ErrorDesc");
    for (const auto& cause : all.causes)
        EXPECT_NE(said.find(explain(cause, language::vietnamese)), std::string::npos) << said;
    all.causes.pop_back();
    EXPECT_NE(text(body_of(axis_failure(all, nullptr)), "ErrorDesc").find("A, B"), std::string::npos);
}

TEST(axis_answers, bytes_that_are_no_text_do_not_break_the_answer) {
    const auto said = body_of(axis_failure(error(errc::not_found, "\xff\"\n"), nullptr));
    EXPECT_NE(text(said, "ErrorDesc").find("\xEF\xBF\xBD\"\n"), std::string::npos);
}

} // namespace
} // namespace truc::api
