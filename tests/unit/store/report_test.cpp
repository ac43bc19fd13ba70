// What this node watches for its agencies, and what it tells of a day.
#include "small_network.hpp"

#include <truc/store/report.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>

namespace truc {
namespace {

using test::small_network;
using enum delivery_state;
using namespace std::chrono_literals;

const std::string sender = "000.00.00.G22";
const std::string recipient = "000.00.12.H43";
std::size_t at(legal_clock c) { return static_cast<std::size_t>(c); }

/// A status came to the sender, as consigning one there leaves it.
void report_status(test::small_store& s, const uuid& delivery, const std::string& code, timestamp time) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((s.directory() / "truc.db").c_str(), &db), SQLITE_OK);
    const auto sql = fmt::format("INSERT INTO reported_status (delivery, dispatch, code, time)"
                                 " SELECT seq, (SELECT count(*) + 1000 FROM reported_status), '{}', {} FROM delivery"
                                 " WHERE id = x'{}'",
                                 code, to_millis(time), to_hex(delivery.view()));
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
}

std::vector<store::delivery_history> open_at(test::small_store& s, delivery_state state) {
    return store::read_open_histories(*s, state, {}, 100).rows;
}

struct report : testing::Test {
    timestamp now(const std::string& node) { return net[node].clock().now(); }
    uuid submit(const std::string& bytes) {
        return net.submit("vpcp", bytes, {recipient}).recipients.at(0).delivery_id;
    }
    store::report_line line(const std::string& node, const std::string& agency, timestamp judged) {
        const auto lines = store::read_report(*net[node], {judged - 365 * 24h, judged, agency}, rules, judged);
        if (lines.size() != 1) throw std::runtime_error(fmt::format("{} lines", lines.size()));
        return lines.front();
    }

    small_network net;
    clock_rules rules;
};

TEST_F(report, the_senders_node_knows_by_evidence_when_a_document_has_arrived) {
    submit("<a/>");
    auto waiting = open_at(net["vpcp"], queued);
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_TRUE(waiting[0].sent_here);
    EXPECT_FALSE(waiting[0].home_here);
    EXPECT_EQ(waiting[0].sender, sender);
    EXPECT_EQ(waiting[0].recipient, recipient);
    EXPECT_EQ(waiting[0].life.sent_at, now("vpcp"));
    EXPECT_FALSE(waiting[0].life.arrived_at);

    net["ninhthuan"].clock().advance(1h);
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_EQ(open_at(net["vpcp"], relayed).size(), 1u);
    EXPECT_FALSE(open_at(net["vpcp"], relayed)[0].life.arrived_at) << "no evidence yet";
    net.feed("ninhthuan", "vpcp");
    EXPECT_EQ(open_at(net["vpcp"], relayed)[0].life.arrived_at, now("ninhthuan"));

    const auto home = open_at(net["ninhthuan"], consigned);
    ASSERT_EQ(home.size(), 1u);
    EXPECT_TRUE(home[0].home_here);
    EXPECT_FALSE(home[0].sent_here);
    EXPECT_EQ(home[0].life.arrived_at, now("ninhthuan"));
}

TEST_F(report, what_only_passes_through_is_others_to_watch) {
    submit("<a/>");
    net.pass("vpcp", "ninhthuan");
    EXPECT_TRUE(open_at(net["ninhthuan"], queued).empty());
}

TEST_F(report, a_status_is_none_that_is_watched) {
    auto& s = net["vpcp"];
    auto d = s.dispatch("<status/>", {recipient});
    d.kind = dispatch_kind::status;
    d.status_code = "01";
    ASSERT_TRUE(s.accept(std::move(d)));
    EXPECT_TRUE(open_at(s, consigned).empty());
}

TEST_F(report, statuses_count_from_those_that_came_to_the_sender) {
    const auto id = submit("<a/>");
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_TRUE(net["ninhthuan"].conclude(id));
    net["vpcp"].clock().advance(1s); // as late as the node that handed it over
    net.feed("ninhthuan", "vpcp");
    const auto history = [&] { return store::read_handed_over(*net["vpcp"], {}, {}, 100).rows.at(0).life; };
    EXPECT_EQ(history().handed_over_at, now("ninhthuan"));
    EXPECT_FALSE(history().told_at);
    report_status(net["vpcp"], id, "15", now("vpcp") + 1min);
    EXPECT_FALSE(history().told_at) << "an answer to a recall tells nothing of receipt";
    report_status(net["vpcp"], id, "01", now("vpcp") + 2h);
    EXPECT_EQ(history().told_at, now("vpcp") + 2h);
    EXPECT_FALSE(history().decided_at);
    report_status(net["vpcp"], id, "03", now("vpcp") + 1h); // out of order
    EXPECT_EQ(history().told_at, now("vpcp") + 1h);
    EXPECT_EQ(history().decided_at, now("vpcp") + 1h);
}

TEST_F(report, at_the_recipients_node_those_count_that_it_sent) {
    const auto id = submit("<a/>");
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    auto& home = net["ninhthuan"];
    ASSERT_TRUE(home.conclude(id));
    const auto histories = [&] { return store::read_handed_over(*home, {}, {}, 100).rows; };
    ASSERT_EQ(histories().size(), 1u);
    EXPECT_FALSE(histories()[0].life.told_at);
    home.clock().advance(1h);
    auto d = home.dispatch("<status/>", {sender});
    d.kind = dispatch_kind::status;
    d.sender = recipient;
    d.document_id = histories()[0].document_id;
    d.status_code = "01";
    d.elsewhere = {sender};
    ASSERT_TRUE(home.accept(std::move(d)));
    EXPECT_EQ(histories().at(0).life.told_at, home.clock().now());
}

TEST_F(report, pages_follow_one_another_and_miss_none) {
    for (int i = 0; i < 7; ++i) submit(fmt::format("<a n='{}'/>", i));
    store::history_cursor after;
    std::set<std::int64_t> seen;
    int pages = 0;
    for (bool last = false; !last; ++pages) {
        const auto page = store::read_open_histories(*net["vpcp"], queued, after, 3);
        for (const auto& h : page.rows) EXPECT_TRUE(seen.insert(h.seq).second);
        after = page.next;
        last = page.last;
    }
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(seen.size(), 7u);
}

TEST_F(report, what_was_handed_over_before_is_not_read_again) {
    const auto first = submit("<a/>");
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_TRUE(net["ninhthuan"].conclude(first));
    for (const auto* node : {"vpcp", "ninhthuan"}) net[node].clock().advance(48h);
    submit("<b/>");
    net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_TRUE(net["ninhthuan"].conclude(open_at(net["ninhthuan"], consigned).size() == 1
                                              ? net["ninhthuan"]->read_inbox({recipient}, {}, {}, 1).at(0).delivery_id
                                              : first));
    EXPECT_EQ(store::read_handed_over(*net["ninhthuan"], {}, {}, 100).rows.size(), 2u);
    EXPECT_EQ(store::read_handed_over(*net["ninhthuan"], now("ninhthuan") - 24h, {}, 100).rows.size(), 1u);
}

TEST_F(report, a_day_counts_documents_signatures_and_what_ran_out_of_time) {
    auto& origin = net["vpcp"];
    auto unsigned_one = origin.dispatch("<b/>", {recipient, "000.00.13.H43"});
    unsigned_one.signature = signature_outcome::absent;
    unsigned_one.priority = priority::urgent;
    unsigned_one.document_id = "b";
    unsigned_one.elsewhere = unsigned_one.recipients;
    ASSERT_TRUE(origin.accept(std::move(unsigned_one)));
    const auto id = submit("<a/>");

    const auto soon = line("vpcp", sender, now("vpcp") + 1min);
    EXPECT_EQ(soon.sent, 2u);
    EXPECT_EQ(soon.signed_, 1u);
    EXPECT_EQ(soon.recipients, 3u);
    EXPECT_THAT(soon.out_of_time, testing::Each(0u));

    const auto later = line("vpcp", sender, now("vpcp") + 48h);
    EXPECT_EQ(later.out_of_time[at(legal_clock::urgent)], 2u);
    EXPECT_EQ(later.out_of_time[at(legal_clock::arrived)], 3u);
    EXPECT_EQ(later.out_of_time[at(legal_clock::received)], 0u) << "nothing was handed over";

    while (origin->queue().at(0).state == queued && net.waiting("vpcp"))
        net.pass("vpcp", "ninhthuan", store::fate::consign);
    ASSERT_TRUE(net["ninhthuan"].conclude(id));
    net.feed("ninhthuan", "vpcp");
    const auto handed_over = line("vpcp", sender, now("vpcp") + 96h);
    EXPECT_EQ(handed_over.out_of_time[at(legal_clock::arrived)], 0u);
    EXPECT_EQ(handed_over.out_of_time[at(legal_clock::received)], 1u);
    EXPECT_EQ(handed_over.out_of_time[at(legal_clock::accepted)], 0u);
    report_status(origin, id, "01", now("vpcp") + 1min);
    const auto told = line("vpcp", sender, now("vpcp") + 96h);
    EXPECT_EQ(told.out_of_time[at(legal_clock::received)], 0u);
    EXPECT_EQ(told.out_of_time[at(legal_clock::accepted)], 1u);

    const auto home = line("ninhthuan", recipient, now("ninhthuan") + 96h);
    EXPECT_EQ(home.sent, 0u);
    EXPECT_EQ(home.received, 2u);
    EXPECT_EQ(home.unanswered, 1u) << "the other one lies in the inbox";
}

TEST(certificates_seen, are_kept_with_the_last_time_they_were_seen) {
    test::small_store s;
    const auto keep = [&s](const std::string& name, timestamp ends, timestamp seen) {
        return test::wait_for<std::monostate>([&](auto done) {
            s->remember_certificate({sha256(name), "CN=" + name, ends, seen}, std::move(done));
        });
    };
    const auto now = s.clock().now();
    ASSERT_TRUE(keep("later", now + 48h, now));
    ASSERT_TRUE(keep("sooner", now + 24h, now));
    ASSERT_TRUE(keep("later", now + 48h, now + 1h));
    ASSERT_TRUE(keep("later", now + 48h, now - 1h));
    s.open();
    const auto seen = s->seen_certificates();
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[0].subject, "CN=sooner");
    EXPECT_EQ(seen[1].sha256, sha256("later"));
    EXPECT_EQ(seen[1].not_after, now + 48h);
    EXPECT_EQ(seen[1].seen_at, now + 1h);
}

} // namespace
} // namespace truc
