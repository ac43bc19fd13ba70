#include "section_signing.hpp"

#include <truc/directory/section_book.hpp>

#include <gtest/gtest.h>

#include <ctime>

namespace truc::directory {
namespace {

std::string node_line(std::string_view name, std::string_view parent, std::string_view more = "") {
    const auto above = parent.empty() ? std::string() : fmt::format(R"(,"parent":"{}")", parent);
    return fmt::format(R"({{"node":{{"name":"{}"{}{}}}}})"
                       "\n",
                       name, above, more);
}

std::string agency_line(std::string_view code, std::string_view node, std::string_view more = "") {
    return fmt::format(R"({{"agency":{{"code":"{}","name":"Cơ quan {}","node":"{}"{}}}}})"
                       "\n",
                       code, code, node, more);
}

std::string client_line(std::string_view id, std::string_view agency, std::string_view more = "") {
    return fmt::format(R"({{"client":{{"id":"{}","agencies":["{}"]{}}}}})"
                       "\n",
                       id, agency, more);
}

std::string certificate(char c) { return fmt::format(R"(,"certificates":["{}"])", std::string(64, c)); }

const std::string closed = R"(,"valid_to":"2025-07-01T00:00:00+07:00")";

/// What the file of every node of a small exchange says at first.
const std::string file = node_line("vpcp", "") + node_line("ninhthuan", "vpcp") + node_line("phutho", "vpcp") +
                         node_line("thuannam", "ninhthuan") + node_line("cana", "thuannam") +
                         agency_line("G22", "vpcp") + agency_line("H43", "ninhthuan") + agency_line("H44", "phutho") +
                         agency_line("H43.30", "thuannam") + agency_line("H43.30.8", "cana") +
                         client_line("thuannam", "H43.30");

class section_book_test : public testing::Test, public section_signing {
  protected:
    static std::shared_ptr<const directory> parsed(std::string_view text) {
        auto d = directory::parse(text, "x");
        if (!d) throw std::runtime_error(d.error().what);
        return std::make_shared<const directory>(std::move(*d));
    }

    /// Takes the next version of a node's section; the code of the refusal, or "fresh" or "known".
    std::string take(const std::string& node, std::string_view body) {
        const auto known = book.latest(node);
        return take(
            make(node, known ? known->version + 1 : 1, known ? std::optional(known->digest) : std::nullopt, body));
    }
    std::string take(section s) {
        const auto judged = book.judge(s);
        const auto taken = book.take(std::move(s));
        EXPECT_EQ(judged.has_value(), taken.has_value());
        if (taken) return *taken == taking::fresh ? "fresh" : "known";
        said = taken.error().what;
        return std::string(describe(taken.error().code).name);
    }
    /// Version 1 of what the file says, so that a section is in force for it.
    void take_file(const std::string& node) { EXPECT_EQ(take(node, section_body(*own, node)), "fresh") << said; }

    std::string home_of(std::string_view code) {
        const auto made = book.compose();
        const auto* a = made.in_force.find_agency(code);
        return a ? a->node : "unknown";
    }

    std::shared_ptr<const directory> own = parsed(file);
    section_book book{"ninhthuan", own};
    std::string said; ///< by the last refusal
};

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

// --- who has what ------------------------------------------------------------------------------------------------

TEST_F(section_book_test, the_incumbent_keeps_a_code) {
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

TEST_F(section_book_test, the_incumbent_keeps_certificates_and_clients) {
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

TEST_F(section_book_test, a_version_that_conflicts_has_its_place_and_its_node_corrects_it) {
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

TEST_F(section_book_test, what_waits_comes_into_force_when_it_fits) {
    take_file("phutho");
    EXPECT_EQ(take("cana", agency_line("H44", "cana")), "section_conflict");
    EXPECT_EQ(take("thuannam", section_body(*own, "thuannam") + agency_line("H44.1", "viettri", closed)), "fresh");
    EXPECT_EQ(take("phutho", node_line("phutho", "vpcp")), "fresh");
    EXPECT_EQ(home_of("H44"), "unknown");
    EXPECT_EQ(book.settle(), (std::vector<section_key>{{"cana", 1}}));
    EXPECT_EQ(home_of("H44"), "cana");
    EXPECT_TRUE(book.settle().empty());
}

TEST_F(section_book_test, what_waited_waits_after_a_restart) {
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

TEST_F(section_book_test, a_file_is_read_as_if_it_said_what_a_section_says) {
    const auto d = with_section(
        *own, make("ninhthuan", 1, std::nullopt, node_line("ninhthuan", "vpcp") + agency_line("H43.99", "ninhthuan")));
    EXPECT_EQ(d.find_agency("H43"), nullptr);
    ASSERT_NE(d.find_agency("H43.99"), nullptr);
    EXPECT_EQ(d.find_agency("H44")->node, "phutho");
    const auto alone = parsed(node_line("vpcp", "") + agency_line("G22", "vpcp"));
    EXPECT_NE(with_section(*alone, make("vpcp", 1, std::nullopt, "")).find_agency("G22"), nullptr);
}

// --- the directory in force --------------------------------------------------------------------------------------

TEST_F(section_book_test, without_sections_the_file_is_in_force) {
    const auto made = book.compose();
    EXPECT_EQ(made.left_out_count, 0u);
    ASSERT_EQ(made.in_force.agencies().size(), own->agencies().size());
    ASSERT_EQ(made.in_force.nodes().size(), own->nodes().size());
    EXPECT_EQ(made.in_force.clients().size(), own->clients().size());
    for (const auto& n : own->nodes())
        EXPECT_EQ(made.in_force.next_hop("ninhthuan", n.name), own->next_hop("ninhthuan", n.name));
    EXPECT_EQ(made.in_force.search("co quan h43.30", "", 10).size(), 2u);
}

TEST_F(section_book_test, a_section_overrides_what_the_file_says_of_its_node) {
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

TEST_F(section_book_test, where_a_node_stands_says_its_parent) {
    EXPECT_EQ(take("vpcp", node_line("vpcp", "") + node_line("ninhthuan", "vpcp") +
                               node_line("phutho", "vpcp", R"(,"http":"https://a","level":"province")")),
              "fresh");
    EXPECT_EQ(book.compose().in_force.find_node("phutho")->http, "https://a");
    EXPECT_EQ(take("phutho", node_line("phutho", "cana", R"(,"http":"https://b")")), "fresh");
    const auto made = book.compose();
    EXPECT_EQ(made.in_force.find_node("phutho")->parent, "vpcp");
    EXPECT_EQ(made.in_force.find_node("phutho")->http, "https://b"); // its own word on its address
}

TEST_F(section_book_test, of_this_node_its_own_file_counts) {
    const auto body = node_line("ninhthuan", "vpcp", R"(,"http":"https://x")") + agency_line("H43.99", "ninhthuan");
    EXPECT_EQ(take("ninhthuan", body), "fresh");
    EXPECT_EQ(home_of("H43.99"), "unknown");
    EXPECT_EQ(home_of("H43"), "ninhthuan");
    EXPECT_EQ(book.versions().at("ninhthuan"), 1u);
    EXPECT_EQ(book.latest("ninhthuan")->version, 1u);
    EXPECT_EQ(take(make("ninhthuan", 1, std::nullopt, "")), "section_fork");
}

TEST_F(section_book_test, this_node_stays_whatever_is_said_above) {
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

TEST_F(section_book_test, what_does_not_fit_is_left_out_and_said) {
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

TEST_F(section_book_test, a_client_of_nothing_loses_it) {
    book.use_own(parsed(file + R"({"client":{"id":"both","agencies":["H44","H43"]}})"));
    EXPECT_EQ(take("phutho", ""), "fresh");
    const auto made = book.compose();
    ASSERT_EQ(made.in_force.find_client("both")->agencies.size(), 1u);
    ASSERT_EQ(made.left_out.size(), 1u);
    EXPECT_EQ(made.left_out[0].what, "both of node ninhthuan: no agency has the code H44");
}

TEST_F(section_book_test, what_is_left_out_is_counted_and_described_up_to_a_limit) {
    std::string body;
    for (int i = 0; i < 150; ++i) body += agency_line(fmt::format("H44.{}", i), "phutho", R"(,"parent":"NOBODY")");
    EXPECT_EQ(take("phutho", body), "fresh");
    const auto made = book.compose();
    EXPECT_EQ(made.left_out.size(), composition::most_described);
    EXPECT_EQ(made.left_out_count, 150u);
    EXPECT_EQ(made.in_force.agencies().size(), own->agencies().size() - 1 + 150);
}

// --- exchange with neighbours ------------------------------------------------------------------------------------

TEST_F(section_book_test, a_neighbour_is_given_what_it_lacks_in_an_order_that_it_can_take) {
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

TEST_F(section_book_test, a_huge_version_costs_a_neighbour_nothing) {
    ASSERT_EQ(take(make("phutho", ~0ull, sha256("x"), "")), "fresh");
    EXPECT_EQ(book.newer_than({{"phutho", 1}}).size(), 1000u);
    EXPECT_EQ(book.newer_than({{"phutho", ~0ull - 1}}), (std::vector<section_key>{{"phutho", ~0ull}}));
}

TEST_F(section_book_test, stored_sections_are_restored_in_any_order) {
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

TEST_F(section_book_test, a_book_moves) {
    take_file("phutho");
    section_book moved(std::move(book));
    EXPECT_EQ(moved.compose().in_force.find_agency("H44")->node, "phutho");
    book = std::move(moved);
    EXPECT_EQ(home_of("H44"), "phutho");
}

// --- a country ---------------------------------------------------------------------------------------------------

TEST_F(section_book_test, holds_a_country_of_63_sections) {
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
