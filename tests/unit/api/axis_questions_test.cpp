#include "../../../src/api/axis_questions.hpp"

#include <gtest/gtest.h>

namespace truc::api {
namespace {

axis_call with(axis_call::parameter_map parameters) { return {intake::channel(), {}, std::move(parameters)}; }

std::string shown(const std::optional<timestamp>& t) { return t ? to_rfc3339(*t) : "any"; }

std::string shown(const result<period>& p) {
    return p ? shown(p->since) + " " + shown(p->until) : std::string(describe(p.error().code).name);
}

std::string days(const std::string& from, const std::string& to) {
    return shown(period_asked(with({{"fromDate", from}, {"toDate", to}})));
}

TEST(axis_questions, days_in_all_their_forms_are_vietnam_s_and_inclusive) {
    const std::string november = "2026-11-01T00:00:00.000+07:00 2026-12-01T00:00:00.000+07:00";
    EXPECT_EQ(days("2026/11/01", "2026/11/30"), november);
    EXPECT_EQ(days("01/11/2026", "30/11/2026"), november);
    EXPECT_EQ(days("2026-11-01", "2026-11-30"), november);
    EXPECT_EQ(days("01-11-2026", "30/11/2026"), november);
    EXPECT_EQ(days("2028/02/29", "2028/02/29"), "2028-02-29T00:00:00.000+07:00 2028-03-01T00:00:00.000+07:00");
    EXPECT_EQ(days("", ""), "any any");
    EXPECT_EQ(shown(period_asked(with({}))), "any any");
    EXPECT_EQ(days("2026/11/01", ""), "2026-11-01T00:00:00.000+07:00 any");
    EXPECT_EQ(days("", "30/11/2026"), "any 2026-12-01T00:00:00.000+07:00");
}

TEST(axis_questions, days_that_there_are_not) {
    for (const auto* day :
         {"2026/13/01", "2026/02/30", "2027/02/29", "31/04/2026", "00/01/2026", "2026/1/1", "2026.11.01", "2026/11-01",
          "20261101", "today", "2026/11/01 08:00", "-026/11/01", "2026/+1/01", "1/11/2026/"}) {
        EXPECT_EQ(days(day, ""), "bad_request") << day;
        EXPECT_EQ(days("", day), "bad_request") << day;
    }
    EXPECT_EQ(days("2026/11/02", "2026/11/01"), "bad_request") << "the end lies before the beginning";
}

std::string page(const std::string& size, const std::string& index) {
    const auto s = stretch_asked(with({{"pageSize", size}, {"pageIndex", index}}));
    return s ? std::to_string(s->skip) + "+" + std::to_string(s->max) : std::string(describe(s.error().code).name);
}

TEST(axis_questions, pages_are_bounded) {
    EXPECT_EQ(page("", ""), "0+1000");
    EXPECT_EQ(page("20", "1"), "0+20");
    EXPECT_EQ(page("20", "0"), "0+20");
    EXPECT_EQ(page("20", "3"), "40+20");
    EXPECT_EQ(page("20", ""), "0+20");
    EXPECT_EQ(page("", "2"), "1000+1000");
    EXPECT_EQ(page("5000", "2"), "1000+1000");
    EXPECT_EQ(page("0", "5"), "4+1");
    EXPECT_EQ(page("1000", "101"), "100000+1000");
    EXPECT_EQ(page("1000", "102"), "bad_request");
    EXPECT_EQ(page("1", "9223372036854775807"), "bad_request");
    for (const auto* text : {"-1", "x", "1.5", "1e3", " 1", "99999999999999999999"}) {
        EXPECT_EQ(page(text, ""), "bad_request") << text;
        EXPECT_EQ(page("", text), "bad_request") << text;
    }
}

std::string kind(const std::string& word) {
    const auto k = kind_asked(with({{"messagetype", word}}));
    if (!k) return std::string(describe(k.error().code).name);
    return *k ? std::string(to_string(**k)) : "both";
}

TEST(axis_questions, kinds) {
    EXPECT_EQ(kind("edoc"), "edoc");
    EXPECT_EQ(kind("eDoc"), "edoc");
    EXPECT_EQ(kind("status"), "status");
    EXPECT_EQ(kind(""), "both");
    EXPECT_EQ(kind("inbox"), "bad_request");
    EXPECT_EQ(kind("edoc "), "bad_request");
}

} // namespace
} // namespace truc::api
