#pragma once
#include "../../../src/api/why.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::test {

inline const auto now = *from_rfc3339("2026-11-21T16:30:00.000+07:00");
inline const std::string commune = "000.05.36.H43";

/// At the Government Office's node, for the commune three hops away; the way is open.
inline api::delivery_facts facts(delivery_state state) {
    api::delivery_facts f;
    f.delivery.recipient = commune;
    f.delivery.state = state;
    f.delivery.deadline = now + std::chrono::minutes(60);
    f.node = "vpcp";
    f.home = "cana";
    f.next_hop = "ninhthuan";
    f.neighbour.emplace();
    f.neighbour->name = "ninhthuan";
    f.neighbour->connected = true;
    f.lane.emplace();
    f.lane->neighbour = "ninhthuan";
    f.now = now;
    return f;
}

inline api::explanation english(const api::delivery_facts& f) { return explain_delivery(f, language::english); }

/// Both sentences are one line, name the recipient and differ.
inline void expect_both_languages(const api::delivery_facts& f) {
    const auto en = english(f).text;
    const auto vi = explain_delivery(f, language::vietnamese).text;
    EXPECT_NE(en, vi);
    for (const auto& text : {en, vi}) {
        EXPECT_THAT(text, testing::HasSubstr(commune));
        EXPECT_EQ(text.find('\n'), std::string::npos);
        EXPECT_EQ(text.back(), '.');
        EXPECT_THAT(text, testing::Not(testing::HasSubstr("{}")));
    }
}

} // namespace truc::test
