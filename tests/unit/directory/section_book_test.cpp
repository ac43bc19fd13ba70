#include "section_book_case.hpp"

namespace truc::directory {
namespace {

using section_book_test = section_book_case;

// --- versions ----------------------------------------------------------------------------------------------------

TEST_F(section_book_test, versions_follow_each_other) {
    EXPECT_FALSE(book.latest("phutho"));
    EXPECT_EQ(take("phutho", node_line("phutho", "vpcp")), "fresh");
    EXPECT_EQ(take("phutho", node_line("phutho", "vpcp", R"(,"level":"province")")), "fresh");
    EXPECT_EQ(book.latest("phutho")->version, 2u);
    EXPECT_EQ(book.versions(), (std::map<std::string, std::uint64_t>{{"phutho", 2}}));
}

TEST_F(section_book_test, the_first_one_may_have_any_version) {
    EXPECT_EQ(take(make("phutho", 7, sha256("before"), "")), "fresh");
    EXPECT_EQ(book.latest("phutho")->version, 7u);
}

TEST_F(section_book_test, the_same_again_is_known) {
    const auto s = make("phutho", 1, std::nullopt, "");
    EXPECT_EQ(take(s), "fresh");
    EXPECT_EQ(take(s), "known");
}

TEST_F(section_book_test, a_gap_is_refused) {
    EXPECT_EQ(take("phutho", ""), "fresh");
    EXPECT_EQ(take(make("phutho", 3, sha256("x"), "")), "section_gap");
    EXPECT_EQ(said, "version 3 of the section of phutho: version 1 is the last one known");
    EXPECT_EQ(take(make("phutho", ~0ull, sha256("x"), "")), "section_gap");
    EXPECT_EQ(book.latest("phutho")->version, 1u);
}

TEST_F(section_book_test, a_fork_is_refused) {
    EXPECT_EQ(take("phutho", ""), "fresh");
    EXPECT_EQ(take("phutho", ""), "fresh");
    EXPECT_EQ(take(make("phutho", 2, book.latest("phutho")->digest, agency_line("H44", "phutho"))), "section_fork");
    EXPECT_EQ(take(make("phutho", 3, sha256("another history"), "")), "section_fork");
    EXPECT_EQ(home_of("H44"), "unknown"); // the first one stays in force
}

TEST_F(section_book_test, an_old_version_is_refused) {
    const auto first = make("phutho", 1, std::nullopt, agency_line("H44", "phutho"));
    EXPECT_EQ(take(first), "fresh");
    EXPECT_EQ(take("phutho", ""), "fresh");
    EXPECT_EQ(take(first), "section_old");
    EXPECT_EQ(home_of("H44"), "unknown");
}

// --- who is known ------------------------------------------------------------------------------------------------

TEST_F(section_book_test, an_unknown_node_is_refused_until_its_parent_names_it) {
    const auto viettri = node_line("viettri", "phutho") + agency_line("H44.1", "viettri");
    EXPECT_EQ(take("viettri", viettri), "section_node_unknown");
    EXPECT_EQ(take("phutho", node_line("phutho", "vpcp") + node_line("viettri", "phutho")), "fresh");
    EXPECT_EQ(home_of("H44.1"), "unknown");
    EXPECT_EQ(take("viettri", viettri), "fresh");
    EXPECT_EQ(home_of("H44.1"), "viettri");
    EXPECT_EQ(book.compose().in_force.next_hop("ninhthuan", "viettri"), "vpcp");
}

TEST_F(section_book_test, a_node_that_its_parent_names_no_more_is_forgotten_with_all_below) {
    take_file("thuannam");
    take_file("cana");
    EXPECT_EQ(home_of("H43.30.8"), "cana");
    // Its parent is this node: our own file says it.
    book.use_own(parsed(node_line("vpcp", "") + node_line("ninhthuan", "vpcp") + node_line("phutho", "vpcp")));
    EXPECT_EQ(home_of("H43.30"), "unknown");
    EXPECT_EQ(home_of("H43.30.8"), "unknown");
    EXPECT_TRUE(book.versions().empty());
    EXPECT_EQ(take("cana", ""), "section_node_unknown");
    // What they held is free.
    EXPECT_EQ(take("phutho", agency_line("H43.30.8", "phutho")), "fresh");
}

TEST_F(section_book_test, an_old_version_does_not_come_back_with_a_forgotten_node) {
    const auto first = make("thuannam", 1, std::nullopt, agency_line("H43.30", "thuannam"));
    EXPECT_EQ(take(first), "fresh");
    const auto second = make("thuannam", 2, first.digest, agency_line("H43.31", "thuannam"));
    EXPECT_EQ(take(second), "fresh");
    book.use_own(parsed(node_line("vpcp", "") + node_line("ninhthuan", "vpcp")));
    EXPECT_EQ(home_of("H43.31"), "unknown");
    book.use_own(own);
    EXPECT_EQ(take(first), "section_old");
    EXPECT_EQ(take(make("thuannam", 2, first.digest, "")), "section_fork");
    EXPECT_EQ(take(second), "fresh"); // nothing was in force
    EXPECT_EQ(home_of("H43.31"), "thuannam");
    book.use_own(parsed(node_line("vpcp", "") + node_line("ninhthuan", "vpcp")));
    book.use_own(own);
    EXPECT_EQ(take(make("thuannam", 9, sha256("x"), "")), "fresh"); // it went on meanwhile
}

TEST_F(section_book_test, reorganisation_is_one_version) {
    take_file("phutho");
    ASSERT_EQ(take("phutho", node_line("phutho", "vpcp") + node_line("thanhthuy", "phutho")), "fresh");
    ASSERT_EQ(take("thanhthuy", node_line("thanhthuy", "phutho") + node_line("daodong", "thanhthuy") +
                                    agency_line("H44.20", "thanhthuy", certificate('a'))),
              "fresh");
    ASSERT_EQ(take("daodong", agency_line("H44.20.1", "daodong")), "fresh");
    // The district goes: the province takes its agency and its commune, which stands directly under it now.
    EXPECT_EQ(take("phutho", node_line("phutho", "vpcp") + node_line("daodong", "phutho") +
                                 agency_line("H44", "phutho", certificate('a')) +
                                 agency_line("H44.20", "phutho", closed + R"(,"successors":["H44.20.1"])")),
              "fresh")
        << said;
    const auto made = book.compose();
    EXPECT_EQ(made.left_out_count, 0u);
    EXPECT_FALSE(made.displaced);
    EXPECT_EQ(made.in_force.find_node("thanhthuy"), nullptr);
    EXPECT_EQ(made.in_force.find_node("daodong")->parent, "phutho");
    EXPECT_EQ(made.in_force.find_agency("H44.20.1")->node, "daodong"); // its section stayed in force
    EXPECT_EQ(made.in_force.resolve_recipient("H44.20", now).value()->code.str(), "H44.20.1");
    EXPECT_EQ(made.in_force.find_signer(*sha256_digest::from_hex(std::string(64, 'a')))->code.str(), "H44");
    EXPECT_EQ(book.versions().count("thanhthuy"), 0u);
    EXPECT_EQ(take("thanhthuy", ""), "section_node_unknown");
}

// --- what a section may say --------------------------------------------------------------------------------------

TEST_F(section_book_test, a_child_of_another_is_refused) {
    EXPECT_EQ(take("phutho", node_line("cana", "phutho")), "section_conflict");
    EXPECT_EQ(said, "version 1 of the section of phutho: node cana belongs to node thuannam");
    EXPECT_EQ(take("phutho", node_line("ninhthuan", "phutho")), "section_conflict"); // this node
    EXPECT_EQ(take("phutho", node_line("thuannam", "phutho")), "section_conflict");  // a child of this node
    take_file("thuannam");
    EXPECT_EQ(take("phutho", node_line("cana", "phutho")), "section_conflict");
    EXPECT_EQ(take("thuannam", node_line("thuannam", "ninhthuan")), "fresh"); // lets it go
    EXPECT_EQ(take("phutho", node_line("cana", "phutho")), "fresh");
    EXPECT_EQ(book.compose().in_force.find_node("cana")->parent, "phutho");
}

TEST_F(section_book_test, nobody_makes_a_child_of_what_stands_above) {
    EXPECT_EQ(take("cana", node_line("vpcp", "cana")), "section_not_yours");
    EXPECT_EQ(take("cana", node_line("thuannam", "cana")), "section_not_yours");
    book.use_own(parsed(file + node_line("abroad", "")));
    EXPECT_EQ(take("cana", node_line("abroad", "cana")), "section_conflict"); // a root
}

TEST_F(section_book_test, nobody_makes_an_endless_line) {
    std::string above = "cana";
    std::string answer = "fresh";
    int made = 0;
    for (; made < 100 && answer == "fresh"; ++made) {
        const auto child = fmt::format("n{}", made);
        answer = take(above, node_line(child, above));
        above = child;
    }
    EXPECT_EQ(answer, "section_not_yours");
    EXPECT_GT(made, 50);
    EXPECT_LT(made, 64);
}

TEST_F(section_book_test, only_agencies_below_are_closed) {
    EXPECT_EQ(take("phutho", agency_line("H43.30", "thuannam", closed)), "section_not_yours");
    EXPECT_EQ(take("cana", agency_line("H43.30", "thuannam", closed)), "section_not_yours");
    EXPECT_EQ(take("thuannam", node_line("thuannam", "ninhthuan") + agency_line("H43.30", "thuannam") +
                                   agency_line("H43.30.8", "cana", closed)),
              "section_not_yours"); // not its child any more
    EXPECT_EQ(take("thuannam", section_body(*own, "thuannam") + agency_line("H43.30.8", "cana", closed)), "fresh")
        << said;
    const auto made = book.compose();
    const auto* cana = made.in_force.find_agency("H43.30.8");
    EXPECT_EQ(cana->valid_to, from_rfc3339("2025-07-01T00:00:00+07:00"));
    EXPECT_EQ(cana->name, "Cơ quan H43.30.8");
    EXPECT_EQ(made.left_out_count, 0u);
}

TEST_F(section_book_test, a_closing_waits_for_its_agency_and_closes_only_below) {
    // The node is not known here yet, so nobody can say that it lies elsewhere.
    EXPECT_EQ(take("thuannam", section_body(*own, "thuannam") + agency_line("H43.30.9", "later", closed) +
                                   agency_line("H44", "later", closed)),
              "fresh");
    EXPECT_EQ(take("cana", node_line("later", "cana")), "fresh");
    EXPECT_EQ(take("later", agency_line("H43.30.9", "later")), "fresh");
    const auto made = book.compose();
    EXPECT_TRUE(made.in_force.find_agency("H43.30.9")->valid_to);
    EXPECT_FALSE(made.in_force.find_agency("H44")->valid_to); // a lie: its home is another
    ASSERT_EQ(made.left_out.size(), 1u);
    EXPECT_EQ(made.left_out[0].what, "closing of agency H44 by node thuannam");
}

TEST_F(section_book_test, the_earliest_closing_counts) {
    const std::string later = R"(,"valid_to":"2026-01-01T00:00:00+07:00","successors":["H43"])";
    EXPECT_EQ(take("cana", agency_line("H43.30.8", "cana", closed + R"(,"successors":["G22"])")), "fresh");
    EXPECT_EQ(take("thuannam", section_body(*own, "thuannam") + agency_line("H43.30.8", "cana", later)), "fresh");
    EXPECT_EQ(book.compose().in_force.resolve_recipient("H43.30.8", now).value()->code.str(), "G22");
    // Our own file closes, too: this node stands above.
    book.use_own(
        parsed(file.substr(0, file.find(R"({"agency":{"code":"H43.30.8")")) +
               agency_line("H43.30.8", "cana", R"(,"valid_to":"2025-01-01T00:00:00+07:00","successors":["H43.30"])")));
    EXPECT_EQ(book.compose().in_force.resolve_recipient("H43.30.8", now).value()->code.str(), "H43.30");
}

} // namespace
} // namespace truc::directory
