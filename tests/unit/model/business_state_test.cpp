#include <truc/model/business_state.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace truc {
namespace {

std::string of(std::vector<std::string> codes) {
    const auto view = business_view_of(codes);
    return std::string(to_string(view.state)) + "/" + std::string(to_string(view.take_back));
}

TEST(business_state, is_what_the_statuses_say_that_say_most) {
    EXPECT_EQ(of({}), "/");
    EXPECT_EQ(of({"01"}), "arrived/");
    EXPECT_EQ(of({"01", "03"}), "registered/");
    EXPECT_EQ(of({"01", "03", "04"}), "assigned/");
    EXPECT_EQ(of({"03", "05"}), "in_progress/") << "some are left out";
    EXPECT_EQ(of({"01", "02"}), "refused/");
    EXPECT_EQ(of({"01", "03", "05", "06"}), "completed/");
    EXPECT_EQ(of({"99", "1"}), "/");
}

TEST(business_state, does_not_depend_on_their_order_nor_on_repetitions) {
    std::vector<std::string> codes{"01", "02", "03", "05", "13", "16"};
    const auto expected = of(codes);
    EXPECT_EQ(expected, "refused/declined");
    do {
        EXPECT_EQ(of(codes), expected);
    } while (std::next_permutation(codes.begin(), codes.end()));
    EXPECT_EQ(of({"13", "01", "01", "02", "16", "03", "05", "05"}), expected);
}

TEST(business_state, tells_beside_it_what_became_of_taking_it_back) {
    EXPECT_EQ(of({"03", "13"}), "registered/asked");
    EXPECT_EQ(of({"13", "16"}), "/declined");
    EXPECT_EQ(of({"16", "13", "15"}), "/agreed") << "asked again, and granted";
    EXPECT_EQ(of({"15"}), "/agreed") << "the answer to a recall, or one that came before the question";
}

} // namespace
} // namespace truc
