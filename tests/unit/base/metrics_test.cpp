// Lines that are known only when the page is asked for.
#include <truc/base/metrics.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

TEST(metrics, a_family_shows_what_there_is_at_that_moment) {
    metrics_registry metrics;
    std::vector<gauge_line> lanes;
    metrics.add_gauges("truc_queue", "What waits", [&lanes] { return lanes; });
    EXPECT_EQ(metrics.expose(), "# HELP truc_queue What waits\n# TYPE truc_queue gauge\n");
    lanes = {{"destination=\"cana\"", 3}, {"destination=\"vpcp\"", 0.25}};
    EXPECT_EQ(metrics.expose(), "# HELP truc_queue What waits\n# TYPE truc_queue gauge\n"
                                "truc_queue{destination=\"cana\"} 3\ntruc_queue{destination=\"vpcp\"} 0.25\n");
    lanes.clear();
    EXPECT_EQ(metrics.expose().find("cana"), std::string::npos);
}

} // namespace
} // namespace truc
