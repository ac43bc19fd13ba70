#include "soap_office.hpp"

#include <truc/xml/elements.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tdoffice/soap_envelope.hpp>
#include <tdoffice/soap_text.hpp>

namespace truc::tdoffice {
namespace {

using testing::HasSubstr;

constexpr auto name_space = "http://schemas.microsoft.com/sharepoint/soap/";

/// What a service reads in the parameter.
std::string read_back(const std::string& value) {
    const auto text = to_utf8(write_soap(name_space, "M", {{"p", value}}), "text/xml; charset=utf-8");
    const auto doc = xml::document::parse(*text);
    if (!doc) return "not XML";
    const auto* call = xml::first_element(xml::first_element(doc->root()));
    const auto* parameter = xml::first_child(call, name_space, "p");
    return xml::plain_text(parameter).value_or("markup");
}

TEST(soap_request, carries_any_text) {
    for (const std::string value : {"", "V/v <b>\"A\" & B</b> ]]>", "hai\ndòng\r\nkết thúc\r", "ệ𝄞", "aGVsbG8="})
        EXPECT_EQ(read_back(value), value);
}

TEST(soap_request, replaces_what_xml_cannot_carry) {
    EXPECT_EQ(read_back(std::string("a\0b\x1F", 4)), "a\uFFFDb\uFFFD");
    EXPECT_EQ(read_back("a\xFF\xEF\xBF\xBEz"), "a\uFFFD\uFFFDz");
}

result<soap_answer> answer(const std::string& xml) { return read_soap(*to_utf8(xml, ""), name_space, "M"); }

TEST(soap_answers, are_the_text_of_the_result) {
    EXPECT_EQ(answer(soap_text("M", "{\"a\":\"&lt;&amp;\"}"))->text, "{\"a\":\"<&\"}");
    EXPECT_EQ(answer(soap_text("M", "<![CDATA[{\"a\":1}]]>"))->text, "{\"a\":1}");
    EXPECT_EQ(answer(soap_text("M", ""))->text, "");
}

TEST(soap_answers, tell_a_fault) {
    const auto fault = answer(R"(<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
        <soap:Fault><faultcode>soap:Server</faultcode><faultstring>Object reference</faultstring></soap:Fault>
        </soap:Body></soap:Envelope>)");
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->fault, "Object reference");
}

TEST(soap_answers, that_are_none_are_refused) {
    std::string deep(200, ' ');
    for (int i = 0; i < 40; ++i) deep = "<a>" + deep + "</a>";
    for (const auto& text :
         {std::string("{}"), std::string(), soap_text("N", "{}"), soap_text("M", "<b/>"), deep,
          std::string("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), std::string("<html><body/></html>")})
        EXPECT_FALSE(answer(text)) << text;
}

} // namespace
} // namespace truc::tdoffice
