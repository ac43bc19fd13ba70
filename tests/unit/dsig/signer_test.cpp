#include "signature_fixture.hpp"

#include <truc/dsig/signer.hpp>

namespace truc::dsig {
namespace {

class signer_test : public signature_fixture {
  protected:
    std::string trusted() const { return "--trusted-pem " + pki.agency_ca().string(); }
    test::identity ec = pki.agency("so-noi-vu");
};

TEST_F(signer_test, signs_so_that_our_verifier_and_xmlsec1_agree) {
    for (const auto* who : {&rsa, &ec}) {
        const auto text = sign(edxml(), *who->signing_key());
        ASSERT_TRUE(text) << text.error().what;
        EXPECT_TRUE(xmlsec1_verify(*text, trusted()));
        const auto view = verify(*text, signature_policy::required, now);
        ASSERT_TRUE(view) << view.error().what;
        EXPECT_EQ(view->signer(), who->digest);
        const auto changed = replaced(*text, "000.00.00.G22", "000.00.00.G23");
        EXPECT_FALSE(xmlsec1_verify(changed, trusted()));
        EXPECT_EQ(refusal(changed), "signature_invalid");
    }
}

TEST_F(signer_test, leaves_every_other_byte_as_it_was) {
    const auto original = edxml();
    const auto text = sign(original, *ec.signing_key()).value();
    const auto at = text.find("<Signature ");
    const auto end = text.find("</Signature>") + 12;
    EXPECT_EQ(text.substr(0, at) + text.substr(end), original);
    EXPECT_EQ(text.substr(end, 20), "</edXML:edXMLHeader>");
}

TEST_F(signer_test, finds_the_header_behind_misleading_bytes) {
    const std::string misleading =
        "<!-- </edXML:edXMLHeader> --><Note a=\"&lt;/edXML:edXMLHeader>\"><![CDATA[</edXML:edXMLHeader>]]>"
        "<edXML:edXMLHeader>not this one</edXML:edXMLHeader></Note>";
    for (const auto& original :
         {edxml(misleading), "\xEF\xBB\xBF" + edxml(misleading),
          replaced(edxml(misleading), "</edXML:edXMLHeader>\r\n", "</edXML:edXMLHeader \r\n>\r\n")}) {
        const auto text = sign(original, *ec.signing_key());
        ASSERT_TRUE(text) << text.error().what;
        EXPECT_EQ(judge(*text), "valid");
        EXPECT_TRUE(xmlsec1_verify(*text, trusted()));
    }
}

TEST_F(signer_test, takes_other_prefixes_and_none) {
    const std::string plain =
        R"(<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader>x</edXMLHeader>)"
        R"(</edXMLEnvelope></edXML>)";
    EXPECT_EQ(judge(sign(plain, *ec.signing_key()).value()), "valid");
}

TEST_F(signer_test, signs_a_large_attachment) {
    const auto original =
        edxml("", "<AttachmentEncoded>" + std::string(std::size_t{12} << 20, 'A') + "</AttachmentEncoded>");
    EXPECT_EQ(judge(sign(original, *ec.signing_key()).value()), "valid");
}

TEST_F(signer_test, refuses_a_document_that_is_signed_already) {
    const auto once = sign(edxml(), *ec.signing_key()).value();
    EXPECT_EQ(sign(once, *rsa.signing_key()).error().code, errc::signature_invalid);
    EXPECT_EQ(sign(edxml("<Signature/>"), *rsa.signing_key()).error().code, errc::signature_invalid);
    EXPECT_TRUE(sign(edxml("<edXML:DigitalSignature/>"), *rsa.signing_key()));
}

TEST_F(signer_test, refuses_what_is_not_an_edxml_document) {
    EXPECT_EQ(sign("<a/>", *ec.signing_key()).error().code, errc::schema);
    EXPECT_EQ(sign("<a>", *ec.signing_key()).error().code, errc::not_xml);
    EXPECT_EQ(sign("<!DOCTYPE a><a/>", *ec.signing_key()).error().code, errc::doctype_forbidden);
    const std::string empty_header =
        R"(<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader/>)"
        R"(</edXMLEnvelope></edXML>)";
    EXPECT_EQ(sign(empty_header, *ec.signing_key()).error().code, errc::schema);
}

} // namespace
} // namespace truc::dsig
