#include <truc/directory/directory.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace truc::directory {
namespace {

directory parsed(std::string_view text) {
    auto d = directory::parse(text, "x");
    if (!d) throw std::runtime_error(d.error().what);
    return std::move(*d);
}

/// The Government Office, two provinces, a district, communes under the district and one directly under a province.
const std::string country = R"({"node": {"name": "vpcp"}}
{"node": {"name": "ninhthuan", "parent": "vpcp"}}
{"node": {"name": "phutho", "parent": "vpcp"}}
{"node": {"name": "thuannam", "parent": "ninhthuan"}}
{"node": {"name": "cana", "parent": "thuannam"}}
{"node": {"name": "phuocdinh", "parent": "thuannam"}}
{"node": {"name": "phanrang", "parent": "ninhthuan"}}
{"node": {"name": "viettri", "parent": "phutho"}}
)";

std::string with_link(const std::string& from, const std::string& to) {
    auto text = country;
    const auto at = text.find(fmt::format(R"("name": "{}")", from));
    return text.insert(at, fmt::format(R"("links": ["{}"], )", to));
}

std::vector<std::string> route(const directory& d, std::string from, std::string_view to) {
    std::vector<std::string> passed = {from};
    while (from != to) {
        const auto hop = d.next_hop(from, to);
        if (!hop) return passed.push_back("no way"), passed;
        if (passed.size() > 200) return passed.push_back("round and round"), passed;
        passed.push_back(from = *hop);
    }
    return passed;
}

using names = std::vector<std::string>;

TEST(routing, what_has_arrived_stays) {
    const auto d = parsed(country);
    EXPECT_EQ(d.next_hop("cana", "cana"), "cana");
    EXPECT_EQ(d.next_hop("vpcp", "vpcp"), "vpcp");
}

TEST(routing, goes_up_to_where_the_ways_meet_and_down) {
    const auto d = parsed(country);
    EXPECT_EQ(route(d, "cana", "viettri"), (names{"cana", "thuannam", "ninhthuan", "vpcp", "phutho", "viettri"}));
    EXPECT_EQ(route(d, "cana", "phuocdinh"), (names{"cana", "thuannam", "phuocdinh"}));
    EXPECT_EQ(route(d, "vpcp", "cana"), (names{"vpcp", "ninhthuan", "thuannam", "cana"}));
    EXPECT_EQ(route(d, "cana", "vpcp"), (names{"cana", "thuannam", "ninhthuan", "vpcp"}));
}

TEST(routing, a_commune_may_stand_directly_under_a_province) {
    const auto d = parsed(country);
    EXPECT_EQ(route(d, "vpcp", "phanrang"), (names{"vpcp", "ninhthuan", "phanrang"}));
    EXPECT_EQ(route(d, "phanrang", "cana"), (names{"phanrang", "ninhthuan", "thuannam", "cana"}));
    EXPECT_EQ(route(d, "phanrang", "viettri"), (names{"phanrang", "ninhthuan", "vpcp", "phutho", "viettri"}));
}

TEST(routing, a_link_is_used_from_both_sides) {
    for (const auto& d : {parsed(with_link("ninhthuan", "phutho")), parsed(with_link("phutho", "ninhthuan"))}) {
        EXPECT_EQ(d.next_hop("ninhthuan", "phutho"), "phutho");
        EXPECT_EQ(d.next_hop("phutho", "ninhthuan"), "ninhthuan");
        EXPECT_EQ(route(d, "cana", "viettri"), (names{"cana", "thuannam", "ninhthuan", "phutho", "viettri"}));
        EXPECT_EQ(route(d, "cana", "vpcp"), (names{"cana", "thuannam", "ninhthuan", "vpcp"}));
    }
}

TEST(routing, a_link_passes_levels_over) {
    const auto down = parsed(with_link("vpcp", "thuannam"));
    EXPECT_EQ(route(down, "vpcp", "cana"), (names{"vpcp", "thuannam", "cana"}));
    EXPECT_EQ(route(down, "viettri", "cana"), (names{"viettri", "phutho", "vpcp", "thuannam", "cana"}));
    EXPECT_EQ(route(down, "cana", "viettri"), (names{"cana", "thuannam", "vpcp", "phutho", "viettri"}));
    EXPECT_EQ(route(down, "vpcp", "phanrang"), (names{"vpcp", "ninhthuan", "phanrang"}));
}

TEST(routing, a_link_upwards_is_no_detour) {
    const auto d = parsed(with_link("cana", "vpcp"));
    EXPECT_EQ(route(d, "cana", "phutho"), (names{"cana", "vpcp", "phutho"}));
    EXPECT_EQ(route(d, "cana", "phuocdinh"), (names{"cana", "thuannam", "phuocdinh"})); // not by way of the root
    EXPECT_EQ(route(d, "cana", "thuannam"), (names{"cana", "thuannam"}));
    EXPECT_EQ(route(d, "vpcp", "cana"), (names{"vpcp", "cana"}));
}

TEST(routing, a_link_upwards_passes_levels_over) {
    const auto d = parsed(with_link("cana", "ninhthuan"));
    EXPECT_EQ(route(d, "cana", "viettri"), (names{"cana", "ninhthuan", "vpcp", "phutho", "viettri"}));
    EXPECT_EQ(route(d, "cana", "phanrang"), (names{"cana", "ninhthuan", "phanrang"}));
    EXPECT_EQ(route(d, "viettri", "cana"), (names{"viettri", "phutho", "vpcp", "ninhthuan", "cana"}));
    EXPECT_EQ(route(d, "viettri", "phuocdinh"),
              (names{"viettri", "phutho", "vpcp", "ninhthuan", "thuannam", "phuocdinh"}));
}

TEST(routing, the_nearest_of_several_links_is_taken) {
    const auto d = parsed(R"({"node": {"name": "a", "links": ["c", "e", "c"]}}
{"node": {"name": "b", "parent": "a"}}
{"node": {"name": "c", "parent": "b", "links": ["a"]}}
{"node": {"name": "d", "parent": "c"}}
{"node": {"name": "e", "parent": "d"}}
{"node": {"name": "f", "parent": "e"}})");
    EXPECT_EQ(d.next_hop("a", "f"), "e");
    EXPECT_EQ(d.next_hop("a", "d"), "c");
    EXPECT_EQ(d.next_hop("a", "b"), "b");
}

TEST(routing, without_a_way_there_is_no_hop) {
    const auto d = parsed(country + R"({"node": {"name": "abroad"}}
{"node": {"name": "embassy", "parent": "abroad"}})");
    EXPECT_FALSE(d.next_hop("cana", "embassy"));
    EXPECT_FALSE(d.next_hop("vpcp", "abroad"));
    EXPECT_FALSE(d.next_hop("embassy", "vpcp"));
    EXPECT_FALSE(d.next_hop("cana", "nobody"));
    EXPECT_FALSE(d.next_hop("nobody", "cana"));
    EXPECT_FALSE(d.next_hop("nobody", "nobody"));
    EXPECT_FALSE(d.next_hop("cana", ""));
    EXPECT_FALSE(directory().next_hop("cana", "vpcp"));
}

TEST(routing, a_link_leads_into_another_tree) {
    const auto d = parsed(with_link("ninhthuan", "abroad") + R"({"node": {"name": "abroad"}}
{"node": {"name": "embassy", "parent": "abroad"}})");
    EXPECT_EQ(route(d, "cana", "embassy"), (names{"cana", "thuannam", "ninhthuan", "abroad", "embassy"}));
    EXPECT_EQ(route(d, "phanrang", "abroad"), (names{"phanrang", "ninhthuan", "abroad"}));
    // Who is not below the link does not know that the province would help.
    EXPECT_FALSE(d.next_hop("vpcp", "embassy"));
}

TEST(routing, knows_what_is_behind_a_neighbour) {
    const auto d = parsed(with_link("ninhthuan", "phutho"));
    EXPECT_TRUE(d.is_behind("ninhthuan", "thuannam", "cana"));
    EXPECT_TRUE(d.is_behind("ninhthuan", "thuannam", "thuannam"));
    EXPECT_TRUE(d.is_behind("ninhthuan", "phutho", "viettri"));
    EXPECT_TRUE(d.is_behind("cana", "thuannam", "vpcp"));
    EXPECT_FALSE(d.is_behind("ninhthuan", "vpcp", "viettri"));
    EXPECT_FALSE(d.is_behind("ninhthuan", "phanrang", "cana"));
    EXPECT_FALSE(d.is_behind("ninhthuan", "cana", "cana")); // no neighbour
    EXPECT_FALSE(d.is_behind("ninhthuan", "ninhthuan", "ninhthuan"));
    EXPECT_FALSE(d.is_behind("ninhthuan", "thuannam", "nobody"));
    EXPECT_FALSE(d.is_behind("ninhthuan", "nobody", "cana"));
}

TEST(routing, knows_what_lies_below) {
    const auto d = parsed(country);
    EXPECT_TRUE(d.is_below("vpcp", "cana"));
    EXPECT_TRUE(d.is_below("ninhthuan", "phanrang"));
    EXPECT_FALSE(d.is_below("cana", "vpcp"));
    EXPECT_FALSE(d.is_below("cana", "cana"));
    EXPECT_FALSE(d.is_below("phutho", "cana"));
    EXPECT_FALSE(d.is_below("phutho", "nobody"));
    EXPECT_FALSE(d.is_below("nobody", "cana"));
}

// --- any tree ----------------------------------------------------------------------------------------------------

struct forest {
    std::vector<int> parents; ///< -1: a root
    std::string text;

    int depth(int i) const {
        return parents[static_cast<std::size_t>(i)] < 0 ? 0 : 1 + depth(parents[static_cast<std::size_t>(i)]);
    }
};

forest random_forest(std::mt19937& random) {
    const int size = 2 + static_cast<int>(random() % 40);
    const int links = static_cast<int>(random() % 12);
    const int roots = random() % 4 == 0 ? 2 : 1;
    std::vector<std::vector<std::string>> links_of(static_cast<std::size_t>(size));
    for (int i = 0; i < links; ++i) {
        const auto from = random() % static_cast<unsigned>(size);
        const auto to = random() % static_cast<unsigned>(size);
        if (from != to) links_of[from].push_back(fmt::format("\"n{}\"", to));
    }
    forest made;
    for (int i = 0; i < size; ++i) {
        const int parent = i < roots ? -1 : static_cast<int>(random() % static_cast<unsigned>(i));
        made.parents.push_back(parent);
        const auto above = parent < 0 ? std::string() : fmt::format(R"(, "parent": "n{}")", parent);
        made.text += fmt::format(R"({{"node": {{"name": "n{}"{}, "links": [{}]}}}})"
                                 "\n",
                                 i, above, fmt::join(links_of[static_cast<std::size_t>(i)], ","));
    }
    return made;
}

/// Every route of one forest: it ends, is no longer than the tree's way, and each of its nodes is behind the first hop.
void expect_sound_routes(const forest& f, const directory& d) {
    const int size = static_cast<int>(f.parents.size());
    for (int from = 0; from < size; ++from)
        for (int to = 0; to < size; ++to) {
            const auto self = fmt::format("n{}", from);
            const auto target = fmt::format("n{}", to);
            const auto passed = route(d, self, target);
            if (passed.back() == "no way") {
                ASSERT_EQ(passed.size(), 2u) << "sent off without a way\n" << f.text; // known at once
                continue;
            }
            ASSERT_EQ(passed.back(), target) << f.text;
            ASSERT_LE(passed.size(), static_cast<std::size_t>(f.depth(from) + f.depth(to) + 2)) << f.text;
            for (std::size_t i = 1; i < passed.size(); ++i)
                ASSERT_TRUE(d.is_behind(self, passed[1], passed[i])) << self << " to " << target << "\n" << f.text;
        }
}

TEST(routing, every_route_of_any_tree_arrives) {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        std::mt19937 random(seed);
        const auto f = random_forest(random);
        SCOPED_TRACE(fmt::format("seed {}", seed));
        expect_sound_routes(f, parsed(f.text));
        if (HasFatalFailure()) return;
    }
}

TEST(routing, within_one_tree_there_is_always_a_way) {
    for (unsigned seed = 1; seed <= 100; ++seed) {
        std::mt19937 random(seed);
        const auto f = random_forest(random);
        if (f.parents.size() > 1 && f.parents[1] < 0) continue;
        const auto d = parsed(f.text);
        for (const auto& from : d.nodes())
            for (const auto& to : d.nodes()) ASSERT_TRUE(d.next_hop(from.name, to.name)) << "seed " << seed;
    }
}

} // namespace
} // namespace truc::directory
