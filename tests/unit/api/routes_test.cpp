#include "../../../src/api/answers.hpp"
#include "../../../src/api/routes.hpp"

#include <truc/base/clock.hpp>

#include <gtest/gtest.h>

namespace truc::api {
namespace {

std::string_view allowed(const char* target) {
    http::request_head head;
    EXPECT_TRUE(http::parse_target(target, head));
    return allowed_at(head.path);
}

TEST(routes, a_path_says_what_it_may_be_asked_for) {
    EXPECT_EQ(allowed("/documents"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(allowed("/inbox/1/ack"), "POST, OPTIONS");
    EXPECT_EQ(allowed("/gateway/agencies"), "PUT, OPTIONS");
    EXPECT_EQ(allowed("/ledger/head?agency=a"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(allowed("/documents/anything/trace"), "GET, HEAD, OPTIONS");
}

TEST(routes, other_paths_do_not_exist) {
    for (const auto* target :
         {"/", "/outbox", "/documents/1/2", "/documents/1/trace/3", "/inbox/1", "/ledger", "/check/1", "/ledger/tail",
          "/agencies/a/b", "/receipts/1/xml", "/*", "/documents//trace"})
        EXPECT_EQ(allowed(target), "") << target;
}

TEST(routes, methods_are_told_apart) {
    const auto reading = allowed("/inbox");
    EXPECT_TRUE(allows(reading, http::method::get) && allows(reading, http::method::head));
    EXPECT_TRUE(allows(reading, http::method::options));
    for (const auto verb : {http::method::post, http::method::put, http::method::del, http::method::other})
        EXPECT_FALSE(allows(reading, verb));
    EXPECT_TRUE(allows(allowed("/check"), http::method::post));
    EXPECT_FALSE(allows(allowed("/check"), http::method::get));
    EXPECT_TRUE(allows(allowed("/gateway/agencies"), http::method::put));
    EXPECT_FALSE(allows(allowed("/gateway/agencies"), http::method::post));
}

language spoken(const char* accepted, language otherwise = language::english) {
    http::request_head head;
    head.fields.push_back(http::field{"Accept-Language", accepted});
    return language_of(&head, otherwise);
}

TEST(languages, the_one_liked_best_is_spoken) {
    EXPECT_EQ(language_of(nullptr), language::english);
    for (const auto* accepted : {"vi", "VI-vn", "vi-VN,vi;q=0.9,en;q=0.8", "en;q=0.5, vi;q=0.7", "fr, vi", "*;q=0.1,vi",
                                 "en;q=0, vi;q=0.001", "vi, en"})
        EXPECT_EQ(spoken(accepted), language::vietnamese) << accepted;
    for (const auto* accepted : {"", "en", "en-US,en;q=0.9,vi;q=0.8", "fr", "*", "vi;q=0", "vi;q=0.5,*", "vienna",
                                 "vi;q=x", ",,;;q=", "en, vi"})
        EXPECT_EQ(spoken(accepted), language::english) << accepted;
}

TEST(languages, another_default_is_kept_where_nothing_else_is_liked_more) {
    EXPECT_EQ(language_of(nullptr, language::vietnamese), language::vietnamese);
    for (const auto* accepted : {"", "fr", "*", "en;q=0", "en;q=0.5, *", "vi, en", "english"})
        EXPECT_EQ(spoken(accepted, language::vietnamese), language::vietnamese) << accepted;
    for (const auto* accepted : {"en", "EN-gb", "fr, en;q=0.9", "en, vi", "en, *;q=0.5", " en;q=0.1"})
        EXPECT_EQ(spoken(accepted, language::vietnamese), language::english) << accepted;
}

TEST(problems, what_may_be_tried_again_says_when) {
    const auto busy = problem(error(errc::no_space), nullptr, system_clock());
    const auto said = [](const http::response& r, std::string_view name) {
        for (const auto& f : r.fields)
            if (f.name == name) return f.value;
        return std::string();
    };
    EXPECT_EQ(said(busy, "Retry-After"), "30");
    EXPECT_NE(busy.body.find("next_at"), std::string::npos);
    const auto hasty = problem(error(errc::rate_limited), nullptr, system_clock(), {}, std::chrono::seconds(7));
    EXPECT_EQ(said(hasty, "Retry-After"), "7");
    const auto never = problem(error(errc::schema, "x"), nullptr, system_clock());
    EXPECT_EQ(said(never, "Retry-After"), "");
    EXPECT_EQ(never.body.find("next_at"), std::string::npos);
}

} // namespace
} // namespace truc::api
