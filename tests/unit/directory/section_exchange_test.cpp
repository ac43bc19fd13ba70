#include "section_book_case.hpp"

#include <ctime>

namespace truc::directory {
namespace {

using section_exchange = section_book_case;

// --- exchange with neighbours ------------------------------------------------------------------------------------

TEST_F(section_exchange, a_neighbour_is_given_what_it_lacks_in_an_order_that_it_can_take) {
    const auto a = make("vpcp", 1, std::nullopt, section_body(*own, "vpcp"));
    const auto p1 = make("phutho", 1, std::nullopt, node_line("phutho", "vpcp"));
    const auto p2 = make("phutho", 2, p1.digest, node_line("viettri", "phutho"));
    const auto v = make("viettri", 4, sha256("x"), "");
    const auto self = make("ninhthuan", 1, std::nullopt, "");
    for (const auto* s : {&self, &p1, &p2, &v, &a}) ASSERT_EQ(take(*s), "fresh") << said;

    using keys = std::vector<section_key>;
    EXPECT_EQ(book.newer_than({}), (keys{{"vpcp", 1}, {"ninhthuan", 1}, {"phutho", 2}, {"viettri", 4}}));
    EXPECT_EQ(book.newer_than({{"vpcp", 1}, {"phutho", 1}, {"viettri", 1}, {"ninhthuan", 5}}),
              (keys{{"phutho", 2}, {"viettri", 2}, {"viettri", 3}, {"viettri", 4}}));
    EXPECT_EQ(book.newer_than(book.versions()), keys{});
    EXPECT_EQ(book.newer_than({}, 2), (keys{{"vpcp", 1}, {"ninhthuan", 1}}));

    // Whoever knows only the root takes them in this order.
    section_book other("vpcp",
                       parsed(node_line("vpcp", "") + node_line("ninhthuan", "vpcp") + node_line("phutho", "vpcp")));
    for (const auto* s : {&a, &self, &p2, &v}) EXPECT_TRUE(other.take(*s)) << s->node;
    EXPECT_EQ(other.versions(), book.versions());
}

TEST_F(section_exchange, a_huge_version_costs_a_neighbour_nothing) {
    ASSERT_EQ(take(make("phutho", ~0ull, sha256("x"), "")), "fresh");
    EXPECT_EQ(book.newer_than({{"phutho", 1}}).size(), 1000u);
    EXPECT_EQ(book.newer_than({{"phutho", ~0ull - 1}}), (std::vector<section_key>{{"phutho", ~0ull}}));
}

TEST_F(section_exchange, stored_sections_are_restored_in_any_order) {
    std::vector<section> stored;
    stored.push_back(make("daodong", 1, std::nullopt, agency_line("H44.20.1", "daodong")));
    stored.push_back(make("stranger", 1, std::nullopt, ""));
    stored.push_back(
        make("thanhthuy", 3, sha256("x"), node_line("daodong", "thanhthuy") + agency_line("H44", "thanhthuy")));
    stored.push_back(make("phutho", 5, sha256("y"), node_line("thanhthuy", "phutho")));
    const auto refused = book.restore(std::move(stored));
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_EQ(refused[0].code, errc::section_node_unknown);
    EXPECT_EQ(book.versions(), (std::map<std::string, std::uint64_t>{{"daodong", 1}, {"phutho", 5}, {"thanhthuy", 3}}));
    EXPECT_EQ(home_of("H44.20.1"), "daodong");
    EXPECT_EQ(home_of("H44"), "thanhthuy");
}

TEST_F(section_exchange, a_book_moves) {
    take_file("phutho");
    section_book moved(std::move(book));
    EXPECT_EQ(moved.compose().in_force.find_agency("H44")->node, "phutho");
    book = std::move(moved);
    EXPECT_EQ(home_of("H44"), "phutho");
}

// --- a country ---------------------------------------------------------------------------------------------------

TEST_F(section_exchange, holds_a_country_of_63_sections) {
    constexpr int provinces = 63;
    constexpr int agencies = 123'000;
    std::string country = node_line("vpcp", "");
    for (int p = 1; p <= provinces; ++p) country += node_line(fmt::format("h{}", p), "vpcp");
    section_book large("vpcp", parsed(country));
    for (int p = 1; p <= provinces; ++p) {
        const auto node = fmt::format("h{}", p);
        std::string body = node_line(node, "vpcp");
        for (int i = p - 1; i < agencies; i += provinces)
            body += fmt::format(R"({{"agency":{{"code":"{:03}.{:02}.{:02}.H{}","name":"Ủy ban nhân dân xã số {}",)"
                                R"("node":"{}","level":"commune","mail":"xa{}@gov.vn","certificates":["{}"]}}}})"
                                "\n",
                                i / 10000, i / 100 % 100, i % 100, p, i, node, i, sha256(std::to_string(i)).hex());
        ASSERT_TRUE(large.take(make(node, 1, std::nullopt, body))) << node;
    }
    const auto started = std::clock(); // of this process: others may be busy
    const auto made = large.compose();
    const double seconds = static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
    RecordProperty("compose_ms", static_cast<int>(seconds * 1000));
    EXPECT_EQ(made.left_out_count, 0u);
    EXPECT_EQ(made.in_force.agencies().size(), static_cast<std::size_t>(agencies));
    EXPECT_EQ(made.in_force.find_signer(sha256("122999"))->node, fmt::format("h{}", 122'999 % provinces + 1));
    EXPECT_LT(seconds, 10.0); // far above what it takes, even with sanitizers
}

} // namespace
} // namespace truc::directory
