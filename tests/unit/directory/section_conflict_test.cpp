#include "section_book_case.hpp"

namespace truc::directory {
namespace {

using section_conflict = section_book_case;

// --- who has what ------------------------------------------------------------------------------------------------

TEST_F(section_conflict, the_incumbent_keeps_a_code) {
    take_file("phutho");
    for (const auto* code : {"H44", "h44"})
        EXPECT_EQ(take("cana", agency_line("X", "cana", fmt::format(R"(,"aliases":["{}"])", code))),
                  "section_conflict");
    EXPECT_EQ(said, "version 2 of the section of cana: the code H44 belongs to node phutho");
    EXPECT_EQ(take("cana", agency_line("H44", "cana")), "section_conflict");
    EXPECT_EQ(take("cana", agency_line("H43", "cana")), "section_conflict"); // of this node's own file
    EXPECT_EQ(take("cana", agency_line("G22", "cana")), "section_conflict"); // our file says whose it is
    EXPECT_EQ(home_of("H44"), "phutho");
    EXPECT_EQ(take("phutho", ""), "fresh");
    EXPECT_EQ(take("cana", agency_line("H44", "cana")), "fresh");
    EXPECT_EQ(home_of("H44"), "cana");
}

TEST_F(section_conflict, the_incumbent_keeps_certificates_and_clients) {
    EXPECT_EQ(
        take("phutho", agency_line("H44", "phutho", certificate('a')) + client_line("pt", "H44", certificate('b'))),
        "fresh");
    EXPECT_EQ(take("cana", agency_line("X", "cana", certificate('a'))), "section_conflict");
    EXPECT_EQ(take("cana", agency_line("X", "cana") + client_line("c", "X", certificate('b'))), "section_conflict");
    EXPECT_EQ(take("cana", agency_line("X", "cana") + client_line("pt", "X")), "section_conflict");
    EXPECT_EQ(said, "version 3 of the section of cana: the id pt belongs to node phutho");
    EXPECT_EQ(take("cana", agency_line("X", "cana") + client_line("thuannam", "X")), "section_conflict");
    EXPECT_EQ(take("cana", agency_line("X", "cana", certificate('b')) + client_line("c", "X", certificate('a'))),
              "fresh");
}

TEST_F(section_conflict, a_version_that_conflicts_has_its_place_and_its_node_corrects_it) {
    take_file("phutho");
    EXPECT_EQ(take("cana", agency_line("H43.30.8", "cana")), "fresh");
    const auto wrong = make("cana", 2, book.latest("cana")->digest, agency_line("H44", "cana"));
    EXPECT_EQ(take(wrong), "section_conflict");
    EXPECT_EQ(take(wrong), "known");
    EXPECT_EQ(book.versions().at("cana"), 2u);
    EXPECT_EQ(home_of("H43.30.8"), "cana"); // what fitted last stays
    EXPECT_EQ(home_of("H44"), "phutho");
    EXPECT_TRUE(book.settle().empty());
    EXPECT_EQ(take("cana", agency_line("H43.30.9", "cana")), "fresh") << said;
    EXPECT_EQ(home_of("H43.30.9"), "cana");
    EXPECT_EQ(home_of("H43.30.8"), "unknown");
}

TEST_F(section_conflict, what_waits_comes_into_force_when_it_fits) {
    take_file("phutho");
    EXPECT_EQ(take("cana", agency_line("H44", "cana")), "section_conflict");
    EXPECT_EQ(take("thuannam", section_body(*own, "thuannam") + agency_line("H44.1", "viettri", closed)), "fresh");
    EXPECT_EQ(take("phutho", node_line("phutho", "vpcp")), "fresh");
    EXPECT_EQ(home_of("H44"), "unknown");
    EXPECT_EQ(book.settle(), (std::vector<section_key>{{"cana", 1}}));
    EXPECT_EQ(home_of("H44"), "cana");
    EXPECT_TRUE(book.settle().empty());
}

TEST_F(section_conflict, what_waited_waits_after_a_restart) {
    const auto phutho = make("phutho", 1, std::nullopt, agency_line("H44", "phutho"));
    const auto first = make("cana", 1, std::nullopt, agency_line("H43.30.8", "cana"));
    const auto wrong = make("cana", 2, first.digest, agency_line("H44", "cana"));
    EXPECT_TRUE(book.restore({first, phutho}).empty());
    book.restore_waiting({wrong});
    EXPECT_TRUE(book.settle().empty());
    EXPECT_EQ(book.versions().at("cana"), 2u);
    EXPECT_EQ(home_of("H44"), "phutho");
    EXPECT_EQ(home_of("H43.30.8"), "cana");
    EXPECT_EQ(take(make("cana", 3, wrong.digest, agency_line("H43.30.9", "cana"))), "fresh") << said;
    EXPECT_EQ(home_of("H43.30.9"), "cana");
}

TEST_F(section_conflict, a_file_is_read_as_if_it_said_what_a_section_says) {
    const auto d = with_section(
        *own, make("ninhthuan", 1, std::nullopt, node_line("ninhthuan", "vpcp") + agency_line("H43.99", "ninhthuan")));
    EXPECT_EQ(d.find_agency("H43"), nullptr);
    ASSERT_NE(d.find_agency("H43.99"), nullptr);
    EXPECT_EQ(d.find_agency("H44")->node, "phutho");
    const auto alone = parsed(node_line("vpcp", "") + agency_line("G22", "vpcp"));
    EXPECT_NE(with_section(*alone, make("vpcp", 1, std::nullopt, "")).find_agency("G22"), nullptr);
}

} // namespace
} // namespace truc::directory
