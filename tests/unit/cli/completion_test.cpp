#include "commands.hpp"
#include "completion.hpp"

#include <truc/base/durable.hpp>

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace truc::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

[[maybe_unused]] const bool speaks_english = setenv("LC_ALL", "C", 1) == 0;

class completion : public testing::Test {
  protected:
    completion() {
        declare(app_, program_);
        const auto written = write_file(file_, R"({"nodes": [{"name": "vpcp"}, {"name": "ninhthuan"}],
                       "agencies": [{"code": "000.00.12.H43", "name": "Sở A"}, {"code": "000.00.00.G22", "name": "B"}],
                       "clients": [{"id": "so-tttt"}], "adapters": [{"name": "td-folder"}]})");
        EXPECT_TRUE(written);
    }
    ~completion() override { std::filesystem::remove(file_); }

    std::vector<std::string> after(const std::vector<std::string>& words) const {
        std::vector<std::string> texts;
        for (const auto& c : candidates_for(app_, words, file_)) texts.push_back(c.text);
        return texts;
    }

    CLI::App app_;
    program program_;
    std::filesystem::path file_ =
        std::filesystem::temp_directory_path() / ("truc-completion-" + std::to_string(getpid()) + ".json");
};

TEST_F(completion, verbs_come_first_and_hidden_ones_never) {
    const auto all = after({""});
    EXPECT_THAT(all, Contains("trace"));
    EXPECT_THAT(all, Contains("hold"));
    EXPECT_THAT(all, Not(Contains("complete")));
    EXPECT_THAT(after({"tra"}), ElementsAre("trace"));
    EXPECT_THAT(after({"agency", "cl"}), ElementsAre("close"));
}

TEST_F(completion, options_of_the_verb_and_of_every_verb_follow_but_not_twice) {
    EXPECT_THAT(after({"queue", "--hel"}), UnorderedElementsAre("--held", "--help"));
    EXPECT_THAT(after({"queue", "--js"}), ElementsAre("--json"));
    EXPECT_THAT(after({"--json", "queue", "--js"}), IsEmpty());
    EXPECT_THAT(after({"trace", "--held"}), IsEmpty());
}

TEST_F(completion, a_value_is_what_its_option_takes) {
    EXPECT_THAT(after({"--at", ""}), ElementsAre("vpcp", "ninhthuan"));
    EXPECT_THAT(after({"hold", "--to", "n"}), ElementsAre("ninhthuan"));
    EXPECT_THAT(after({"--as", "000.00.1"}), ElementsAre("000.00.12.H43"));
    EXPECT_THAT(after({"queue", "--recipient", ""}), SizeIs(2));
    EXPECT_THAT(after({"queue", "--state", "re"}), ElementsAre("relayed", "rejected", "recalled"));
    EXPECT_THAT(after({"mode", ""}), ElementsAre("read-only", "normal"));
    EXPECT_THAT(after({"completion", "z"}), ElementsAre("zsh"));
}

TEST_F(completion, a_positional_is_what_its_verb_takes) {
    EXPECT_THAT(after({"node", "ping", ""}), ElementsAre("vpcp", "ninhthuan"));
    EXPECT_THAT(after({"agency", "show", ""}), SizeIs(2));
    EXPECT_THAT(after({"client", "show", ""}), ElementsAre("so-tttt"));
    EXPECT_THAT(after({"adapter", "status", ""}), ElementsAre("td-folder"));
    EXPECT_THAT(after({"adapter", "status", "td-folder", ""}), IsEmpty());
    EXPECT_THAT(after({"trace", ""}), IsEmpty());
}

TEST_F(completion, files_and_directories_are_left_to_the_shell) {
    EXPECT_THAT(after({"send", ""}), ElementsAre(files_wanted));
    EXPECT_THAT(after({"send", "one.edxml", "t"}), ElementsAre(files_wanted));
    EXPECT_THAT(after({"--network", "x"}), ElementsAre(files_wanted));
    EXPECT_THAT(after({"backup", ""}), ElementsAre(directories_wanted));
}

TEST_F(completion, the_network_file_on_the_line_counts) {
    EXPECT_THAT(after({"--network", "/no/such/file", "--at", ""}), IsEmpty());
    EXPECT_THAT(after({"--network=/no/such/file", "--at", ""}), IsEmpty());
}

TEST_F(completion, descriptions_are_told_beside) {
    EXPECT_THAT(candidates_for(app_, {"--as", "000.00.12"}, file_), ElementsAre(candidate{"000.00.12.H43", "Sở A"}));
}

} // namespace
} // namespace truc::cli
