// The adapter dies between every two lines: at each commit of its journal and at each call to either side, before and
// after. Afterwards everything is on the other side, once.

#include "both_sides.hpp"
#include "edxml_builder.hpp"

#include <gmock/gmock.h>

namespace truc::test {

namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;
using stage = outgoing_report::stage;

constexpr const char* poison = "4-poison";
constexpr const char* secret = "5-secret";

void fill(both_sides& b) {
    for (const std::string number : {"1", "2", "3"}) b.outbox.waiting[number].content = b.document("N" + number);
    b.outbox.waiting["6-status"].content = build(edxml_status{both_sides::ours, both_sides::theirs});
    b.outbox.waiting[poison].content = "<edXML>";
    b.outbox.waiting[secret].fault = error(errc::secret_document, "Mật");
    for (const std::string number : {"11", "12", "13"})
        b.middle.add_delivery(b.document("N" + number, both_sides::theirs, both_sides::ours), both_sides::ours);
    const auto sick = b.middle.inbox[1].delivery_id.str();
    b.inbox.faults.emplace(sick, error(errc::too_large, "12 MiB"));
}

void expect_all_once(const both_sides& b) {
    // Signatures differ each time they are made: two of one document would be two documents here.
    EXPECT_THAT(b.accepted_with("N1</"), ElementsAre("td:1"));
    EXPECT_THAT(b.accepted_with("N2</"), ElementsAre("td:2"));
    EXPECT_THAT(b.accepted_with("N3</"), ElementsAre("td:3"));
    const auto arrived = [&](std::size_t n) { return "td:arrived:" + b.middle.inbox[n].delivery_id.str(); };
    EXPECT_THAT(b.accepted_with(">01<"), UnorderedElementsAre("td:6-status", arrived(0), arrived(2)));
    EXPECT_EQ(b.middle.accepted.size(), 6u);

    EXPECT_TRUE(b.outbox.waiting.empty());
    for (const std::string key : {"1", "2", "3", "6-status"})
        EXPECT_THAT(b.outbox.stages_of(key), ElementsAre(stage::accepted, stage::handed_over)) << key;
    EXPECT_THAT(b.outbox.stages_of(poison), ElementsAre(stage::refused));
    EXPECT_THAT(b.outbox.stages_of(secret), ElementsAre(stage::refused));
    EXPECT_EQ(b.outbox.told.size(), 6u) << "of its own statuses the legacy system hears nothing";

    for (const std::size_t n : {0u, 2u}) {
        const auto& d = b.middle.inbox[n];
        EXPECT_EQ(b.inbox.has.at(d.delivery_id.str()), d.content);
        EXPECT_TRUE(b.middle.handed_over.contains(d.delivery_id));
    }
    EXPECT_EQ(b.inbox.has.size(), 2u);
    EXPECT_EQ(b.inbox.twice, 0u);
    EXPECT_EQ(b.middle.handed_over.size(), 2u);
    EXPECT_TRUE(b.middle.aside.contains(b.middle.inbox[1].delivery_id)) << "it stays in custody, and says why";

    const auto counts = b.journal->counts();
    EXPECT_EQ(counts.items[0][0] + counts.items[1][0] + counts.reports_due + counts.reports_set_aside, 0u);
}

} // namespace

TEST(exactly_once, nothing_happens) {
    both_sides b;
    fill(b);
    ASSERT_TRUE(b.settle());
    expect_all_once(b);
}

TEST(exactly_once, a_power_cut_at_every_step) {
    std::size_t n = 1;
    for (bool died = true; died; ++n) {
        SCOPED_TRACE(n);
        both_sides b;
        fill(b);
        b.wire.passed = 0;
        b.wire.blows_at = n;
        died = !b.settle();
        if (died) {
            b.restart();
            if (n % 2 == 0) b.clock.pass(std::chrono::minutes(2)); // what was perhaps sent goes as it was, however late
            ASSERT_TRUE(b.settle());
        }
        expect_all_once(b);
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(n, 80u) << "the steps are counted";
}

TEST(exactly_once, two_power_cuts) {
    for (std::size_t first = 3; first < 120; first += 13)
        for (std::size_t second = 1; second < 40; second += 11) {
            SCOPED_TRACE(std::to_string(first) + " " + std::to_string(second));
            both_sides b;
            fill(b);
            b.wire.passed = 0;
            b.wire.blows_at = first;
            if (b.settle()) continue;
            b.restart();
            b.wire.passed = 0;
            b.wire.blows_at = second;
            b.settle();
            b.restart();
            ASSERT_TRUE(b.settle());
            expect_all_once(b);
            if (testing::Test::HasFailure()) return;
        }
}

} // namespace truc::test
