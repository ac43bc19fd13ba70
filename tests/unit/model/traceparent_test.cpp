// The field traceparent of W3C Trace Context, as strangers write it.
#include <truc/model/traceparent.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string with(std::size_t at, char c) {
    auto text = good;
    text[at] = c;
    return text;
}

TEST(traceparent, keeps_what_is_good) {
    EXPECT_EQ(read_traceparent(good), good);
    EXPECT_EQ(read_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff"),
              "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff");
    EXPECT_EQ(trace_id_of(good), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(trace_id_of(""), "");
}

TEST(traceparent, reads_four_fields_of_later_versions) {
    EXPECT_EQ(read_traceparent("cc" + good.substr(2)), good);
    EXPECT_EQ(read_traceparent("01" + good.substr(2) + "-what-comes-later"), good);
    EXPECT_EQ(read_traceparent("01" + good.substr(2) + ".no"), std::nullopt);
}

TEST(traceparent, ignores_everything_else) {
    EXPECT_EQ(read_traceparent(""), std::nullopt);
    EXPECT_EQ(read_traceparent("ff" + good.substr(2)), std::nullopt);
    EXPECT_EQ(read_traceparent(good + "-more"), std::nullopt);
    EXPECT_EQ(read_traceparent(good + " "), std::nullopt);
    EXPECT_EQ(read_traceparent(" " + good), std::nullopt);
    EXPECT_EQ(read_traceparent(good.substr(0, 54)), std::nullopt);
    EXPECT_EQ(read_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"), std::nullopt);
    EXPECT_EQ(read_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"), std::nullopt);
    for (std::size_t i = 0; i < good.size(); ++i)
        for (const char c : {'\0', '\n', 'G', 'A', '"', '<', ' '})
            EXPECT_EQ(read_traceparent(with(i, c)), std::nullopt) << i << " " << c;
}

TEST(traceparent, is_made_of_the_id) {
    const auto id = *uuid::parse("0192f0c4-7a1e-7000-8000-000000000001");
    const auto made = make_traceparent(id);
    EXPECT_EQ(made, "00-0192f0c47a1e70008000000000000001-8000000000000001-00");
    EXPECT_EQ(read_traceparent(made), made);
}

} // namespace
} // namespace truc
