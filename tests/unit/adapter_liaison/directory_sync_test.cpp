#include "../../../adapters/liaison/directory_sync.hpp"
#include "fake_axis.hpp"

#include <gtest/gtest.h>

namespace truc::liaison {
namespace {

axis_row row(const std::string& id, const std::string& pid, const std::string& code, const std::string& name,
             const std::string& mail = {}) {
    axis_row r;
    r.members = {{"id", id}, {"pid", pid}, {"code", code}, {"name", name}, {"mail", mail}};
    return r;
}

TEST(agency_collector, gives_the_same_lines_in_whatever_order_they_come) {
    const std::vector<axis_row> rows = {
        row("7", "", "000.00.00.H32", "Tỉnh"), row("9", "7", "000.00.01.h32", "Sở\n1", "a@b"),
        row("9x", "nobody", "000.00.02.H32", "Sở 2"), row("7", "7", "000.00.03.H32", "x")};
    const std::string expected = R"({"code":"000.00.00.H32","name":"Tỉnh"}
{"code":"000.00.01.H32","name":"Sở 1","parent":"000.00.00.H32","mail":"a@b"}
{"code":"000.00.02.H32","name":"Sở 2"}
)";
    agency_collector forth, back;
    for (std::size_t i = 0; i < 3; ++i) forth.take(rows[i]);
    for (std::size_t i = 3; i-- > 0;) back.take(rows[i]);
    EXPECT_EQ(forth.lines(), expected);
    EXPECT_EQ(back.lines(), expected);
}

TEST(agency_collector, leaves_out_what_cannot_be_an_agency) {
    agency_collector list;
    list.take(row("1", "", "", "no code"));
    list.take(row("2", "", "a b", "no code either"));
    list.take(row("3", "", "000.00.00.H32", " "));
    list.take(row("4", "", "000.00.00.H33", "broken \xE9"));
    list.take(row("5", "", "000-00-00-H33", "the same again"));
    EXPECT_EQ(list.left_out(), 4u);
    EXPECT_EQ(list.lines(), "{\"code\":\"000.00.00.H33\",\"name\":\"broken \xEF\xBF\xBD\"}\n");
    EXPECT_TRUE(list.has("000.00.00.H33"));
}

/// Axis and node in one: they are told apart by what is asked.
class directory_sync_test : public ::testing::Test {
  protected:
    std::string answer(const heard_call& c) {
        if (c.operation == "getAgenciesList") return list;
        if (c.operation == "registerAgency") return good();
        return node_answer;
    }
    directory_options options() {
        directory_options o;
        o.node.url = "http://127.0.0.1:" + axis.options.endpoint.port();
        return o;
    }

    still_clock clock;
    metrics_registry metrics;
    std::string list = good(R"("data":[{"id":"1","code":"000.00.00.H32","name":"Tỉnh"}])");
    std::string node_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    fake_axis axis{[this](const heard_call& c) { return answer(c); }};
};

TEST_F(directory_sync_test, declares_the_list_each_round_for_the_node_may_have_lost_it) {
    directory_sync sync(axis.options, options(), clock, metrics);
    EXPECT_TRUE(sync.synchronise());
    EXPECT_TRUE(sync.synchronise());
    ASSERT_EQ(axis.count("agencies"), 2u);
    const auto calls = axis.heard();
    EXPECT_TRUE(calls[1].head.starts_with("PUT /v1/gateway/agencies HTTP/1.1"));
    EXPECT_EQ(calls[1].body, "{\"code\":\"000.00.00.H32\",\"name\":\"Tỉnh\"}\n");
    list = good(R"("data":[{"id":"1","code":"000.00.00.H32","name":"Tỉnh mới"}])");
    EXPECT_TRUE(sync.synchronise());
    EXPECT_EQ(axis.count("agencies"), 3u);
}

TEST_F(directory_sync_test, what_the_node_refuses_is_declared_again) {
    node_answer =
        "HTTP/1.1 403 no\r\nContent-Length: 46\r\n\r\n{\"code\":\"not_permitted\",\"detail\":\"no gateway\"}  ";
    directory_sync sync(axis.options, options(), clock, metrics);
    EXPECT_EQ(sync.synchronise().error().code, errc::not_permitted);
    EXPECT_FALSE(sync.synchronise());
    EXPECT_EQ(axis.count("agencies"), 2u);
}

TEST_F(directory_sync_test, an_empty_list_is_a_fault_of_the_axis) {
    list = good(R"("data":[])");
    directory_sync sync(axis.options, options(), clock, metrics);
    EXPECT_EQ(sync.synchronise().error().code, errc::legacy_away);
    EXPECT_EQ(axis.count("agencies"), 0u);
}

TEST_F(directory_sync_test, registers_those_of_ours_that_the_axis_lacks) {
    auto o = options();
    o.ours = {{"000.00.00.H32", "there", "", ""}, {"000.00.00.H43", "UBND tỉnh", "000.00.00.G22", "a@b"}};
    directory_sync sync(axis.options, o, clock, metrics);
    EXPECT_TRUE(sync.synchronise());
    ASSERT_EQ(axis.count("registerAgency"), 1u);
    const auto calls = axis.heard();
    EXPECT_EQ(
        calls[1].body,
        R"({"id":"000.00.00.H43","pcode":"000.00.00.G22","code":"000.00.00.H43","name":"UBND tỉnh","mail":"a@b","mobile":"","fax":""})");
}

TEST_F(directory_sync_test, begins_by_itself_and_ends_when_it_is_told) {
    directory_sync sync(axis.options, options(), clock, metrics);
    sync.start();
    sync.start();
    const auto given_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (axis.count("agencies") == 0 && std::chrono::steady_clock::now() < given_up)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(axis.count("agencies"), 1u);
}

} // namespace
} // namespace truc::liaison
