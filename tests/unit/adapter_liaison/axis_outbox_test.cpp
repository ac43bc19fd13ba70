#include "../../../adapters/liaison/axis_outbox.hpp"
#include "fake_axis.hpp"

#include <gtest/gtest.h>

#include <edxml_builder.hpp>
#include <map>
#include <temporary_directory.hpp>

namespace truc::liaison {
namespace {

using namespace std::chrono_literals;
using stage = adapter::outgoing_report::stage;

std::string entry(const std::string& doc_id, const std::string& status = "initial",
                  const std::string& from = "000.00.00.H32") {
    return R"({"docId":")" + doc_id + R"(","from":")" + from + R"(","to":"000.00.00.H43","status":")" + status + "\"}";
}

class axis_outbox_test : public ::testing::Test {
  protected:
    axis_outbox_test() : notes(directory.path() / "axis-sent.db", store::connection::mode::writer, clock.now()) {}

    std::unique_ptr<axis_outbox> begin() {
        return std::make_unique<axis_outbox>(axis.options, poll_pace(2s, 60s), directory.path() / "axis-sent.db", clock,
                                             metrics, nullptr);
    }
    std::string answer(const heard_call& c) {
        const auto doc_id = c.header("XroadVnpt-docId");
        if (c.operation == "getReceivedEdocList")
            return c.header("XroadVnpt-messagetype") == "edoc" ? documents : statuses;
        if (c.operation == "getEdoc") return contents.contains(doc_id) ? contents[doc_id] : bad("10");
        if (c.operation == "updateStatus") {
            told[doc_id] = c.header("XroadVnpt-status");
            return update_answer;
        }
        return bad("10");
    }
    static std::vector<std::string> keys(const result<std::vector<adapter::waiting_item>>& items) {
        std::vector<std::string> all;
        for (const auto& i : items.value()) all.push_back(i.key);
        return all;
    }
    static adapter::outgoing_report report(const std::string& key, stage s) {
        adapter::outgoing_report r;
        r.key = key;
        r.reached = s;
        return r;
    }
    using names = std::vector<std::string>;

    test::temporary_directory directory;
    still_clock clock;
    metrics_registry metrics;
    std::string documents = good(R"("data":[])"), statuses = good(R"("data":[])");
    std::map<std::string, std::string> contents, told;
    std::string update_answer = good();
    fake_axis axis{[this](const heard_call& c) { return answer(c); }};
    sent_notes notes;
};

TEST_F(axis_outbox_test, lists_documents_and_statuses_each_once_and_not_what_is_ended) {
    documents = good("\"data\":[" + entry("a") + "," + entry("a") + "," + entry("b", "done") + "," +
                     entry("c", "FAIL") + "," + entry("d", "processing") + "]");
    statuses = good("\"data\":[" + entry("s") + "]");
    EXPECT_EQ(keys(begin()->list(10)), (names{"a", "d", "s"}));
}

TEST_F(axis_outbox_test, an_entry_that_cannot_stand_in_a_header_is_left_out) {
    documents = good(R"("data":[{"docId":"a\r\nX: y"},{"docId":""},{"docId":")" + std::string(300, 'x') + "\"}," +
                     entry("good") + "]");
    EXPECT_EQ(keys(begin()->list(10)), (names{"good"}));
}

TEST_F(axis_outbox_test, what_was_listed_stays_until_it_is_reported_and_the_axis_is_not_asked_again) {
    documents = good("\"data\":[" + entry("a") + "," + entry("b") + "]");
    auto outbox = begin();
    EXPECT_EQ(keys(outbox->list(1)), (names{"a"}));
    EXPECT_EQ(keys(outbox->list(10)), (names{"a", "b"}));
    EXPECT_TRUE(outbox->report(report("a", stage::accepted)));
    EXPECT_TRUE(outbox->report(report("b", stage::refused)));
    EXPECT_EQ(told, (std::map<std::string, std::string>{{"a", "done"}, {"b", "fail"}}));
    documents = good(R"("data":[])");
    EXPECT_EQ(keys(outbox->list(10)), names());
    EXPECT_EQ(axis.count("getReceivedEdocList"), 2u) << "not due yet";
    clock.pass(2s);
    EXPECT_EQ(keys(outbox->list(10)), names());
    EXPECT_EQ(axis.count("getReceivedEdocList"), 4u);
}

TEST_F(axis_outbox_test, later_stages_concern_nobody_there) {
    auto outbox = begin();
    EXPECT_TRUE(outbox->report(report("a", stage::handed_over)));
    EXPECT_TRUE(outbox->report(report("a", stage::failed)));
    EXPECT_TRUE(axis.heard().empty());
}

TEST_F(axis_outbox_test, a_report_waits_for_an_axis_that_is_away_but_not_for_one_that_has_forgotten) {
    auto outbox = begin();
    update_answer = bad("20");
    EXPECT_EQ(outbox->report(report("a", stage::accepted)).error().code, errc::legacy_away);
    update_answer = bad("10");
    EXPECT_TRUE(outbox->report(report("a", stage::accepted)));
}

TEST_F(axis_outbox_test, loads_the_bytes_as_they_are) {
    const std::string bytes("\x00\xFF"
                            "abc",
                            5);
    contents["a"] = good(R"("data":")" + to_base64(bytes) + "\"");
    EXPECT_EQ(begin()->load("a").value(), bytes);
}

TEST_F(axis_outbox_test, a_content_that_is_damaged_again_and_again_is_refused) {
    contents["a"] = good(R"("data":"!!!!")");
    auto outbox = begin();
    EXPECT_EQ(outbox->load("a").error().code, errc::legacy_away);
    EXPECT_EQ(outbox->load("a").error().code, errc::legacy_away);
    EXPECT_EQ(outbox->load("a").error().code, errc::record_invalid);
    EXPECT_EQ(outbox->load("gone").error().code, errc::record_invalid) << "the axis does not know it";
}

TEST_F(axis_outbox_test, a_document_without_end_is_refused) {
    axis.options.largest_document = 100'000;
    contents["a"] = good(R"("data":")" + to_base64(std::string(100'001, 'x')) + "\"");
    EXPECT_EQ(begin()->load("a").error().code, errc::too_large);
}

TEST_F(axis_outbox_test, an_entry_that_cannot_be_read_now_is_passed_over) {
    documents = good("\"data\":[" + entry("poison") + "," + entry("b") + "]");
    contents["poison"] = bad("20");
    auto outbox = begin();
    EXPECT_EQ(keys(outbox->list(1)), (names{"poison"}));
    EXPECT_EQ(outbox->load("poison").error().code, errc::legacy_away);
    EXPECT_EQ(keys(outbox->list(1)), (names{"b"}));
    clock.pass(2s);
    EXPECT_EQ(keys(outbox->list(1)), (names{"poison"})) << "its pause is over";
}

TEST_F(axis_outbox_test, what_this_gateway_sent_there_and_comes_back_is_done) {
    sent_note n;
    n.delivery = uuid::make(clock.now());
    n.digest = sha256("ours");
    n.from = "000.00.12.H43";
    n.last_tried = clock.now();
    notes.begin(n);
    contents["back"] = good(R"("data":")" + to_base64("ours") + "\"");
    contents["new"] = good(R"("data":")" + to_base64("another") + "\"");
    documents = good("\"data\":[" + entry("back", "initial", "000.00.12.H43") + "," +
                     entry("new", "initial", "000.00.12.H43") + "," + entry("c") + "]");
    EXPECT_EQ(keys(begin()->list(10)), (names{"new", "c"}));
    EXPECT_EQ(told, (std::map<std::string, std::string>{{"back", "done"}}));
    EXPECT_EQ(axis.count("getEdoc"), 2u) << "what comes from others is not looked into";
}

TEST_F(axis_outbox_test, one_list_that_fails_does_not_hide_the_other) {
    documents = bad("20");
    statuses = good("\"data\":[" + entry("s") + "]");
    auto outbox = begin();
    EXPECT_EQ(keys(outbox->list(10)), (names{"s"}));
    statuses = "<html>";
    EXPECT_TRUE(outbox->report(report("s", stage::accepted)));
    clock.pass(2s);
    EXPECT_EQ(outbox->list(10).error().code, errc::legacy_away);
}

TEST_F(axis_outbox_test, waits_until_the_next_poll_or_an_interruption) {
    auto outbox = begin();
    EXPECT_TRUE(outbox->list(10));
    const auto begun = std::chrono::steady_clock::now();
    std::thread other([&] { outbox->interrupt(); });
    outbox->wait(60s);
    other.join();
    outbox->wait(100ms);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1900ms);
}

TEST(poll_pace, is_quick_while_there_is_something_and_slows_down) {
    const auto t = from_millis(1'000'000'000'000);
    poll_pace pace(2s, 10s);
    EXPECT_TRUE(pace.is_due(t));
    pace.asked(t, true);
    EXPECT_EQ(pace.next(), t + 2s);
    EXPECT_FALSE(pace.is_due(t + 1999ms));
    for (const auto expected : {4s, 8s, 10s, 10s}) {
        pace.asked(t, false);
        EXPECT_EQ(pace.next(), t + expected);
    }
    pace.asked(t, true);
    EXPECT_EQ(pace.next(), t + 2s);
    EXPECT_TRUE(pace.is_due(t - 1h)) << "the clock was put back";
}

} // namespace
} // namespace truc::liaison
