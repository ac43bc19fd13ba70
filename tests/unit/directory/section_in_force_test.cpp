#include "section_book_case.hpp"

namespace truc::directory {
namespace {

using section_in_force = section_book_case;

// --- the directory in force --------------------------------------------------------------------------------------

TEST_F(section_in_force, without_sections_the_file_is_in_force) {
    const auto made = book.compose();
    EXPECT_EQ(made.left_out_count, 0u);
    ASSERT_EQ(made.in_force.agencies().size(), own->agencies().size());
    ASSERT_EQ(made.in_force.nodes().size(), own->nodes().size());
    EXPECT_EQ(made.in_force.clients().size(), own->clients().size());
    for (const auto& n : own->nodes())
        EXPECT_EQ(made.in_force.next_hop("ninhthuan", n.name), own->next_hop("ninhthuan", n.name));
    EXPECT_EQ(made.in_force.search("co quan h43.30", "", 10).size(), 2u);
}

TEST_F(section_in_force, a_section_overrides_what_the_file_says_of_its_node) {
    EXPECT_EQ(
        take("thuannam", node_line("thuannam", "ninhthuan", R"(,"amqp":"10.0.0.1:18671","links":["vpcp","nobody"])") +
                             node_line("cana", "thuannam") + agency_line("H43.31", "thuannam", R"(,"parent":"h43")") +
                             client_line("new", "h43.31")),
        "fresh");
    const auto made = book.compose();
    EXPECT_EQ(made.left_out_count, 0u);
    const auto& d = made.in_force;
    EXPECT_EQ(d.find_agency("H43.30"), nullptr);
    ASSERT_NE(d.find_agency("H43.31"), nullptr);
    EXPECT_EQ(d.find_agency("H43.31")->parent, "H43");
    EXPECT_EQ(d.find_client("thuannam"), nullptr);
    EXPECT_EQ(d.find_client("new")->agencies[0].str(), "H43.31");
    EXPECT_EQ(d.find_node("thuannam")->amqp, "10.0.0.1:18671");
    EXPECT_EQ(d.next_hop("thuannam", "phutho"), "vpcp");
    EXPECT_EQ(d.find_agency("H43.30.8")->node, "cana"); // of others it says nothing
}

TEST_F(section_in_force, where_a_node_stands_says_its_parent) {
    EXPECT_EQ(take("vpcp", node_line("vpcp", "") + node_line("ninhthuan", "vpcp") +
                               node_line("phutho", "vpcp", R"(,"http":"https://a","level":"province")")),
              "fresh");
    EXPECT_EQ(book.compose().in_force.find_node("phutho")->http, "https://a");
    EXPECT_EQ(take("phutho", node_line("phutho", "cana", R"(,"http":"https://b")")), "fresh");
    const auto made = book.compose();
    EXPECT_EQ(made.in_force.find_node("phutho")->parent, "vpcp");
    EXPECT_EQ(made.in_force.find_node("phutho")->http, "https://b"); // its own word on its address
}

TEST_F(section_in_force, of_this_node_its_own_file_counts) {
    const auto body = node_line("ninhthuan", "vpcp", R"(,"http":"https://x")") + agency_line("H43.99", "ninhthuan");
    EXPECT_EQ(take("ninhthuan", body), "fresh");
    EXPECT_EQ(home_of("H43.99"), "unknown");
    EXPECT_EQ(home_of("H43"), "ninhthuan");
    EXPECT_EQ(book.versions().at("ninhthuan"), 1u);
    EXPECT_EQ(book.latest("ninhthuan")->version, 1u);
    EXPECT_EQ(take(make("ninhthuan", 1, std::nullopt, "")), "section_fork");
}

TEST_F(section_in_force, this_node_stays_whatever_is_said_above) {
    EXPECT_EQ(take("vpcp", node_line("vpcp", "") + node_line("phutho", "vpcp") + agency_line("G22", "vpcp")), "fresh");
    const auto kept = book.compose();
    EXPECT_EQ(kept.in_force.find_node("ninhthuan")->parent, "vpcp"); // our file says so
    EXPECT_EQ(kept.in_force.next_hop("ninhthuan", "cana"), "thuannam");

    section_book commune("cana", own);
    ASSERT_TRUE(commune.take(make("vpcp", 1, std::nullopt, node_line("vpcp", "") + agency_line("G22", "vpcp"))));
    const auto made = commune.compose();
    EXPECT_EQ(made.in_force.find_node("thuannam"), nullptr);
    ASSERT_NE(made.in_force.find_node("cana"), nullptr);
    EXPECT_EQ(made.in_force.find_node("cana")->parent, "");
    EXPECT_EQ(made.in_force.find_agency("H43.30.8")->node, "cana");
    EXPECT_FALSE(made.in_force.next_hop("cana", "vpcp"));
    ASSERT_EQ(made.left_out.size(), 1u);
    EXPECT_EQ(made.left_out[0].what, "node cana: no node has the name thuannam");
}

TEST_F(section_in_force, what_does_not_fit_is_left_out_and_said) {
    EXPECT_EQ(
        take("phutho", agency_line("H44", "phutho", R"(,"parent":"NOBODY")") +
                           agency_line("H44.1", "phutho", R"(,"parent":"H44.2","aliases":["OLD"])" + certificate('a')) +
                           agency_line("H44.2", "phutho", R"(,"parent":"H44.1")") + agency_line("H44.3", "phutho") +
                           client_line("pt", "H44.3", certificate('b'))),
        "fresh");
    // Afterwards our own administrators give away what the section has.
    book.use_own(parsed(
        file.substr(0, file.find(R"({"agency":{"code":"H44")")) + agency_line("H44.3", "ninhthuan", certificate('a')) +
        agency_line("H43.1", "ninhthuan", R"(,"aliases":["OLD"])") + client_line("nt", "H43.1", certificate('b')) +
        R"({"client":{"id":"both","agencies":["G22","H43.1"]}})"));
    const auto made = book.compose();
    const auto& d = made.in_force;
    EXPECT_EQ(d.find_agency("H44.3")->node, "ninhthuan");
    EXPECT_EQ(d.find_agency("OLD")->code.str(), "H43.1");
    EXPECT_TRUE(d.find_agency("H44.1")->aliases.empty());
    EXPECT_TRUE(d.find_agency("H44.1")->certificates.empty());
    EXPECT_EQ(d.find_signer(*sha256_digest::from_hex(std::string(64, 'a')))->code.str(), "H44.3");
    EXPECT_EQ(d.find_client_by_certificate(*sha256_digest::from_hex(std::string(64, 'b')))->id, "nt");
    EXPECT_EQ(d.find_agency("H44")->parent, "");
    EXPECT_TRUE(d.find_agency("H44.1")->parent.empty() != d.find_agency("H44.2")->parent.empty()); // the circle is cut
    EXPECT_EQ(d.find_client("both")->agencies.size(), 2u);
    std::vector<std::string> what;
    for (const auto& e : made.left_out) what.push_back(e.what);
    const std::vector<std::string> expected = {
        "H44.3 of node phutho: it belongs to node ninhthuan",
        "H44.1 of node phutho: the code OLD belongs to node ninhthuan",
        "H44.1 of node phutho: the certificate " + std::string(64, 'a') + " belongs to node ninhthuan",
        "H44 of node phutho: no agency has the code NOBODY",
        "H44.1 of node phutho: the parents of this record run in a circle",
        "pt of node phutho: the certificate " + std::string(64, 'b') + " belongs to node ninhthuan",
    };
    EXPECT_EQ(what, expected);
    ASSERT_TRUE(made.displaced); // for those who would make a section of this file
    EXPECT_EQ(made.displaced->code, errc::section_conflict);
    EXPECT_EQ(made.displaced->what, "H44.3 belongs to node phutho");
    EXPECT_EQ(made.left_out_count, expected.size());
}

TEST_F(section_in_force, a_client_of_nothing_loses_it) {
    book.use_own(parsed(file + R"({"client":{"id":"both","agencies":["H44","H43"]}})"));
    EXPECT_EQ(take("phutho", ""), "fresh");
    const auto made = book.compose();
    ASSERT_EQ(made.in_force.find_client("both")->agencies.size(), 1u);
    ASSERT_EQ(made.left_out.size(), 1u);
    EXPECT_EQ(made.left_out[0].what, "both of node ninhthuan: no agency has the code H44");
}

TEST_F(section_in_force, what_is_left_out_is_counted_and_described_up_to_a_limit) {
    std::string body;
    for (int i = 0; i < 150; ++i) body += agency_line(fmt::format("H44.{}", i), "phutho", R"(,"parent":"NOBODY")");
    EXPECT_EQ(take("phutho", body), "fresh");
    const auto made = book.compose();
    EXPECT_EQ(made.left_out.size(), composition::most_described);
    EXPECT_EQ(made.left_out_count, 150u);
    EXPECT_EQ(made.in_force.agencies().size(), own->agencies().size() - 1 + 150);
}

} // namespace
} // namespace truc::directory
