#include "../../../adapters/liaison/axis_inbox.hpp"
#include "fake_axis.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <edxml_builder.hpp>
#include <set>
#include <temporary_directory.hpp>

namespace truc::liaison {
namespace {

using namespace std::chrono_literals;

class axis_inbox_test : public ::testing::Test {
  protected:
    /// One life of the adapter.
    std::unique_ptr<axis_inbox> begin(const std::string& notes = "axis-sent.db") {
        return std::make_unique<axis_inbox>(axis.options, 30s, directory.path() / notes, clock, metrics);
    }
    adapter::incoming_item item(const std::string& to = "000.00.00.H32") {
        adapter::incoming_item i;
        i.delivery_id = uuid::make(clock.now());
        i.kind = dispatch_kind::edoc;
        i.from = "000.00.00.H43";
        i.to = to;
        test::edxml_document d;
        d.to = {to};
        d.number = "7";
        d.notation = "UBND";
        i.edxml = build(d);
        return i;
    }
    std::string answer(const heard_call& c) {
        if (c.operation == "getSentEdocList") return list_answer();
        const auto said =
            send_answers.empty() ? good(R"("DocId":"x-)" + std::to_string(++made) + "\"") : send_answers.front();
        if (!send_answers.empty()) send_answers.pop_front();
        if (said.empty() && dies) list = "gone";
        return said;
    }
    std::string list_answer() {
        if (list == "gone") return {};
        return list.empty() ? good(R"("data":[])") : list;
    }
    static std::string row(const std::string& doc_id, const std::string& notation = "7/UBND",
                           const std::string& to = "000.00.00.H32", const std::string& at = "2026-11-21 16:27:10") {
        return R"({"senderDocId":")" + doc_id + R"(","fromCode":"000.00.00.H43","toCode":")" + to +
               R"(","notation":")" + notation + R"(","sentTime":")" + at + "\"}";
    }
    std::uint64_t repeated(std::string_view look) {
        return metrics.get_counter("truc_axis_repeated_total", "", "look=\"" + std::string(look) + "\"").value();
    }

    test::temporary_directory directory;
    still_clock clock;
    metrics_registry metrics;
    std::deque<std::string> send_answers; ///< of sendEdoc; then all goes well
    std::string list;                     ///< of getSentEdocList
    bool dies = false;                    ///< with the first cut of a connection
    int made = 0;
    fake_axis axis{[this](const heard_call& c) { return answer(c); }};
};

TEST_F(axis_inbox_test, sends_as_the_sdk_does) {
    const auto i = item();
    EXPECT_EQ(begin()->deliver(i).value(), "x-1");
    const auto calls = axis.heard();
    const auto& c = calls.back();
    EXPECT_EQ(c.operation, "sendEdoc");
    EXPECT_EQ(c.body, i.edxml + "\r\n");
    EXPECT_EQ(c.header("XroadVnpt-from"), "000.00.00.H43");
    EXPECT_EQ(c.header("XroadVnpt-to"), R"(["000.00.00.H32"])");
    EXPECT_EQ(c.header("XroadVnpt-messagetype"), "edoc");
    EXPECT_EQ(c.header("XroadVnpt-timestamp"), "21112026T162710+0358");
    EXPECT_EQ(c.header("User-Agent"), "JAVASDKAgent/1.0.0 XRoad/VPCP");
    EXPECT_EQ(c.header("XroadVnpt-version"), "3.0.201608");
    EXPECT_EQ(c.header("Content-Type"), "application/octet-stream");
    EXPECT_EQ(c.header("Accept-Encoding"), "");
}

TEST_F(axis_inbox_test, a_delivery_that_the_axis_has_is_not_sent_again_by_the_next_life) {
    auto i = item();
    EXPECT_EQ(begin()->deliver(i).value(), "x-1");
    i.perhaps_there = true;
    EXPECT_EQ(begin()->deliver(i).value(), "x-1");
    EXPECT_EQ(axis.count("sendEdoc"), 1u);
}

TEST_F(axis_inbox_test, what_got_through_without_an_answer_is_found_at_once) {
    send_answers = {""};
    list = good("\"data\":[" + row("old", "6/UBND") + "," + row("there") + "]");
    EXPECT_EQ(begin()->deliver(item()).value(), "there");
    EXPECT_EQ(axis.count("sendEdoc"), 1u);
}

TEST_F(axis_inbox_test, a_doubt_outlives_a_crash_and_is_settled_by_asking) {
    send_answers = {""};
    dies = true;
    auto i = item();
    EXPECT_EQ(begin()->deliver(i).error().code, errc::legacy_away);
    list = good("\"data\":[" + row("there") + "]");
    i.perhaps_there = true;
    EXPECT_EQ(begin()->deliver(i).value(), "there");
    EXPECT_EQ(axis.count("sendEdoc"), 1u);
}

TEST_F(axis_inbox_test, lost_notes_cost_a_question) {
    auto i = item();
    i.perhaps_there = true;
    list = good("\"data\":[" + row("there") + "]");
    EXPECT_EQ(begin()->deliver(i).value(), "there");
    EXPECT_EQ(axis.count("sendEdoc"), 0u);
    auto other = item("000.00.00.H33");
    other.perhaps_there = true;
    EXPECT_EQ(begin()->deliver(other).value(), "x-1");
}

TEST_F(axis_inbox_test, what_is_not_there_is_sent_again_but_not_too_soon) {
    send_answers = {good(R"("DocId":"other")"), ""};
    auto inbox = begin();
    ASSERT_TRUE(inbox->deliver(item()));
    const auto i = item();
    EXPECT_EQ(inbox->deliver(i).error().code, errc::legacy_away);
    EXPECT_EQ(inbox->deliver(i).error().code, errc::legacy_away);
    EXPECT_EQ(axis.count("sendEdoc"), 2u);
    clock.pass(31s);
    EXPECT_EQ(inbox->deliver(i).value(), "x-1");
    EXPECT_EQ(axis.count("sendEdoc"), 3u);
    EXPECT_EQ(repeated("not_there"), 1u);
}

TEST_F(axis_inbox_test, a_row_of_another_delivery_settles_nothing) {
    for (const auto& other : {row("x-1"), row("a", "7/UBND", "000.00.00.H33"), row("b", "8/UBND"),
                              row("c", "7/UBND", "000.00.00.H32", "2026-11-20 10:00:00")}) {
        made = 0;
        list.clear();
        auto inbox = begin("notes-" + sha256(other).hex());
        ASSERT_EQ(inbox->deliver(item()).value(), "x-1");
        send_answers = {""};
        list = good("\"data\":[" + other + "]");
        EXPECT_EQ(inbox->deliver(item()).error().code, errc::legacy_away) << other;
    }
}

TEST_F(axis_inbox_test, what_would_look_alike_waits_until_a_doubt_is_settled) {
    auto inbox = begin();
    ASSERT_TRUE(inbox->deliver(item("000.00.00.H33")));
    send_answers = {""};
    const auto first = item();
    const auto second = item();
    EXPECT_EQ(inbox->deliver(first).error().code, errc::legacy_away);
    EXPECT_EQ(inbox->deliver(second).error().code, errc::legacy_away);
    EXPECT_EQ(axis.count("sendEdoc"), 2u);
    list = good("\"data\":[" + row("of-the-first") + "]");
    EXPECT_EQ(inbox->deliver(second).value(), "x-2");
    EXPECT_EQ(inbox->deliver(first).value(), "of-the-first");
    EXPECT_EQ(axis.count("sendEdoc"), 3u);
    EXPECT_EQ(repeated("not_there") + repeated("undecided"), 0u);
}

TEST_F(axis_inbox_test, a_twin_that_never_came_is_sent_when_its_turn_comes) {
    auto inbox = begin();
    ASSERT_TRUE(inbox->deliver(item("000.00.00.H33")));
    send_answers = {""};
    const auto first = item();
    EXPECT_FALSE(inbox->deliver(first));
    clock.pass(31s);
    EXPECT_EQ(inbox->deliver(item()).value(), "x-2");
    EXPECT_EQ(inbox->deliver(first).value(), "x-3");
    EXPECT_EQ(repeated("not_there"), 1u);
}

TEST_F(axis_inbox_test, rows_that_may_be_those_of_a_repeated_twin_decide_nothing) {
    auto inbox = begin();
    ASSERT_TRUE(inbox->deliver(item("000.00.00.H33")));
    send_answers = {"", good(R"("DocId":"second-try")"), ""};
    const auto first = item();
    EXPECT_FALSE(inbox->deliver(first));
    clock.pass(31s);
    EXPECT_EQ(inbox->deliver(first).value(), "second-try");
    list = good("\"data\":[" + row("second-try") + "," + row("late") + "]");
    const auto second = item();
    EXPECT_FALSE(inbox->deliver(second)) << "it may be the first try of the other one";
    clock.pass(31s);
    EXPECT_EQ(inbox->deliver(second).value(), "x-2");
    EXPECT_EQ(repeated("undecided"), 1u);
}

TEST_F(axis_inbox_test, an_axis_without_that_list_gets_it_again) {
    send_answers = {bad("20")};
    list = bad("10");
    auto inbox = begin();
    const auto i = item();
    EXPECT_EQ(inbox->deliver(i).error().code, errc::legacy_away);
    clock.pass(31s);
    EXPECT_EQ(inbox->deliver(i).value(), "x-1");
    EXPECT_EQ(repeated("undecided"), 1u);
}

TEST_F(axis_inbox_test, an_axis_that_is_away_puts_one_delivery_in_doubt_and_no_more) {
    auto inbox = begin();
    ASSERT_TRUE(inbox->deliver(item("000.00.00.H33")));
    send_answers = {""};
    list = "gone";
    EXPECT_FALSE(inbox->deliver(item()));
    const auto sent = axis.count("sendEdoc");
    EXPECT_FALSE(inbox->deliver(item("000.00.00.H34")));
    EXPECT_EQ(axis.count("sendEdoc"), sent);
}

TEST_F(axis_inbox_test, final_codes_are_told_apart_from_those_that_pass) {
    const std::set<std::string> final_codes = {"10", "18", "19", "22", "23"};
    auto inbox = begin();
    for (const std::string code : {"10", "15", "18", "19", "20", "21", "22", "23", "77"}) {
        clock.pass(31s); // nothing is in doubt any more
        send_answers = {bad(code)};
        const auto got = inbox->deliver(item());
        const auto expected = final_codes.contains(code) ? errc::legacy_refused : errc::legacy_away;
        EXPECT_EQ(got.error().code, expected) << code;
        EXPECT_NE(got.error().what.find(code + ": lỗi"), std::string::npos) << got.error().what;
    }
}

TEST_F(axis_inbox_test, what_was_refused_is_sent_anew_when_somebody_wants_it) {
    send_answers = {bad("18")};
    auto inbox = begin();
    const auto i = item();
    EXPECT_EQ(inbox->deliver(i).error().code, errc::legacy_refused);
    EXPECT_EQ(inbox->deliver(i).value(), "x-1");
    EXPECT_EQ(axis.count("getSentEdocList"), 1u) << "the first question, whether it answers at all";
}

TEST_F(axis_inbox_test, an_axis_that_wants_rest_gets_it) {
    send_answers = {"HTTP/1.1 503 no\r\nRetry-After: 40\r\nContent-Length: 0\r\n\r\n"};
    auto inbox = begin();
    const auto i = item();
    EXPECT_EQ(inbox->deliver(i).error().code, errc::legacy_away);
    const auto asked = axis.heard().size();
    clock.pass(35s);
    EXPECT_EQ(inbox->deliver(i).error().code, errc::legacy_away);
    EXPECT_EQ(axis.heard().size(), asked);
    clock.pass(6s);
    EXPECT_EQ(inbox->deliver(i).value(), "x-1");
}

} // namespace
} // namespace truc::liaison
