// What is kept of neighbours' logs, and what follows when one of them was restored from a copy.
#include "small_network.hpp"

#include <truc/store/former_logs.hpp>
#include <truc/store/neighbour_logs.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

using namespace std::chrono_literals;
using test::small_network;
using test::wait_for;

struct neighbour_logs : testing::Test {
    void remember(const std::string& node, const std::string& log, std::uint64_t size) {
        const auto neighbour = log.substr(0, log.find('.'));
        store::known_head h{log, size, sha256(log + std::to_string(size)), net[node].clock().now(), "<" + log + "/>"};
        ASSERT_TRUE(
            wait_for<std::monostate>([&](auto done) { net[node]->remember_head(neighbour, h, std::move(done)); }));
    }
    void note_asked(const std::string& log) {
        ASSERT_TRUE(
            wait_for<std::monostate>([&](auto done) { net["vpcp"]->note_asked("ninhthuan", log, std::move(done)); }));
    }
    std::optional<store::opened_log> opened() { return store::log_opened_by(*net["vpcp"], "ninhthuan"); }
    small_network net;
};

/// Else a neighbour could write its history anew under the next number, and nobody had anything to show against it.
TEST_F(neighbour_logs, the_head_of_a_log_that_ended_is_kept) {
    remember("vpcp", "ninhthuan.1", 10);
    EXPECT_FALSE(opened()) << "the first log";
    remember("vpcp", "ninhthuan.2", 3);
    ASSERT_TRUE(opened());
    EXPECT_EQ(opened()->head.log, "ninhthuan.2");
    ASSERT_TRUE(opened()->before);
    EXPECT_EQ(opened()->before->log, "ninhthuan.1");
    EXPECT_EQ(opened()->before->size, 10u);
    EXPECT_EQ(opened()->before->xml, "<ninhthuan.1/>");
    remember("vpcp", "ninhthuan.7", 1);
    EXPECT_EQ(opened()->before->log, "ninhthuan.2");
    EXPECT_EQ(store::former_heads(*net["vpcp"], "ninhthuan").size(), 2u);
    EXPECT_TRUE(store::former_heads(*net["vpcp"], "thuannam").empty());
}

TEST_F(neighbour_logs, one_that_ended_does_not_come_back) {
    remember("vpcp", "ninhthuan.2", 3);
    ASSERT_TRUE(opened()) << "what came before was never shown";
    EXPECT_FALSE(opened()->before);
    remember("vpcp", "ninhthuan.1", 10); // by a session that was slow
    EXPECT_EQ(net["vpcp"]->head_of("ninhthuan")->log, "ninhthuan.2");
}

TEST_F(neighbour_logs, that_it_is_to_be_asked_outlives_the_node) {
    remember("vpcp", "ninhthuan.1", 10);
    remember("vpcp", "ninhthuan.2", 3);
    const auto met = opened()->met_at;
    net["vpcp"].clock().advance(1h);
    net["vpcp"].open();
    remember("vpcp", "ninhthuan.2", 5);
    EXPECT_FALSE(opened()->asked);
    EXPECT_EQ(opened()->met_at, met) << "it has grown, and was met before";
    note_asked("ninhthuan.1");
    EXPECT_FALSE(opened()->asked) << "that was about the one before";
    note_asked("ninhthuan.2");
    remember("vpcp", "ninhthuan.2", 6);
    EXPECT_TRUE(opened()->asked);
    remember("vpcp", "ninhthuan.3", 1);
    EXPECT_FALSE(opened()->asked);
}

/// It may have read what came back before it had the delivery anew; but not for ever.
TEST_F(neighbour_logs, a_restored_one_reads_evidence_again_for_some_days) {
    const auto a = net.submit("vpcp", "<a/>");
    const auto offered = *net.waiting("vpcp");
    net.pass("vpcp", "ninhthuan");
    net.pass("ninhthuan", "thuannam", store::fate::consign);
    const auto grows = [&] {
        const auto length = [&] { return net["ninhthuan"]->read_feed({"node:vpcp"}, 0, 1000).size(); };
        const auto before = length();
        EXPECT_TRUE(net.take("ninhthuan", net.as_received(offered, "vpcp", "ninhthuan")));
        return length() > before;
    };
    EXPECT_FALSE(grows()) << "it asks, and has lost nothing";
    remember("ninhthuan", "vpcp.1", 2);
    remember("ninhthuan", "vpcp.2", 1);
    EXPECT_TRUE(grows());
    net["ninhthuan"].clock().advance(8 * 24h);
    EXPECT_FALSE(grows());
}

TEST_F(neighbour_logs, nobody_is_told_of_logs_that_never_were) {
    auto& s = net["ninhthuan"];
    const auto news = [&](const std::string& log) { return store::is_news(*s, {log, "vpcp", 1000}); };
    EXPECT_FALSE(news("ninhthuan.0")) << "was never restored";
    EXPECT_FALSE(news("ninhthuan.1")) << "the log of now";
    EXPECT_FALSE(news("vpcp.1"));
    EXPECT_FALSE(news(""));
}

} // namespace
} // namespace truc
