// What a node that was started anew remembers of homes, by the sections that its store has kept.
#include "exchange.hpp"

#include <truc/directory/section.hpp>
#include <truc/intake/former_homes.hpp>

namespace truc {
namespace {

using namespace test;

class former_homes_test : public exchange {
  protected:
    /// Keeps the section that `node` would sign as the next version.
    void keep(const std::string& node, const std::vector<std::string>& agencies) {
        std::string body = line("node", "\"name\": \"" + node + R"(", "level": "province", "parent": "trung-uong")");
        for (const auto& code : agencies) body += agency(code, node);
        auto& before = last_[node];
        const auto text =
            directory::make_section(node, ++versions_[node], before, s_.clock().now(), body, *key_of(node));
        if (!text) throw std::runtime_error(explain(text.error(), language::english));
        before = sha256(*text);
        const store::kept_section section{node, versions_[node], *text};
        ASSERT_TRUE(wait_for<std::monostate>([&](auto done) { s_->keep_section(section, std::move(done)); }));
    }
    void recall() {
        const trust::certificate_store authorities(pki_->node_ca(), std::filesystem::path());
        intake::recall_former_homes(*s_, authorities, s_.clock().now(), *pipeline_);
    }
    bool was_home(const std::string& code, std::string_view node) const {
        return pipeline_->was_home(*agency_code::parse(code), node);
    }

    std::map<std::string, std::optional<sha256_digest>> last_;
    std::map<std::string, std::uint64_t> versions_;
};

TEST_F(former_homes_test, every_version_counts_not_only_the_latest) {
    keep("laocai", {commune, "000.00.77.H38"});
    keep("laocai", {});
    keep("phuocdinh", {commune});
    EXPECT_FALSE(was_home(commune, "laocai"));
    recall();
    EXPECT_TRUE(was_home(commune, "laocai"));
    EXPECT_TRUE(was_home("000.00.77.H38", "laocai")) << "which is in no directory today";
    EXPECT_FALSE(was_home(commune, "phuocdinh")) << "it is the home today";
    EXPECT_FALSE(was_home(district, "laocai"));
}

TEST_F(former_homes_test, a_code_of_then_means_the_agency_of_today) {
    keep("laocai", {"H43.12"});
    recall();
    EXPECT_TRUE(was_home(department, "laocai"));
}

TEST_F(former_homes_test, what_its_old_home_accepted_is_taken_after_the_start) {
    auto leg = leg_to({department});
    leg.neighbour = "laocai";
    leg.header.hops = {"laocai"};
    leg.receipt = receipt_of(acceptance_of(leg), "laocai");
    ASSERT_EQ(refusal_code(leg), "origin_not_home");
    keep("laocai", {government});
    keep("laocai", {});
    recall();
    EXPECT_EQ(refusal(leg), "taken");
}

} // namespace
} // namespace truc
