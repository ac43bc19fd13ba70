// Retention: the bytes go, everything that was said of them stays.
#include "small_network.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sqlite3.h>

namespace truc {
namespace {

using namespace std::chrono_literals;
using test::small_network;
using test::small_store;
using testing::ElementsAre;

const std::string large(200'000, 'x');
const std::string commune = "000.00.12.H43";

/// A day behind the end of what was handed over until now.
store::purge_order in_a_day(small_store& s) {
    s.clock().advance(24h);
    return {s.clock().now(), s.clock().now(), 100};
}

store::purge_result purge(small_store& s, const store::purge_order& o) {
    const auto r = test::wait_for<store::purge_result>([&](auto done) { s->purge(o, std::move(done)); });
    EXPECT_TRUE(r);
    return r.value_or(store::purge_result{});
}

std::filesystem::path file_of(small_store& s, const std::string& bytes) {
    const auto hex = sha256(bytes).hex();
    return s.directory() / "content" / hex.substr(0, 2) / hex;
}

std::vector<std::string> purge_reasons(small_store& s, const uuid& dispatch) {
    std::vector<std::string> reasons;
    for (const auto& r : s->receipts_of(dispatch)) {
        const auto checked = ledger::verify_receipt(r.xml, s.authorities());
        EXPECT_TRUE(checked);
        if (checked->event.name == event_name::purge) reasons.push_back(checked->event.reason);
    }
    return reasons;
}

TEST(purge, takes_the_bytes_and_leaves_the_rest) {
    for (const auto& bytes : {std::string("<a/>"), large}) {
        small_store s;
        const auto a = *s.accept(bytes);
        ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
        const auto gone = purge(s, in_a_day(s));
        EXPECT_EQ(gone.contents, 1u);
        EXPECT_EQ(gone.bytes, bytes.size());
        EXPECT_FALSE(gone.more);
        EXPECT_EQ(s->open_content(a.sha256).error().code, errc::purged);
        EXPECT_FALSE(std::filesystem::exists(file_of(s, bytes)));
        EXPECT_THAT(purge_reasons(s, a.id), ElementsAre("retention"));
        EXPECT_TRUE(s->find_dispatch(a.id)->purged_at);
        EXPECT_EQ(s->find_dispatch(a.id)->deliveries.at(0).state, delivery_state::handed_over);
        EXPECT_TRUE(s->check_ledger(s.authorities()));
        EXPECT_EQ(purge(s, in_a_day(s)).contents, 0u) << "once";
        s.open();
        EXPECT_EQ(s->open_content(a.sha256).error().code, errc::purged);
    }
}

TEST(purge, leaves_what_is_open_or_ended_lately) {
    small_store s;
    const auto open = *s.accept(s.dispatch("<a/>", {commune, "000.00.03.H43"}));
    ASSERT_TRUE(s.conclude(open.recipients.at(0).delivery_id));
    const auto order = in_a_day(s);
    const auto late = *s.accept("<b/>");
    ASSERT_TRUE(s.conclude(late.recipients.at(0).delivery_id));
    EXPECT_EQ(purge(s, order).contents, 0u);
    EXPECT_TRUE(s->open_content(open.sha256));
    EXPECT_TRUE(s->open_content(late.sha256));
    ASSERT_TRUE(s.conclude(open.recipients.at(1).delivery_id, true, "000.00.03.H43"));
    EXPECT_EQ(purge(s, in_a_day(s)).contents, 2u) << "both are over now";
}

TEST(purge, the_same_bytes_get_the_same_answer_and_stay_gone) {
    for (const auto& bytes : {std::string("<a/>"), large}) {
        small_store s;
        const auto a = *s.accept(bytes);
        ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
        ASSERT_EQ(purge(s, in_a_day(s)).contents, 1u);
        const auto again = s.accept(bytes);
        ASSERT_TRUE(again);
        EXPECT_TRUE(again->repeated);
        EXPECT_EQ(again->receipt, a.receipt);
        EXPECT_EQ(s->open_content(a.sha256).error().code, errc::purged);
        EXPECT_FALSE(std::filesystem::exists(file_of(s, bytes)));
    }
}

TEST(purge, an_added_recipient_gets_the_bytes_anew) {
    for (const auto& bytes : {std::string("<a/>"), large}) {
        small_store s;
        const auto a = *s.accept(bytes);
        ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
        ASSERT_EQ(purge(s, in_a_day(s)).contents, 1u);
        const auto again = s.accept(s.dispatch(bytes, {commune, "000.00.03.H43"}));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->receipt, a.receipt);
        const auto inbox = s->read_inbox({"000.00.03.H43"}, {}, {}, 10);
        ASSERT_EQ(inbox.size(), 1u);
        ASSERT_TRUE(s->open_content(a.sha256));
        EXPECT_EQ(s->open_content(a.sha256)->view(), bytes);
        EXPECT_FALSE(s->find_dispatch(a.id)->purged_at);
        ASSERT_TRUE(s.conclude(inbox[0].delivery_id, true, "000.00.03.H43"));
        EXPECT_EQ(purge(s, in_a_day(s)).contents, 1u);
    }
}

TEST(purge, a_legal_hold_wins) {
    small_store s;
    const auto a = *s.accept("<a/>");
    ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
    const auto hold = [&](bool on) {
        return test::wait_for<std::monostate>([&](auto done) {
            s->set_legal_hold({a.id, on, {"minh", "vụ án"}}, std::move(done));
        });
    };
    ASSERT_TRUE(hold(true));
    EXPECT_EQ(purge(s, in_a_day(s)).contents, 0u);
    EXPECT_TRUE(s->open_content(a.sha256));
    ASSERT_TRUE(hold(false));
    EXPECT_EQ(purge(s, in_a_day(s)).contents, 1u) << "what was passed over is looked at again after a day";
}

TEST(purge, in_small_steps) {
    small_store s;
    for (int i = 0; i < 25; ++i) {
        const auto a = *s.accept("<a>" + std::to_string(i) + "</a>");
        ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
    }
    auto order = in_a_day(s);
    order.most = 10;
    EXPECT_TRUE(purge(s, order).more);
    EXPECT_TRUE(purge(s, order).more);
    const auto last = purge(s, order);
    EXPECT_EQ(last.contents, 5u);
    EXPECT_FALSE(last.more);
}

/// As a recall leaves it: ended, taken back.
void take_back_all(small_store& s) {
    s.close();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((s.directory() / "truc.db").c_str(), &db), SQLITE_OK);
    const auto now = std::to_string(to_millis(s.clock().now()));
    const auto sql = "UPDATE delivery SET state = 5, learned_at = " + now + ", ended_at = " + now;
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    s.open();
}

/// NĐ 30/2020 App. VI, III.8: destroyed where the recipients are, whatever retention says; kept where the sender is.
TEST(purge, of_what_was_recalled) {
    small_network net;
    const auto a = net.submit("vpcp", large);
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    for (const std::string node : {"vpcp", "ninhthuan"}) take_back_all(net[node]);
    auto& there = net["ninhthuan"];
    there.clock().advance(1min);
    EXPECT_EQ(purge(there, {timestamp(), there.clock().now(), 100}).contents, 1u);
    EXPECT_THAT(purge_reasons(there, a.id), ElementsAre("recalled"));
    EXPECT_FALSE(std::filesystem::exists(file_of(there, large)));
    EXPECT_EQ(purge(net["vpcp"], in_a_day(net["vpcp"])).contents, 0u);
    EXPECT_TRUE(net["vpcp"]->open_content(a.sha256));
}

/// What lies at its origin is frozen, but does not stand before what is due.
TEST(purge, of_what_was_recalled_here_and_elsewhere) {
    small_network net;
    auto& there = net["ninhthuan"];
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(there.accept("<own>" + std::to_string(i) + "</own>"));
    net.submit("vpcp", large);
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    take_back_all(there);
    there.clock().advance(1min);
    EXPECT_EQ(purge(there, {timestamp(), there.clock().now(), 100}).contents, 1u);
    EXPECT_EQ(purge(there, {timestamp(), there.clock().now(), 100}).contents, 0u);
}

/// Judging a content looks at all of its deliveries: once, not once for each of them.
TEST(purge, of_a_document_for_thousands_takes_no_longer_than_for_one) {
    small_store s;
    std::vector<std::string> recipients;
    for (int i = 0; i < 4000; ++i) recipients.push_back(fmt::format("{:03}.{:02}.12.H43", i / 100, i % 100));
    ASSERT_TRUE(s.accept(s.dispatch("<a/>", recipients)));
    take_back_all(s);
    const auto order = in_a_day(s);
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(purge(s, order).contents, 0u) << "frozen";
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s) << "16 million rows are seconds";
}

/// The clock of whoever states an end does not decide when content is destroyed here.
TEST(purge, counts_from_when_the_end_was_learned) {
    small_network net;
    const auto a = net.submit("vpcp", large);
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_TRUE(net["ninhthuan"].conclude(a.recipients.at(0).delivery_id));
    auto& origin = net["vpcp"];
    origin.clock().advance(30 * 24h);
    net.feed("ninhthuan", "vpcp");
    ASSERT_EQ(net.state("vpcp", a.recipients.at(0).delivery_id), delivery_state::handed_over);
    origin.clock().advance(1h);
    EXPECT_EQ(purge(origin, {origin.clock().now() - 24h, origin.clock().now(), 100}).contents, 0u);
    EXPECT_EQ(purge(origin, in_a_day(origin)).contents, 1u);
}

/// A node that dies between COMMIT and the removal of the file has the file at its next start, and sweeps it.
TEST(purge, sweeps_what_a_crash_left) {
    small_store s;
    const auto a = *s.accept(large);
    ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
    ASSERT_EQ(purge(s, in_a_day(s)).contents, 1u);
    s.close();
    std::ofstream(file_of(s, large)) << large;
    s.open();
    EXPECT_FALSE(std::filesystem::exists(file_of(s, large)));
    EXPECT_EQ(s->open_content(a.sha256).error().code, errc::purged);
}

TEST(purge, waits_while_a_copy_is_made) {
    small_store s;
    const auto a = *s.accept(large);
    ASSERT_TRUE(s.conclude(a.recipients.at(0).delivery_id));
    const auto order = in_a_day(s);
    test::temporary_directory elsewhere;
    std::optional<errc> refused;
    const auto made = s->back_up(elsewhere.path() / "copy", [&](std::uint64_t, std::uint64_t) {
        const auto r = test::wait_for<store::purge_result>([&](auto done) { s->purge(order, std::move(done)); });
        if (!r) refused = r.error().code;
    });
    ASSERT_TRUE(made);
    EXPECT_EQ(refused, errc::not_ready);
    EXPECT_TRUE(s->open_content(a.sha256));
    EXPECT_EQ(purge(s, order).contents, 1u);
}

} // namespace
} // namespace truc
