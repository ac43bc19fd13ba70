// Where queued deliveries wait on disk, and what their sender is told before they expire.
#include "small_network.hpp"

#include <truc/store/lanes.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using test::wait_for;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const std::string commune = "000.00.12.H43";
const std::string department = "000.00.03.H43";

struct lanes : testing::Test {
    lanes() {
        s.way = [this](const std::string& recipient) { return ways[recipient]; };
        s.on_commit = [this](const store::commit_notice& n) {
            told.insert(told.end(), n.queued.begin(), n.queued.end());
        };
    }
    std::int64_t submit(std::string bytes, std::string to = commune, priority p = priority::normal,
                        dispatch_kind kind = dispatch_kind::edoc, business_type business = {}) {
        auto d = s.dispatch(std::move(bytes), {to});
        d.elsewhere = d.recipients;
        d.priority = p;
        d.kind = kind;
        d.business = business;
        const auto a = *s.accept(std::move(d));
        return s->find_dispatch(a.id)->deliveries.at(0).seq;
    }
    std::vector<std::int64_t> in(const std::string& lane, lane_class of, std::int64_t from = 0, std::size_t max = 100) {
        std::vector<std::int64_t> rows;
        for (const auto& d : store::read_lane(*s, lane, of, from, max)) rows.push_back(d.seq);
        return rows;
    }
    void move(std::vector<std::int64_t> rows, const std::string& lane) {
        ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { s->move_lane(rows, lane, std::move(done)); }));
    }
    /// What commits have told: a notice follows its answers, and comes before the next commit.
    std::vector<store::queued_delivery>& heard() {
        move({}, "");
        return told;
    }
    void hold(std::int64_t row) {
        ASSERT_TRUE(wait_for<std::size_t>([&](auto done) { s->hold({{row}, {"an", "a look"}}, std::move(done)); }));
    }
    void warn(std::vector<std::int64_t> rows) {
        ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { s->warn_expiry(rows, std::move(done)); }));
    }
    std::size_t warnings() {
        std::size_t count = 0;
        for (const auto& e : s->read_feed({"000.00.00.G22"}, 0, 1000)) count += e.event == event_name::expiry_warning;
        return count;
    }

    std::map<std::string, std::string> ways{{commune, "cana"}, {department, "thuannam"}};
    std::vector<store::queued_delivery> told;
    test::small_store s;
};

TEST_F(lanes, each_is_read_by_itself_class_by_class_and_page_by_page) {
    const auto bulk = submit("<a/>");
    const auto other = submit("<b/>", department);
    const auto urgent = submit("<c/>", commune, priority::urgent);
    const auto status = submit("<d/>", commune, priority::normal, dispatch_kind::status);
    const auto recall = submit("<e/>", commune, priority::normal, dispatch_kind::edoc, business_type::recall);
    const auto more = submit("<f/>");
    EXPECT_THAT(store::lanes_in_use(*s), ElementsAre("cana", "thuannam"));
    EXPECT_THAT(in("cana", lane_class::normal), ElementsAre(bulk, more));
    EXPECT_THAT(in("cana", lane_class::normal, 0, 1), ElementsAre(bulk));
    EXPECT_THAT(in("cana", lane_class::normal, bulk + 1, 1), ElementsAre(more));
    EXPECT_THAT(in("cana", lane_class::urgent), ElementsAre(urgent));
    EXPECT_THAT(in("cana", lane_class::status), ElementsAre(status));
    EXPECT_THAT(in("cana", lane_class::recall), ElementsAre(recall));
    EXPECT_THAT(in("thuannam", lane_class::normal), ElementsAre(other));
    EXPECT_EQ(store::newest_delivery(*s), more);
}

TEST_F(lanes, a_store_without_deliveries_has_none) {
    EXPECT_THAT(store::lanes_in_use(*s), IsEmpty());
    EXPECT_EQ(store::newest_delivery(*s), 0);
    EXPECT_THAT(store::places_after(*s, {}, 10), IsEmpty());
}

TEST_F(lanes, what_moves_waits_elsewhere_and_its_new_neighbour_goes_on_record) {
    const auto row = submit("<a/>");
    heard().clear();
    move({row, 999}, "thuannam");
    EXPECT_THAT(in("cana", lane_class::normal), IsEmpty());
    EXPECT_THAT(in("thuannam", lane_class::normal), ElementsAre(row));
    ASSERT_EQ(heard().size(), 1u);
    EXPECT_EQ(told[0].lane, "thuannam");
    EXPECT_EQ(told[0].offered_to, "thuannam");
    move({row}, "ninhthuan"); // its home is here
    EXPECT_EQ(heard().back().lane, "ninhthuan");
    EXPECT_EQ(told.back().offered_to, "") << "nobody is asked";
}

TEST_F(lanes, what_is_held_is_in_none_and_moves_all_the_same) {
    const auto row = submit("<a/>");
    hold(row);
    EXPECT_THAT(store::lanes_in_use(*s), IsEmpty());
    EXPECT_THAT(store::read_rows(*s, {row}), IsEmpty());
    EXPECT_THAT(store::held_among(*s, {row, 999}), ElementsAre(row));
    heard().clear();
    move({row}, "thuannam");
    EXPECT_THAT(heard(), IsEmpty());
    const auto places = store::places_after(*s, {}, 10);
    ASSERT_EQ(places.size(), 1u);
    EXPECT_EQ(places[0].lane, "thuannam");
}

TEST_F(lanes, recipients_are_listed_by_where_they_wait_each_once) {
    for (int i = 0; i < 5; ++i) submit("<a>" + std::to_string(i) + "</a>");
    const auto row = submit("<b/>", department);
    ways[commune] = "ninhson";
    submit("<c/>");
    std::vector<std::string> seen;
    for (store::waiting_place last;;) {
        const auto page = store::places_after(*s, last, 2);
        if (page.empty()) break;
        for (const auto& p : page) seen.push_back(p.recipient + " " + p.lane);
        last = page.back();
    }
    EXPECT_THAT(seen, ElementsAre(department + " thuannam", commune + " cana", commune + " ninhson"));
    EXPECT_THAT(store::rows_at(*s, {department, "thuannam"}, 0, 10), ElementsAre(row));
    EXPECT_THAT(store::rows_at(*s, {department, "thuannam"}, row, 10), IsEmpty());
    EXPECT_EQ(store::rows_at(*s, {commune, "cana"}, 0, 3).size(), 3u);
}

TEST_F(lanes, who_refused_is_told_with_how_much) {
    const auto row = submit("<a/>");
    submit("<b/>");
    const store::administration quarantine{{row}, {"cana", "schema"}, store::held_kind::by_truc};
    ASSERT_TRUE(wait_for<std::size_t>([&](auto done) { s->hold(quarantine, std::move(done)); }));
    EXPECT_THAT(store::refused_by(*s), ElementsAre(Pair("cana", 1u)));
}

TEST_F(lanes, a_warning_is_due_once_after_three_quarters_of_the_time) {
    const auto row = submit("<a/>"); // 24 hours
    s.clock().advance(std::chrono::hours(18) - std::chrono::milliseconds(1));
    EXPECT_THAT(store::due_warnings(*s, s.clock().now(), 10), IsEmpty());
    s.clock().advance(std::chrono::milliseconds(1));
    EXPECT_THAT(store::due_warnings(*s, s.clock().now(), 10), ElementsAre(row));
    warn({row});
    warn({row});
    EXPECT_EQ(warnings(), 1u);
    EXPECT_THAT(store::due_warnings(*s, s.clock().now(), 10), IsEmpty());
}

TEST_F(lanes, of_what_has_ended_nobody_is_warned) {
    const auto row = submit("<a/>");
    const store::ending e{{row}, delivery_state::expired, event_name::expiry, "unreachable: cana"};
    ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { s->end_deliveries(e, std::move(done)); }));
    s.clock().advance(std::chrono::hours(20));
    EXPECT_THAT(store::due_warnings(*s, s.clock().now(), 10), IsEmpty());
    warn({row});
    EXPECT_EQ(warnings(), 0u);
}

TEST(lanes_of_two_nodes, who_takes_a_delivery_after_that_moment_does_not_warn_again) {
    test::small_network net;
    const auto early = net.submit("vpcp", "<a/>", {commune});
    const auto leg_in_time = *net.waiting("vpcp");
    ASSERT_TRUE(net.take("ninhthuan", net.as_received(leg_in_time, "vpcp", "ninhthuan")));
    net.acknowledge("vpcp", "ninhthuan", leg_in_time);
    net.submit("vpcp", "<b/>", {commune});
    auto late = net.as_received(*net.waiting("vpcp"), "vpcp", "ninhthuan");
    net["ninhthuan"].clock().advance(std::chrono::hours(19));
    ASSERT_TRUE(net.take("ninhthuan", std::move(late)));
    EXPECT_EQ(store::due_warnings(*net["ninhthuan"], net["ninhthuan"].clock().now(), 10).size(), 1u);
}

} // namespace
} // namespace truc
