#include "hostile_documents.hpp"

#include <truc/xml/document.hpp>

#include <gtest/gtest.h>

namespace truc::xml {
namespace {

document parsed(std::string_view bytes) {
    initialise();
    auto doc = document::parse(bytes);
    if (!doc) throw std::runtime_error(doc.error().what);
    return *std::move(doc);
}

TEST(document, refuses_a_doctype_by_itself_and_quickly) {
    initialise();
    for (const auto& bytes : {std::string("<!DOCTYPE a><a/>"), test::entity_bomb(),
                              std::string("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><a>&x;</a>")}) {
        const auto doc = document::parse(bytes);
        ASSERT_FALSE(doc);
        EXPECT_EQ(doc.error().code, errc::doctype_forbidden);
    }
}

TEST(document, says_what_is_wrong_and_where) {
    initialise();
    const auto doc = document::parse("<a>\n<b>\n</c>\n</a>");
    ASSERT_FALSE(doc);
    EXPECT_EQ(doc.error().code, errc::not_xml);
    EXPECT_NE(doc.error().what.find("mismatch"), std::string::npos) << doc.error().what;
    EXPECT_EQ(doc.error().where->line, 3u);
    EXPECT_GT(doc.error().where->column, 0u);
}

TEST(document, builds_one_text_node_of_many_megabytes_with_any_line_ends) {
    initialise();
    std::string base64;
    while (base64.size() < (std::size_t{11} << 20))
        base64 += "VGhlIGJ5dGVzIGFyZSBzYWNyZWQuVGhlIGJ5dGVzIGFyZSBzYWNyZWQu\r\n";
    const auto doc = parsed("<a>" + base64 + "</a>");
    const auto text = single_text(doc.root());
    ASSERT_TRUE(text);
    EXPECT_EQ(text->size(), base64.size() - base64.size() / 58);
}

TEST(document, finds_elements_by_namespace_and_local_name) {
    const auto doc = parsed(
        "<r xmlns='urn:a' xmlns:p='urn:a' xmlns:q='urn:b'><q:x>1</q:x><p:x>2</p:x><x>3</x><x xmlns=''>4</x></r>");
    const auto* first = first_child(doc.root(), "urn:a", "x");
    EXPECT_EQ(text_of(first), "2");
    const auto* second = next_sibling(first, "urn:a", "x");
    EXPECT_EQ(text_of(second), "3");
    EXPECT_EQ(next_sibling(second, "urn:a", "x"), nullptr);
    EXPECT_EQ(text_of(first_child(doc.root(), "", "x")), "4");
    EXPECT_EQ(first_child(doc.root(), "urn:c", "x"), nullptr);
    EXPECT_EQ(first_child(nullptr, "urn:a", "x"), nullptr);
    EXPECT_FALSE(is_element(doc.root()->children->children, "urn:b", "x")); // a text node
}

TEST(document, puts_text_together_around_comments_and_cdata) {
    const auto doc = parsed("<a> \r\n agency<!-- .evil -->.exa&amp;<![CDATA[m]]><b>ple</b>\t </a>");
    EXPECT_EQ(text_of(doc.root()), "agency.exa&mple");
    EXPECT_FALSE(single_text(doc.root()));
    EXPECT_EQ(text_of(nullptr), "");
}

TEST(document, canonical_form_of_an_element_stands_for_itself) {
    const auto doc =
        parsed("<r xmlns:u='urn:unused' xmlns:e='urn:e'><!-- c --><e:x b='2' a=\"1\"><!-- d --><e:y/>&#65;</e:x></r>");
    const auto* x = first_child(doc.root(), "urn:e", "x");
    const auto text = canonical(x);
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, "<e:x xmlns:e=\"urn:e\" a=\"1\" b=\"2\"><e:y></e:y>A</e:x>");
    EXPECT_EQ(*canonical(parsed(*text).root()), *text);
}

TEST(document, canonical_form_of_the_root_leaves_comments_beside_it_out) {
    EXPECT_EQ(*canonical(parsed("<!-- x --><r  a = 'b' /><!-- y -->").root()), "<r a=\"b\"></r>");
}

TEST(document, tells_the_place_of_a_node) {
    std::string lines(70'000, '\n');
    const auto doc = parsed("<p:r xmlns:p='urn:p'>" + lines + "<a><b>x</b></a></p:r>");
    const auto* b = first_child(first_child(doc.root(), "", "a"), "", "b");
    EXPECT_EQ(path_of(b), "r/a/b");
    EXPECT_EQ(path_of(nullptr), "");
    EXPECT_EQ(location_of(doc.root()).line, 1u);
    EXPECT_EQ(location_of(b).line, 70'001u);
    EXPECT_EQ(location_of(b).path, "r/a/b");
}

} // namespace
} // namespace truc::xml
