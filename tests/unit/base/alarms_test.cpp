#include <truc/base/alarms.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

class standing_clock final : public clock {
  public:
    timestamp now() const override { return at; }
    timestamp at = from_millis(1'000'000);
};

TEST(alarms, RaisedAgainIsCounted) {
    standing_clock clock;
    alarm_board board(clock);
    board.raise("clock_skew", "thuannam", "6 s");
    clock.at += std::chrono::minutes(1);
    board.raise("clock_skew", "thuannam", "7 s");
    const auto all = board.list();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].kind, "clock_skew");
    EXPECT_EQ(all[0].subject, "thuannam");
    EXPECT_EQ(all[0].text, "7 s");
    EXPECT_EQ(all[0].count, 2u);
    EXPECT_EQ(all[0].last - all[0].since, std::chrono::minutes(1));
}

TEST(alarms, OldestFirstAndGoneWhenCleared) {
    standing_clock clock;
    alarm_board board(clock);
    board.raise("overdue", "cana", "later by name, first in time");
    clock.at += std::chrono::seconds(1);
    board.raise("no_route", "cana", "x");
    ASSERT_EQ(board.list().size(), 2u);
    EXPECT_EQ(board.list()[0].kind, "overdue");
    board.clear("overdue", "cana");
    board.clear("overdue", "somebody else");
    ASSERT_EQ(board.list().size(), 1u);
    EXPECT_EQ(board.list()[0].kind, "no_route");
}

TEST(alarms, CountedForPrometheusOnceWhileOpen) {
    standing_clock clock;
    metrics_registry metrics;
    alarm_board board(clock, &metrics);
    for (int i = 0; i < 3; ++i) board.raise("neighbour_lies", "thuannam", "again");
    EXPECT_NE(metrics.expose().find("truc_alarms_total{kind=\"neighbour_lies\"} 1"), std::string::npos);
}

TEST(alarms, WhoeverListensHearsOfEachOnceAndWhenItIsOver) {
    standing_clock clock;
    alarm_board board(clock);
    std::vector<std::string> heard;
    board.tell([&heard](const alarm_news& n) {
        heard.push_back((n.raised ? "raised " : "cleared ") + n.what.subject + " " + n.what.text + " " +
                        to_rfc3339(n.what.last).substr(17, 2));
    });
    board.raise("low_space", "/var", "10 MiB");
    board.raise("low_space", "/var", "9 MiB");
    board.raise("low_space", "/srv", "1 MiB");
    clock.at += std::chrono::seconds(5);
    board.clear("low_space", "/var");
    board.clear("low_space", "/var");
    board.tell(nullptr);
    board.clear("low_space", "/srv");
    EXPECT_EQ(heard,
              (std::vector<std::string>{"raised /var 10 MiB 40", "raised /srv 1 MiB 40", "cleared /var 9 MiB 45"}));
}

} // namespace
} // namespace truc
