#include "../../../src/api/relay_announcement.hpp"

#include <gtest/gtest.h>

namespace truc::api {

namespace {

relay_announcement sample() {
    relay_announcement a;
    a.node = "ninhthuan";
    a.version = 1;
    a.abilities = {"custody-1", "custody-9"};
    a.time = from_millis(1'795'000'000'123);
    a.log = "ninhthuan.1";
    a.head = "<SignedTreeHead Id=\"sth\">\"\\</SignedTreeHead>";
    a.known = relay_announcement::log_state{"vpcp.2", 17};
    a.proof = relay_announcement::extension{3, 9, {sha256("a"), sha256("b")}};
    a.sections = {{"ninhthuan", 4}, {"vpcp", 1}};
    a.echo = true;
    return a;
}

TEST(relay_announcement, is_read_as_it_was_written) {
    const auto a = sample();
    const auto read = read_announcement(write_announcement(a));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->node, a.node);
    EXPECT_EQ(read->version, a.version);
    EXPECT_EQ(read->abilities, a.abilities);
    EXPECT_EQ(read->time, a.time);
    EXPECT_EQ(read->log, a.log);
    EXPECT_EQ(read->head, a.head);
    ASSERT_TRUE(read->known && read->proof);
    EXPECT_EQ(read->known->log, "vpcp.2");
    EXPECT_EQ(read->known->size, 17u);
    EXPECT_EQ(read->proof->from, 3u);
    EXPECT_EQ(read->proof->to, 9u);
    EXPECT_EQ(read->proof->nodes, a.proof->nodes);
    EXPECT_EQ(read->sections, a.sections);
    EXPECT_TRUE(read->echo);
}

TEST(relay_announcement, what_is_absent_stays_empty_and_what_is_unknown_is_ignored) {
    const auto read = read_announcement(R"({"node":"cana","known":null,"proof":null,"mood":[{"x":1}]})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->node, "cana");
    EXPECT_EQ(read->version, 0u);
    EXPECT_FALSE(read->known || read->proof || read->echo);
    EXPECT_TRUE(read->sections.empty());
}

TEST(relay_announcement, what_cannot_be_meant_is_refused) {
    const std::vector<std::string> wrong = {"",
                                            "null",
                                            "[]",
                                            "{",
                                            std::string(100, '['),
                                            R"({"node":5})",
                                            R"({"time":-1})",
                                            R"({"time":"now"})",
                                            R"({"known":{"log":1}})",
                                            R"({"proof":{"from":1,"to":2}})",
                                            R"({"proof":{"from":1,"to":2,"nodes":["zz"]}})",
                                            R"({"sections":{"a":-1}})",
                                            R"({"sections":{"a":99999999999999999999}})"};
    for (const auto& text : wrong) {
        const auto read = read_announcement(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, errc::bad_request);
    }
}

TEST(relay_announcement, a_proof_has_no_more_nodes_than_a_log_can_need) {
    auto a = sample();
    a.proof->nodes.assign(128, sha256("x"));
    EXPECT_TRUE(read_announcement(write_announcement(a)));
    a.proof->nodes.push_back(sha256("x"));
    EXPECT_FALSE(read_announcement(write_announcement(a)));
}

} // namespace

} // namespace truc::api
