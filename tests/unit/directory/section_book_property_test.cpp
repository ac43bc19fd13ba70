#include "section_signing.hpp"

#include <truc/directory/json_lines.hpp>
#include <truc/directory/section_book.hpp>

#include <gtest/gtest.h>

#include <random>

namespace truc::directory {
namespace {

/// Nodes that say anything that a section may hold, true or not, about few names, so that they often want the same.
class quarrel : public section_signing {
  public:
    explicit quarrel(unsigned seed) : random_(seed) {}

    std::string any_body(const std::string& node) {
        std::set<std::string> said; // no name twice, or the text would not even be read
        std::string body = fmt::format("{{\"node\":{{\"name\":\"{}\"{}}}}}\n", node, any_links());
        for (auto i = random_() % 3; i > 0; --i) {
            const auto child = any_node();
            if (child != node && said.insert(child).second)
                body += fmt::format("{{\"node\":{{\"name\":\"{}\",\"parent\":\"{}\"{}}}}}\n", child, node, any_links());
        }
        for (auto i = random_() % 4; i > 0; --i) add_agency(node, said, body);
        return body;
    }

    /// The next version most of the time.
    section any_section(const section_book& book) {
        const auto node = any_node();
        const auto known = book.latest(node);
        const auto version = (known ? known->version : 0) + (random_() % 8 == 0 ? 2 : 1);
        const auto previous = version == 1 ? std::nullopt : std::optional(known ? known->digest : sha256("x"));
        return make(node, version, previous, any_body(node));
    }

    std::string any_node() { return fmt::format("n{}", random_() % 7); }

  private:
    std::string any_links() {
        return random_() % 3 == 0 ? fmt::format(",\"amqp\":\"h:1\",\"links\":[\"{}\"]", any_node()) : std::string();
    }
    std::string any_code() { return fmt::format("A{}", random_() % 12); }

    void add_agency(const std::string& node, std::set<std::string>& said, std::string& body) {
        const auto code = any_code();
        const auto alias = any_code();
        const auto certificate = fmt::format("{:064}", random_() % 8);
        if (!said.insert(code).second) return;
        std::string more;
        const auto home = random_() % 4 == 0 ? any_node() : node;
        if (home != node || random_() % 4 == 0) more += R"(,"valid_to":"2025-07-01T00:00:00Z")";
        if (random_() % 2 == 0) more += fmt::format(R"(,"parent":"{}")", any_code());
        if (home == node && random_() % 2 == 0 && said.insert(alias).second)
            more += fmt::format(R"(,"aliases":["{}"])", alias);
        if (home == node && said.insert(certificate).second)
            more += fmt::format(R"(,"certificates":["{}"])", certificate);
        body += fmt::format("{{\"agency\":{{\"code\":\"{}\",\"name\":\"x\",\"node\":\"{}\"{}}}}}\n", code, home, more);
        if (home == node && random_() % 3 == 0 && said.insert("client of " + code).second)
            body += fmt::format("{{\"client\":{{\"id\":\"c{}\",\"agencies\":[\"{}\"]}}}}\n", code, code);
    }

    std::mt19937 random_;
};

const std::string root_only = R"({"node":{"name":"n0"}}
{"node":{"name":"n1","parent":"n0"}}
)";
const std::string small_tree = root_only + R"({"node":{"name":"n2","parent":"n1"}}
{"node":{"name":"n3","parent":"n0"}}
{"agency":{"code":"A0","name":"x","node":"n0","aliases":["A5"]}}
{"agency":{"code":"A1","name":"x","node":"n1"}}
{"agency":{"code":"A2","name":"x","node":"n2"}}
{"agency":{"code":"A3","name":"x","node":"n3","valid_to":"2025-07-01T00:00:00Z"}}
{"client":{"id":"cA2","agencies":["A2","A3"]}}
)";

std::shared_ptr<const directory> parsed(std::string_view text) {
    return std::make_shared<const directory>(directory::parse(text, "x").value());
}

/// As strict as a file is read: whatever was said, what is in force fits together.
void expect_sound(const directory& d) {
    std::string text;
    for (const auto& n : d.nodes()) text += to_json_line(n) + "\n";
    for (const auto& a : d.agencies()) text += to_json_line(a) + "\n";
    for (const auto& c : d.clients()) text += to_json_line(c) + "\n";
    const auto read = directory::parse(text, "in force");
    ASSERT_TRUE(read) << read.error().what << "\n" << text;
    for (const auto& from : d.nodes())
        for (const auto& to : d.nodes()) ASSERT_EQ(d.next_hop(from.name, to.name), read->next_hop(from.name, to.name));
    for (const auto& a : d.agencies()) ASSERT_EQ(d.find_agency(a.code.str()), &a);
    ASSERT_NE(d.find_node("n1"), nullptr);
}

/// What another node has is not touched by the section of `speaker`, unless the node itself has gone with it.
void expect_incumbents_kept(const directory& before, const directory& after, const std::string& speaker) {
    for (const auto& a : before.agencies()) {
        if (a.node == speaker || !after.find_node(a.node)) continue;
        const auto* kept = after.find_agency(a.code.str());
        ASSERT_NE(kept, nullptr) << a.code.str() << " was taken by " << speaker;
        ASSERT_EQ(kept->node, a.node) << a.code.str() << " was taken by " << speaker;
        ASSERT_EQ(kept->certificates, a.certificates);
        for (const auto& alias : a.aliases) ASSERT_EQ(after.find_agency(alias.str()), kept);
        ASSERT_TRUE(kept->valid_to == a.valid_to || before.is_below(speaker, a.node) ||
                    after.is_below(speaker, a.node));
    }
}

TEST(section_book_property, whatever_nodes_say_the_directory_is_sound_and_incumbents_stay) {
    int accepted = 0;
    int refused = 0;
    int settled = 0;
    for (unsigned seed = 1; seed <= 25; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        quarrel q(seed);
        section_book book("n1", parsed(seed % 2 ? small_tree : root_only));
        for (int step = 0; step < 60; ++step) {
            const auto before = book.compose();
            if (step % 20 == 19) {
                book.use_own(parsed(step % 40 == 19 ? root_only : small_tree));
                expect_sound(book.compose().in_force);
            } else {
                auto s = q.any_section(book);
                const auto speaker = s.node;
                const bool taken = book.take(std::move(s)).has_value();
                taken ? ++accepted : ++refused;
                const auto after = book.compose();
                expect_sound(after.in_force);
                if (speaker != "n1") expect_incumbents_kept(before.in_force, after.in_force, speaker);
                settled += static_cast<int>(book.settle().size());
                expect_sound(book.compose().in_force);
                EXPECT_TRUE(book.settle().empty());
            }
            if (testing::Test::HasFatalFailure()) return;
        }
    }
    EXPECT_GT(accepted, 100); // else nothing was tried
    EXPECT_GT(refused, 100);
    EXPECT_GT(settled, 10);
}

} // namespace
} // namespace truc::directory
