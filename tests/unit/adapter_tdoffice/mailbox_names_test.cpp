#include "tdoffice/mailbox_key.hpp"
#include "tdoffice/mailbox_names.hpp"
#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>

#include <gtest/gtest.h>

namespace truc::tdoffice {

namespace {

/// The names after reading `text` as [database]; the fault, if there is one, in `fault`.
mailbox_names read(const std::string& text, std::string& fault) {
    const test::temporary_directory dir;
    const auto file = dir.path() / "a.toml";
    EXPECT_TRUE(write_file(file, text));
    auto s = settings::load(file, "docs");
    mailbox_names names;
    names.read(*s);
    const auto finished = s->finish();
    fault = finished ? "" : finished.error().what;
    return names;
}

TEST(mailbox_names, names_are_quoted_and_schemas_kept_apart) {
    std::string fault;
    const auto names = read("[outbox]\ntable = \"dbo.Văn bản đi\"\nsubject = \"trich_yeu\"\n", fault);
    EXPECT_EQ(fault, "");
    EXPECT_EQ(names.sql("SELECT {outbox.subject}, {outbox.id} FROM {outbox} WHERE x = ?", '"'),
              "SELECT \"trich_yeu\", \"id\" FROM \"dbo\".\"Văn bản đi\" WHERE x = ?");
    EXPECT_EQ(names.sql("{inbox}", '`'), "`incoming_documents`");
    EXPECT_EQ(names.sql("{inbox}", ' '), "incoming_documents");
}

TEST(mailbox_names, an_optional_column_may_be_missing_a_needed_one_not) {
    std::string fault;
    const auto names = read("[outbox]\nplace = \"\"\n", fault);
    EXPECT_EQ(fault, "");
    EXPECT_FALSE(names.has("outbox.place"));
    EXPECT_EQ(names.sql("{outbox.place}", '"'), "NULL");
    read("[outbox]\nsubject = \"\"\n", fault);
    EXPECT_NE(fault.find("a.toml:2: outbox.subject: expected the name of a column"), std::string::npos) << fault;
}

TEST(mailbox_names, sql_in_a_name_is_refused) {
    for (const auto* bad : {"a\"b", "a;b", "a'b", "a--b(", "a]b", "a`b", "", ".a", "a.", "a..b", "a\nb"})
        EXPECT_FALSE(is_sql_name(bad)) << bad;
    EXPECT_FALSE(is_sql_name(std::string(129, 'a')));
    EXPECT_FALSE(is_sql_name("\xff"));
    std::string fault;
    read("[receivers]\ntable = \"x; DROP TABLE y\"\n", fault);
    EXPECT_NE(fault.find("receivers.table"), std::string::npos) << fault;
}

TEST(mailbox_names, states_are_whole_numbers) {
    std::string fault;
    const auto names = read("[states]\nsent = \"-7\"\n", fault);
    EXPECT_EQ(names.state("sent"), "-7");
    read("[states]\nsent = \"1 OR 1=1\"\n", fault);
    EXPECT_NE(fault.find("states.sent"), std::string::npos) << fault;
}

TEST(mailbox_names, content_needs_a_column) {
    std::string fault;
    read("[attachments]\ncontent = \"\"\npath = \"\"\n", fault);
    EXPECT_NE(fault.find("attachments"), std::string::npos) << fault;
}

TEST(mailbox_key, every_kind_is_told_from_its_text) {
    const auto recall = mailbox_key::parse(recall_key("17", "2"));
    ASSERT_TRUE(recall);
    EXPECT_EQ(recall->of, mailbox_key::kind::recall);
    EXPECT_EQ(recall->id, "17");
    EXPECT_EQ(recall->detail, "2");
    EXPECT_EQ(mailbox_key::parse(document_key("a:b"))->id, "a:b");
    EXPECT_EQ(mailbox_key::parse(answer_key("5", "d-1"))->detail, "d-1");
    for (const auto* bad : {"", "document:", "other:1", "recall:17", "recall::1"})
        EXPECT_FALSE(mailbox_key::parse(bad)) << bad;
}

} // namespace

} // namespace truc::tdoffice
