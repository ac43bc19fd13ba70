// A node in transit reads a document by the same reader as the recipient's home node, but without holding it.
#include "edxml_builder.hpp"
#include "pack_support.hpp"

#include <gtest/gtest.h>

#include <malloc.h>

namespace truc::pack {
namespace {

using test::with;

constexpr std::size_t longest = std::size_t{256} << 10; ///< of a text that is read

std::string said(const result<message>& m) {
    if (!m) return fmt::format("{}: {}", describe(m.error().code).name, m.error().what);
    std::string to;
    for (const auto& o : m->to) to += o.id.str() + " ";
    std::string names;
    for (const auto& a : m->attachments) names += a.content_id + "=" + a.name + " ";
    return fmt::format("{}|{}|{}|{}|{}/{}|{}|{}|{}|{}|{}|{}", to_string(m->kind), m->from->id.str(), to, m->document_id,
                       m->code_number, m->code_notation, m->promulgation_date, m->subject, m->status_code,
                       to_string(m->priority), static_cast<int>(m->business), names);
}

void expect_same(std::string_view bytes) {
    EXPECT_EQ(said(read_in_transit(bytes)), said(test::read(bytes))) << bytes.substr(0, 2000);
}

TEST(transit_reading, sees_what_the_home_node_sees) {
    for (const auto& file : std::filesystem::directory_iterator(TRUC_SOURCE_DIR "/tests/data/edxml"))
        if (file.is_regular_file()) expect_same(test::sample(file.path().filename().string()));
    expect_same(build(test::edxml_document()));
    expect_same(build(test::edxml_status()));
    EXPECT_TRUE(read_in_transit(build(test::edxml_status())));
}

TEST(transit_reading, no_layout_of_text_makes_a_difference) {
    const auto plain = build(test::edxml_document());
    const std::string_view code = "<edXML:OrganId>000.00.12.H43</edXML:OrganId>";
    const std::string spaces(longest, ' ');
    const std::string x(longest, 'x');
    const std::string layouts[] = {"<![CDATA[000.00.12]]>.H43",
                                   "000.00<!-- .99 -->.12.H43",
                                   "000.00<b xmlns='urn:x'>.12</b>.H43",
                                   "000.00.12.H43<!--" + x + "-->",
                                   spaces + "000.00.12.H43",
                                   "000.00.12.H43" + spaces + ".evil",
                                   "000.00.12.H43<![CDATA[" + spaces + "]]>.evil",
                                   "000<b xmlns='urn:x'>" + spaces + "</b>.00.12.H43",
                                   "000.00.12.H43<!-- -->" + spaces.substr(0, longest / 2) + "<!-- -->" + spaces,
                                   "&#48;00.00.12.H43"};
    for (const auto& written : layouts)
        expect_same(with(plain, code, "<edXML:OrganId>" + written + "</edXML:OrganId>"));
    EXPECT_EQ(said(read_in_transit(with(plain, code, "<edXML:OrganId>000.00.12.H43" + spaces + "</edXML:OrganId>"))),
              "schema: more than 256 KiB of text");
    const std::string_view room = "000.00.12.H43";
    EXPECT_TRUE(read_in_transit(
        with(plain, code, "<edXML:OrganId>000.00.12.H43" + spaces.substr(room.size()) + "</edXML:OrganId>")));
}

TEST(transit_reading, one_element_twice_is_refused_wherever_the_second_stands) {
    const auto plain = build(test::edxml_document());
    const auto envelope = plain.substr(plain.find("<edXML:edXMLEnvelope"));
    const auto second = envelope.substr(0, envelope.find("</edXML>"));
    const auto doubled = with(plain, "</edXML>", second + "</edXML>");
    expect_same(doubled);
    EXPECT_EQ(said(read_in_transit(doubled)), "schema: edXMLEnvelope occurs more than once");
    EXPECT_EQ(said(read_in_transit(with(plain, "</edXML>", "<open></edXML>"))).substr(0, 7), "not_xml");
    EXPECT_EQ(said(read_in_transit("<!DOCTYPE edXML>" + plain.substr(plain.find("<edXML")))),
              "doctype_forbidden: DOCTYPE");
}

TEST(transit_reading, holds_no_attachment) {
    const auto bytes = test::build_of_size(test::edxml_document(), 20 << 20);
    const auto before = mallinfo2();
    const auto doc = xml::abridged_document::parse(bytes, longest);
    ASSERT_TRUE(doc);
    const auto after = mallinfo2();
    EXPECT_LT(after.uordblks + after.hblkhd, before.uordblks + before.hblkhd + (2 << 20));
    expect_same(bytes);
    EXPECT_EQ(read_in_transit(bytes)->attachments.size(), 1u);
}

} // namespace
} // namespace truc::pack
