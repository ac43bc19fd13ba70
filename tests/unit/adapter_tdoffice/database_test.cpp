#include "tdoffice/database.hpp"
#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::tdoffice {

namespace {

using testing::HasSubstr;

/// What is wrong with a [database] of these lines; the file of the connection string has this mode.
std::string fault_of(const std::string& lines, unsigned mode = 0600) {
    const test::temporary_directory dir;
    EXPECT_TRUE(write_file(dir.path() / "odbc", "Driver=None;Password=geheim", mode));
    EXPECT_TRUE(write_file(dir.path() / "a.toml", "[database]\n" + lines));
    auto file = settings::load(dir.path() / "a.toml", "docs");
    metrics_registry metrics;
    const adapter::adapter_context context{"a", {}, {}, system_clock(), metrics, {}};
    const auto made = make_database(file->table("database"), context);
    EXPECT_TRUE(made.outbox && made.inbox);
    const auto finished = file->finish();
    return finished ? "" : finished.error().what;
}

const std::string connection = "connection_string_file = \"odbc\"\n";

TEST(database_configuration, a_file_with_the_connection_is_enough_and_nobody_is_contacted) {
    EXPECT_EQ(fault_of(connection), "");
    EXPECT_THAT(fault_of(""), HasSubstr("database.connection_string_file is missing"));
}

TEST(database_configuration, the_secret_is_for_the_owner_alone_and_never_told) {
    const auto fault = fault_of(connection, 0644);
    EXPECT_THAT(fault, HasSubstr("mode 600"));
    EXPECT_THAT(fault, testing::Not(HasSubstr("geheim")));
}

TEST(database_configuration, what_does_not_fit_together_is_named) {
    EXPECT_THAT(fault_of(connection + "incoming_as_files = true\n"), HasSubstr("database.incoming_as_files"));
    EXPECT_THAT(fault_of(connection + "[database.attachments]\ncontent = \"\"\n"),
                HasSubstr("database.incoming_as_files: expected true"));
    EXPECT_THAT(fault_of(connection + "poll_milliseconds = 1\n"), HasSubstr("database.poll_milliseconds"));
    EXPECT_THAT(fault_of(connection + "[database.vocabulary]\nstatuses_out = { \"9\" = \"99\" }\n"),
                HasSubstr("database.vocabulary.statuses_out"));
    EXPECT_THAT(fault_of(connection + "[database.outbox]\nsubjekt = \"x\"\n"), HasSubstr("database.outbox.subjekt"));
}

} // namespace

} // namespace truc::tdoffice
