#include "hostile_documents.hpp"
#include "temporary_directory.hpp"

#include <truc/xml/document.hpp>
#include <truc/xml/schema.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace truc::xml {
namespace {

constexpr std::string_view letter_schema = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:letter"
    targetNamespace="urn:letter" elementFormDefault="qualified" xmlns:s="urn:stamp">
  <xs:import namespace="urn:stamp" schemaLocation="stamp.xsd"/>
  <xs:element name="letter"><xs:complexType><xs:all>
    <xs:element name="to" type="xs:string"/>
    <xs:element ref="s:stamp" minOccurs="0"/>
  </xs:all></xs:complexType></xs:element>
</xs:schema>)";
constexpr std::string_view stamp_schema = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    targetNamespace="urn:stamp" elementFormDefault="qualified"><xs:element name="stamp" type="xs:integer"/></xs:schema>)";

class schema_registry_test : public testing::Test {
  protected:
    void write(std::string_view name, std::string_view content) const {
        std::ofstream(directory_.path() / name) << content;
    }
    schema_registry_test() {
        write("letter.xsd", letter_schema);
        write("stamp.xsd", stamp_schema);
    }
    test::temporary_directory directory_;
};

TEST_F(schema_registry_test, accepts_what_follows_the_schema) {
    const schema_registry registry(directory_.path());
    EXPECT_TRUE(registry.validate("<letter xmlns='urn:letter'><to>x</to></letter>"));
    EXPECT_TRUE(registry.validate(
        "\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?>"
        "<l:letter xmlns:l='urn:letter'><s:stamp xmlns:s='urn:stamp'>7</s:stamp><l:to>Đ</l:to></l:letter>"));
}

TEST_F(schema_registry_test, tells_where_a_fault_is_and_what) {
    const schema_registry registry(directory_.path());
    const auto answer = registry.validate(
        "<letter xmlns='urn:letter'>\n<to>x</to>\n  <stamp xmlns='urn:stamp'>many</stamp>\n</letter>");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::schema);
    EXPECT_EQ(answer.error().where->line, 3u);
    EXPECT_GT(answer.error().where->column, 1u);
    EXPECT_EQ(answer.error().where->path, "letter/stamp");
    EXPECT_NE(answer.error().what.find("many"), std::string::npos) << answer.error().what;
}

TEST_F(schema_registry_test, judges_a_very_long_text_as_if_it_saw_all_of_it) {
    const schema_registry registry(directory_.path());
    const auto letter = [](const std::string& before, const std::string& to, const std::string& after) {
        return "<letter xmlns='urn:letter'>" + before + "<to>" + to + "</to>" + after + "</letter>";
    };
    std::string lines;
    for (int i = 0; i < 20'000; ++i) lines += std::string(76, 'A') + "\r\n";
    const std::string run(5 << 20, 'b');
    const std::string space(1 << 20, ' ');
    for (const auto& text : {run, lines, "<![CDATA[" + run + "<x>]]>", run + "&#10;" + run, "\n" + space + run})
        EXPECT_TRUE(registry.validate(letter("", text, ""))) << text.substr(0, 20);
    EXPECT_TRUE(registry.validate(letter("<!--" + run + "-->", "x", "<!--" + run + "<to>-->")));
    EXPECT_TRUE(registry.validate(letter(space, "x", space)));

    EXPECT_EQ(registry.validate(letter("", "x", run)).error().code, errc::schema) << "no text may stand there";
    EXPECT_EQ(registry.validate(letter(space + "b" + space, "x", "")).error().code, errc::schema);
    EXPECT_EQ(registry.validate(letter("", run + "<b/>" + run, "")).error().code, errc::schema);
    EXPECT_EQ(registry.validate(letter("", run + "]]>", "")).error().code, errc::not_xml);
    EXPECT_EQ(registry.validate(letter("", run + "&x;", "")).error().code, errc::not_xml);
    EXPECT_EQ(registry.validate(letter("", "x", "<stamp xmlns='urn:stamp'>7" + run + "</stamp>")).error().code,
              errc::schema);
    const auto after_many_lines = registry.validate(letter("", lines, "<more/>"));
    ASSERT_FALSE(after_many_lines);
    EXPECT_EQ(after_many_lines.error().where->line, 20'001u);
}

TEST_F(schema_registry_test, names_an_element_that_is_not_known_or_missing) {
    const schema_registry registry(directory_.path());
    const auto unknown = registry.validate("<letter xmlns='urn:letter'><to/><from/></letter>");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, errc::schema);
    EXPECT_NE(unknown.error().what.find("from"), std::string::npos) << unknown.error().what;
    const auto missing = registry.validate("<letter xmlns='urn:letter'></letter>");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, errc::schema);
    EXPECT_EQ(missing.error().where->path, "letter");
}

TEST_F(schema_registry_test, a_root_of_no_schema_is_an_unknown_layout) {
    const schema_registry registry(directory_.path());
    for (const auto* bytes :
         {"<letter/>", "<letter xmlns='urn:other'/>", "<parcel xmlns='urn:letter'><to/></parcel>"}) {
        const auto answer = registry.validate(bytes);
        ASSERT_FALSE(answer) << bytes;
        EXPECT_EQ(answer.error().code, errc::layout_unknown) << bytes;
    }
    const auto attribute = registry.validate("<letter xmlns='urn:letter' a='b'><to/></letter>");
    ASSERT_FALSE(attribute);
    EXPECT_EQ(attribute.error().code, errc::schema);
}

TEST_F(schema_registry_test, a_document_cannot_bring_its_own_schema) {
    write("evil.xml", "");
    const schema_registry registry(directory_.path());
    const std::string hint = "file://" + (directory_.path() / "stamp.xsd").string();
    const auto answer = registry.validate("<x xmlns='urn:own' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
                                          "xsi:schemaLocation='urn:own " +
                                          hint + "'/>");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::layout_unknown);
}

TEST_F(schema_registry_test, refuses_a_doctype_without_reading_on) {
    const schema_registry registry(directory_.path());
    for (const auto& bytes : {test::entity_bomb(), std::string("<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>"),
                              std::string("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>")})
        EXPECT_FALSE(registry.validate(bytes)) << bytes;
}

TEST_F(schema_registry_test, is_usable_after_any_refusal) {
    const schema_registry registry(directory_.path());
    for (const auto& hostile : test::hostile_documents()) {
        if (hostile.bytes.size() > 100'000) continue; // too deep for xerces-c: first_pass keeps it away
        EXPECT_FALSE(registry.validate(hostile.bytes)) << hostile.name;
        ASSERT_TRUE(registry.validate("<letter xmlns='urn:letter'><to>x</to></letter>")) << hostile.name;
    }
}

TEST_F(schema_registry_test, serves_several_threads_and_outlives_nothing) {
    auto registry = std::make_unique<schema_registry>(directory_.path());
    const schema_registry other(directory_.path());
    const auto work = [&] {
        for (int i = 0; i < 200; ++i) {
            EXPECT_TRUE(registry->validate("<letter xmlns='urn:letter'><to>x</to></letter>"));
            EXPECT_FALSE(registry->validate("<letter xmlns='urn:letter'/>"));
            EXPECT_TRUE(other.validate("<letter xmlns='urn:letter'><to>x</to></letter>"));
        }
    };
    {
        const std::jthread a(work), b(work);
        work();
    }
    registry.reset();
    EXPECT_TRUE(other.validate("<letter xmlns='urn:letter'><to>x</to></letter>")); // this thread drops the other reader
}

TEST_F(schema_registry_test, a_bad_schema_fails_the_start_and_says_where) {
    write("wrong.xsd",
          "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>\n<xs:element name='a' type='b'/></xs:schema>");
    try {
        const schema_registry registry(directory_.path());
        FAIL() << "was accepted";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string_view(e.what()).find("wrong.xsd:2"), std::string_view::npos) << e.what();
    }
}

TEST_F(schema_registry_test, imports_come_from_the_same_directory_only) {
    write("far.xsd", "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:import namespace='urn:x' "
                     "schemaLocation='http://127.0.0.1:1/x.xsd'/></xs:schema>");
    EXPECT_THROW(schema_registry{directory_.path()}, std::runtime_error);
}

TEST(schema_registry, an_empty_or_missing_directory_fails_the_start) {
    const test::temporary_directory empty;
    EXPECT_THROW(schema_registry{empty.path()}, std::runtime_error);
    EXPECT_THROW(schema_registry{empty.path() / "none"}, std::runtime_error);
}

} // namespace
} // namespace truc::xml
