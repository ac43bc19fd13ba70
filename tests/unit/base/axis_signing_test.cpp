#include <truc/base/axis_signing.hpp>

#include <gtest/gtest.h>

namespace truc {
namespace {

TEST(axis_signing, digests_are_written_as_the_sdk_does) {
    EXPECT_EQ(hex_of_sdk(sha256("abc")), "ba7816bf8f1cfea414140de5dae2223b0361a396177a9cb410ff61f2015ad");
    EXPECT_EQ(hex_of_sdk(sha256("abcd")), "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f31589");
    EXPECT_EQ(hex_of_sdk(sha256("<a/>\n")), "a1fd98554152adcab3c8c3f0fc3b1f7d245a5661dc459a61f92eaa7248edf");
}

TEST(axis_signing, the_secret_signs_the_text) {
    constexpr std::string_view text =
        R"({"XroadVnpt-systemid":"000.00.00.T01","XroadVnpt-timestamp":"01072025T081500+0700","XroadVnpt-Content-Type":"application/xml","XroadVnpt-servicetype":"eDoc","XroadVnpt-messagetype":"edoc","XroadVnpt-docId":"doc-1"})";
    EXPECT_EQ(hmac_sha256("test-secret", text).hex(),
              "f9fb2d60e27eeaa4cf52eb83a21c780e8597d4ecfe549309564591ab2d55355d");
}

TEST(axis_signing, time_is_that_of_a_clock_on_a_wall_in_vietnam_and_milliseconds) {
    EXPECT_EQ(to_axis_time(*from_rfc3339("2026-11-21T09:27:10.358Z")), "21112026T162710+0358");
    EXPECT_EQ(to_axis_time(*from_rfc3339("2026-12-31T23:00:00+00:00")), "01012027T060000+0000");
}

} // namespace
} // namespace truc
