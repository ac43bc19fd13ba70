#include "small_network.hpp"

#include <truc/deliver/legal_clocks.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace truc::deliver {
namespace {

using namespace std::chrono_literals;

const std::string sender = "000.00.00.G22";
const std::string recipient = "000.00.12.H43";

/// The Government Office sends to Ninh Thuận; each node watches.
class legal_clocks_test : public testing::Test {
  protected:
    legal_clocks clocks(const std::string& node, std::size_t page = 5'000) {
        return legal_clocks({&*net_[node], &net_[node].clock(), &alarms_[node], {}, std::chrono::days(14), page});
    }
    /// Until a round is over; gives how many steps that took.
    static int round(legal_clocks& c) {
        const auto before = c.last_round().at;
        int steps = 0;
        do {
            c.look();
            ++steps;
        } while (c.last_round().at == before && steps < 1000);
        return steps;
    }
    uuid submit(const std::string& bytes, priority p = priority::normal) {
        auto& s = net_["vpcp"];
        auto d = s.dispatch(bytes, {recipient});
        d.document_id = bytes;
        d.elsewhere = {recipient};
        d.priority = p;
        d.time_to_deliver = 240h; // what is late by the law has not expired
        const auto a = s.accept(std::move(d));
        if (!a) throw std::runtime_error(a.error().what);
        return a->recipients.at(0).delivery_id;
    }
    void advance(milliseconds by) {
        for (const char* node : {"vpcp", "ninhthuan"}) net_[node].clock().advance(by);
    }
    std::vector<std::string> raised(const std::string& node) {
        std::vector<std::string> all;
        for (const auto& a : alarms_[node].list()) all.push_back(a.kind + " " + a.subject);
        std::sort(all.begin(), all.end());
        return all;
    }
    using names = std::vector<std::string>;

    test::small_network net_;
    std::map<std::string, alarm_board> alarms_;
};

TEST_F(legal_clocks_test, what_has_not_arrived_alarms_its_senders_node_until_it_has) {
    auto watch = clocks("vpcp");
    submit("<a/>");
    round(watch);
    EXPECT_EQ(raised("vpcp"), names{});
    advance(72h);
    round(watch);
    ASSERT_EQ(raised("vpcp"), names{"not_arrived " + sender});
    EXPECT_NE(alarms_["vpcp"].list()[0].text.find("<a/> to " + recipient), std::string::npos)
        << alarms_["vpcp"].list()[0].text;
    net_.pass("vpcp", "ninhthuan", store::fate::consign);
    round(watch);
    EXPECT_EQ(raised("vpcp"), names{"not_arrived " + sender}) << "nothing proves that it is there";
    net_.feed("ninhthuan", "vpcp");
    round(watch);
    EXPECT_EQ(raised("vpcp"), names{});
}

TEST_F(legal_clocks_test, an_urgent_document_in_the_inbox_alarms_where_its_recipient_is_at_home) {
    const auto id = submit("<a/>", priority::express);
    net_.pass("vpcp", "ninhthuan", store::fate::consign);
    auto watch = clocks("ninhthuan");
    advance(29min);
    round(watch);
    EXPECT_EQ(raised("ninhthuan"), names{});
    advance(2min);
    round(watch);
    EXPECT_EQ(raised("ninhthuan"), names{"late_urgent " + recipient});
    ASSERT_TRUE(net_["ninhthuan"].conclude(id));
    round(watch);
    EXPECT_EQ(raised("ninhthuan"), names{});
    auto origin = clocks("vpcp");
    round(origin);
    EXPECT_EQ(raised("vpcp"), names{"late_urgent " + sender}) << "its evidence is still on the way";
    net_.feed("ninhthuan", "vpcp");
    round(origin);
    EXPECT_EQ(raised("vpcp"), names{});
}

TEST_F(legal_clocks_test, a_missing_status_01_alarms_both_nodes_and_counts_each_document) {
    for (const char* bytes : {"<a/>", "<b/>"}) {
        const auto id = submit(bytes);
        net_.pass("vpcp", "ninhthuan", store::fate::consign);
        ASSERT_TRUE(net_["ninhthuan"].conclude(id));
    }
    net_.feed("ninhthuan", "vpcp");
    advance(96h);
    auto origin = clocks("vpcp"), home = clocks("ninhthuan");
    round(origin);
    round(home);
    EXPECT_EQ(raised("vpcp"), names{"without_01 " + sender});
    EXPECT_EQ(raised("ninhthuan"), names{"without_01 " + recipient});
    const auto late = origin.last_round().late;
    ASSERT_EQ(late.size(), 1u);
    EXPECT_EQ(late[0].count, 2u);
    EXPECT_EQ(late[0].clock, legal_clock::received);
    EXPECT_LT(late[0].oldest, net_["vpcp"].clock().now());
    advance(15 * 24h);
    round(origin);
    EXPECT_EQ(raised("vpcp"), names{}) << "longer than it looks back";
}

TEST_F(legal_clocks_test, a_round_goes_page_by_page_and_counts_all) {
    for (int i = 0; i < 10; ++i) submit(fmt::format("<a n='{}'/>", i));
    advance(96h);
    auto watch = clocks("vpcp", 3);
    EXPECT_GE(round(watch), 4);
    ASSERT_EQ(watch.last_round().late.size(), 1u);
    EXPECT_EQ(watch.last_round().late[0].count, 10u);
    round(watch);
    EXPECT_EQ(watch.last_round().late[0].count, 10u) << "each round counts anew";
    EXPECT_EQ(alarms_["vpcp"].list().size(), 1u);
}

TEST_F(legal_clocks_test, follows_rules_that_change) {
    auto watch = clocks("vpcp");
    submit("<a/>", priority::urgent);
    advance(10min);
    round(watch);
    EXPECT_EQ(raised("vpcp"), names{});
    clock_rules strict;
    strict.urgent_time = 5min;
    watch.use(strict);
    round(watch);
    EXPECT_EQ(raised("vpcp"), names{"late_urgent " + sender});
}

TEST_F(legal_clocks_test, asks_to_be_called_again_after_a_minute) {
    auto watch = clocks("vpcp");
    round(watch);
    timestamp next;
    for (int i = 0; i < 4; ++i) next = watch.look();
    EXPECT_EQ(next, net_["vpcp"].clock().now() + 1min);
}

TEST(late_deliveries, are_described_in_both_languages) {
    late_deliveries l{legal_clock::received, "H43.12", 3, *from_rfc3339("2026-11-24T17:00:00Z"), "315/VPCP", "H43.13"};
    EXPECT_EQ(describe(l, language::english),
              "3 deliveries of H43.12 were handed over, and no status 01 came on the same day; the oldest: 315/VPCP to "
              "H43.13, due 2026-11-25T00:00");
    std::set<std::string> texts;
    for (const auto c : legal_clocks_all) {
        l.clock = c;
        for (const auto lang : {language::english, language::vietnamese}) texts.insert(describe(l, lang));
    }
    EXPECT_EQ(texts.size(), 8u);
}

} // namespace
} // namespace truc::deliver
