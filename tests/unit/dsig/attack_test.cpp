/// What attackers did to other people's verifiers: each test is a document that must not pass under any policy.
#include "signature_fixture.hpp"

#include <truc/base/durable.hpp>

#include <sys/inotify.h>

#include <unistd.h>

namespace truc::dsig {
namespace {

class attack_test : public signature_fixture {
  protected:
    std::string with(const signature_template& form) const { return signed_document(form); }
    /// The Signature element of a signed document, as text.
    static std::string signature_of(const std::string& text) {
        const auto from = text.find("<Signature "), to = text.find("</Signature>");
        return text.substr(from, to + 12 - from);
    }
    static std::string without_signature(const std::string& text) { return replaced(text, signature_of(text), ""); }
    /// Changes the text inside an element that occurs once in the signature.
    static std::string with_value(const std::string& text, const std::string& element, std::string_view value) {
        const auto from = text.find("<" + element + ">") + element.size() + 2, to = text.find("</" + element + ">");
        return text.substr(0, from) + std::string(value) + text.substr(to);
    }
    static std::string value(const std::string& text, const std::string& element) {
        const auto from = text.find("<" + element + ">") + element.size() + 2, to = text.find("</" + element + ">");
        return text.substr(from, to - from);
    }
};

TEST_F(attack_test, one_changed_byte) {
    const auto text = with({});
    EXPECT_EQ(judge(text), "valid");
    EXPECT_EQ(refusal(replaced(text, "000.00.00.G22", "000.00.00.G23")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "version=\"1.0\"/>", "version=\"1.1\"/>")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "0LTQvtC6", "0LTQvtC7")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "</AttachmentEncoded>", " </AttachmentEncoded>")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "</edXML:edXMLBody>", "<x/></edXML:edXMLBody>")), "signature_invalid");
}

TEST_F(attack_test, one_changed_byte_of_the_signature) {
    const auto text = with({});
    auto digest = value(text, "DigestValue");
    digest[3] = digest[3] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(with_value(text, "DigestValue", digest)), "signature_invalid");
    auto made = value(text, "SignatureValue");
    made[30] = made[30] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(with_value(text, "SignatureValue", made)), "signature_invalid");
}

TEST_F(attack_test, truncated_values) {
    const auto text = with({});
    for (const std::string element : {"DigestValue", "SignatureValue"}) {
        EXPECT_EQ(refusal(with_value(text, element, "")), "signature_invalid");
        EXPECT_EQ(refusal(with_value(text, element, "AAAA")), "signature_invalid");
        EXPECT_EQ(refusal(with_value(text, element, value(text, element).substr(0, 24))), "signature_invalid");
        EXPECT_EQ(refusal(with_value(text, element, value(text, element) + "AAAA")), "signature_invalid");
    }
}

TEST_F(attack_test, the_attackers_key_value) {
    signature_template form;
    form.key_info = "<KeyValue/>";
    const auto text = with(form);
    ASSERT_TRUE(xmlsec1_verify(text, "")) << "the program takes the enclosed key when it is given none";
    EXPECT_EQ(refusal(text), "signature_invalid");
}

TEST_F(attack_test, the_attackers_key_value_beside_an_honest_certificate) {
    const auto attacker = pki.agency("attacker", trust::key_kind::rsa_2048);
    signature_template form;
    form.key_info = "<KeyValue/>";
    const auto text = xmlsec1_sign(edxml(form.text()), attacker);
    const auto honest = "<X509Data><X509Certificate>" + to_base64(rsa.der) + "</X509Certificate></X509Data>";
    EXPECT_EQ(refusal(replaced(text, "</KeyInfo>", honest + "</KeyInfo>")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "<KeyInfo>", "<KeyInfo>" + honest)), "signature_invalid");
}

TEST_F(attack_test, an_honest_certificate_over_somebody_elses_signature) {
    const auto attacker = pki.agency("attacker", trust::key_kind::rsa_2048);
    const auto text = xmlsec1_sign(edxml(signature_template{}.text()), attacker);
    EXPECT_EQ(refusal(with_value(text, "X509Certificate", to_base64(rsa.der))), "signature_invalid");
}

TEST_F(attack_test, another_agencys_key_yields_that_agency_as_the_signer) {
    const auto other = pki.agency("so-noi-vu", trust::key_kind::rsa_2048);
    const auto view = verify(xmlsec1_sign(edxml(signature_template{}.text()), other), signature_policy::required, now);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->signer(), other.digest);
    EXPECT_NE(view->signer(), rsa.digest);
}

TEST_F(attack_test, the_second_certificate_never_is_the_signer) {
    const auto attacker = pki.agency("attacker", trust::key_kind::rsa_2048);
    const auto text = xmlsec1_sign(edxml(signature_template{}.text()), attacker);
    const auto honest_first = "<X509Data><X509Certificate>" + to_base64(rsa.der) + "</X509Certificate>";
    EXPECT_EQ(refusal(replaced(text, "<X509Data>", honest_first)), "signature_invalid");
}

TEST_F(attack_test, the_signed_copy_wrapped_into_an_object) {
    const auto text = with({});
    const auto original = without_signature(text);
    const auto root = original.substr(original.find("<edXML:edXML "));
    const auto signature = replaced(signature_of(text), "</Signature>", "<Object>" + root + "</Object></Signature>");
    EXPECT_EQ(refusal(edxml(signature)), "signature_invalid");
}

TEST_F(attack_test, the_signed_copy_wrapped_beside_what_is_read) {
    signature_template form;
    form.uri = "#signed";
    auto text = replaced(edxml(form.text()), "<edXML:edXML xmlns=", "<edXML:edXML Id=\"signed\" xmlns=");
    text = xmlsec1_sign(text, rsa, "--id-attr:Id http://www.mic.gov.vn/TBT/QCVN_102_2016:edXML");
    EXPECT_EQ(refusal(text), "signature_invalid") << "a reference by id is refused even where it is honest";
    const auto original = without_signature(text);
    const auto copy = original.substr(original.find("<edXML:edXML "));
    EXPECT_EQ(refusal(edxml(signature_of(text), copy)), "signature_invalid");
}

TEST_F(attack_test, two_signatures) {
    const auto text = with({});
    EXPECT_EQ(refusal(replaced(text, "</Signature>", "</Signature>" + signature_of(text))), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "</AttachmentEncoded>", "</AttachmentEncoded>" + signature_of(text))),
              "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "</AttachmentEncoded>", "</AttachmentEncoded><Signature/>")), "signature_invalid");
}

TEST_F(attack_test, a_signature_in_the_body) {
    const auto body = replaced(edxml(), "</edXML:edXMLBody>", signature_template{}.text() + "</edXML:edXMLBody>");
    EXPECT_EQ(refusal(xmlsec1_sign(body, rsa)), "signature_invalid");
    EXPECT_EQ(refusal(replaced(edxml(), "</edXML:edXMLBody>", "<Signature/></edXML:edXMLBody>")), "signature_invalid");
}

TEST_F(attack_test, a_signature_inside_an_empty_looking_digital_signature) {
    const auto text = xmlsec1_sign(
        edxml("<edXML:DigitalSignature>" + signature_template{}.text() + "</edXML:DigitalSignature>"), rsa);
    EXPECT_EQ(refusal(text), "signature_invalid");
}

TEST_F(attack_test, a_nested_document_with_its_own_signature) {
    const auto text = with({});
    const auto inner = text.substr(text.find("<edXML:edXML "));
    EXPECT_EQ(refusal(edxml("", inner)), "signature_invalid");
    EXPECT_EQ(refusal(edxml(inner)), "signature_invalid");
}

TEST_F(attack_test, a_reference_to_a_file_is_refused_without_opening_it) {
    const auto file = pki.dir() / "external.xml";
    ASSERT_TRUE(write_file(file, "<x/>"));
    signature_template form;
    form.uri = "external.xml";
    form.transforms = exclusive_transform;
    const auto text = with(form);
    EXPECT_EQ(refusal(replaced(text, "\"external.xml\"", "\"file://" + file.string() + "\"")), "signature_invalid");

    const int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    ASSERT_GE(inotify_add_watch(watch, file.c_str(), IN_OPEN), 0);
    EXPECT_EQ(refusal(replaced(text, "\"external.xml\"", "\"" + file.string() + "\"")), "signature_invalid");
    char event[512];
    EXPECT_LT(::read(watch, event, sizeof event), 0) << "the file was opened";
    ::close(watch);
}

TEST_F(attack_test, several_references) {
    const auto text = with({});
    const auto from = text.find("<Reference "), to = text.find("</Reference>") + 12;
    const auto reference = text.substr(from, to - from);
    EXPECT_EQ(refusal(replaced(text, "</Reference>", "</Reference>" + reference)), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, reference, "")), "signature_invalid");
}

TEST_F(attack_test, an_absent_uri_is_not_an_empty_one) {
    EXPECT_EQ(refusal(replaced(with({}), "<Reference URI=\"\">", "<Reference>")), "signature_invalid");
}

TEST_F(attack_test, xslt) {
    signature_template form;
    form.transforms =
        enveloped_transform +
        R"(<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0" )"
        R"(xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><nothing/></xsl:template>)"
        R"(</xsl:stylesheet></Transform>)";
    const auto text = with(form);
    ASSERT_TRUE(
        xmlsec1_verify(replaced(text, "000.00.00.G22", "000.00.00.G23"), "--trusted-pem " + pki.agency_ca().string()))
        << "the program is content with a transform that leaves the document out";
    EXPECT_EQ(refusal(text), "signature_invalid");
}

TEST_F(attack_test, xpath_that_leaves_the_document_out) {
    signature_template form;
    form.transforms =
        enveloped_transform +
        R"(<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>false()</XPath></Transform>)";
    EXPECT_EQ(refusal(with(form)), "signature_invalid");
}

TEST_F(attack_test, transforms_missing_swapped_or_many) {
    const std::string &enveloped = enveloped_transform, &c14n = exclusive_transform;
    const auto text = with({});
    const auto from = text.find("<Transforms>") + 12, to = text.find("</Transforms>");
    for (const auto& transforms :
         {std::string(), c14n, c14n + enveloped, enveloped + enveloped, enveloped + c14n + c14n}) {
        auto changed = text;
        EXPECT_EQ(refusal(changed.replace(from, to - from, transforms)), "signature_invalid") << transforms;
    }
}

TEST_F(attack_test, canonicalization_with_comments) {
    signature_template form;
    form.canonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
    EXPECT_EQ(refusal(with(form)), "signature_invalid");
    form = {};
    form.transforms = enveloped_transform +
                      R"(<Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"/>)";
    EXPECT_EQ(refusal(with(form)), "signature_invalid");
}

TEST_F(attack_test, prefix_lists) {
    signature_template form;
    form.transforms = enveloped_transform +
                      R"(<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><InclusiveNamespaces )"
                      R"(xmlns="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="edXML"/></Transform>)";
    EXPECT_EQ(refusal(with(form)), "signature_invalid");
}

TEST_F(attack_test, hmac_with_the_public_certificate_as_the_secret) {
    signature_template form;
    form.method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
    form.key_info = "<KeyName>key</KeyName>";
    auto text = xmlsec1_sign(edxml(form.text()), rsa, "--hmackey " + rsa.certificate.string());
    EXPECT_EQ(refusal(text), "signature_invalid");
    const auto certificate = "<X509Data><X509Certificate>" + to_base64(rsa.der) + "</X509Certificate></X509Data>";
    text = replaced(text, "<KeyName>key</KeyName>", certificate);
    EXPECT_EQ(refusal(text), "signature_invalid");
    text = replaced(text, "hmac-sha256\"/>", "hmac-sha256\"><HMACOutputLength>8</HMACOutputLength></SignatureMethod>");
    EXPECT_EQ(refusal(text), "signature_invalid");
}

TEST_F(attack_test, unknown_and_unsafe_methods) {
    for (const auto* method :
         {"http://www.w3.org/2001/04/xmldsig-more#rsa-ripemd160", "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
          "http://www.w3.org/2007/05/xmldsig-more#sha3-256", "", "rsa-sha256"})
        EXPECT_EQ(refusal(replaced(with({}), "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", method)),
                  "signature_invalid")
            << method;
}

TEST_F(attack_test, a_method_that_does_not_fit_the_key) {
    const auto text = with({});
    EXPECT_EQ(refusal(replaced(text, "xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512")), "signature_invalid");
}

TEST_F(attack_test, ecdsa_in_the_form_of_asn1) {
    signature_template form;
    form.method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    const auto text = xmlsec1_sign(edxml(form.text()), pki.agency("so-noi-vu"));
    ASSERT_EQ(judge(text), "valid");
    const auto raw = from_base64(value(text, "SignatureValue")).value();
    ASSERT_EQ(raw.size(), 64u);
    const auto integer = [](std::string_view half) {
        // A leading zero keeps any number positive.
        return std::string("\x02\x21\x00", 3) + std::string(half);
    };
    const auto pair = integer(std::string_view(raw).substr(0, 32)) + integer(std::string_view(raw).substr(32));
    const auto der = "\x30" + std::string(1, static_cast<char>(pair.size())) + pair;
    EXPECT_EQ(refusal(with_value(text, "SignatureValue", to_base64(der))), "signature_invalid");
    EXPECT_EQ(refusal(with_value(text, "SignatureValue", to_base64(std::string(64, '\0')))), "signature_invalid");
    EXPECT_EQ(refusal(with_value(text, "SignatureValue", to_base64(raw.substr(0, 32)))), "signature_invalid");
}

TEST_F(attack_test, comments_in_values) {
    const auto text = with({});
    for (const std::string element : {"DigestValue", "SignatureValue", "X509Certificate"}) {
        const auto honest = value(text, element);
        EXPECT_EQ(refusal(with_value(text, element, "<!-- -->" + honest)), "signature_invalid");
        EXPECT_EQ(refusal(with_value(text, element, honest.substr(0, 8) + "<!--AAAA-->" + honest.substr(8))),
                  "signature_invalid");
        EXPECT_EQ(refusal(with_value(text, element, "<![CDATA[" + honest + "]]>")), "signature_invalid");
    }
    EXPECT_EQ(refusal(replaced(text, "<SignedInfo>", "<SignedInfo><!-- -->")), "signature_invalid");
}

TEST_F(attack_test, several_signed_infos) {
    const auto text = with({});
    const auto from = text.find("<SignedInfo>"), to = text.find("</SignedInfo>") + 13;
    const auto info = text.substr(from, to - from);
    EXPECT_EQ(refusal(replaced(text, "</SignedInfo>", "</SignedInfo>" + info)), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "</KeyInfo>", "</KeyInfo>" + info)), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "</KeyInfo>", "</KeyInfo><Object>" + info + "</Object>")), "signature_invalid");
}

TEST_F(attack_test, manifests_objects_and_retrieval) {
    signature_template form;
    form.after = "<Object/>";
    EXPECT_EQ(refusal(with(form)), "signature_invalid");
    const auto text = with({});
    EXPECT_EQ(refusal(replaced(text, "<X509Data>", "<RetrievalMethod URI=\"#x\"/><X509Data>")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "<X509Data>", "<KeyName>x</KeyName><X509Data>")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "<Reference URI=\"\">",
                               "<Reference URI=\"\" Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\">")),
              "signature_invalid");
}

TEST_F(attack_test, foreign_elements_attributes_and_text_inside_the_signature) {
    const auto text = with({});
    EXPECT_EQ(refusal(replaced(text, "</KeyInfo>", "<x xmlns=\"urn:x\"/></KeyInfo>")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "<KeyInfo>", "<KeyInfo xml:space=\"preserve\">")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "<KeyInfo>", "x<KeyInfo>")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, "<SignatureValue>", "<SignatureValue x=\"y\">")), "signature_invalid");
}

TEST_F(attack_test, missing_parts) {
    const auto text = with({});
    const auto key_info = "<KeyInfo>" + value(text, "KeyInfo") + "</KeyInfo>";
    EXPECT_EQ(refusal(replaced(text, key_info, "")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, key_info, "<KeyInfo/>")), "signature_invalid");
    EXPECT_EQ(refusal(replaced(text, key_info, "<KeyInfo><X509Data/></KeyInfo>")), "signature_invalid");
    EXPECT_EQ(refusal(edxml("<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>")), "signature_invalid");
}

TEST_F(attack_test, duplicate_ids) {
    const auto twice = [](std::string_view one, std::string_view other) {
        auto text = replaced(edxml(signature_template{}.text()), "<edXML:edXMLBody>",
                             "<edXML:edXMLBody " + std::string(one) + "=\"a\">");
        return replaced(text, "<AttachmentEncoded>", "<AttachmentEncoded " + std::string(other) + "=\"a\">");
    };
    EXPECT_EQ(refusal(xmlsec1_sign(twice("Id", "Id"), rsa)), "signature_invalid");
    EXPECT_EQ(refusal(xmlsec1_sign(twice("ID", "id"), rsa)), "signature_invalid");
    EXPECT_EQ(refusal(xmlsec1_sign(twice("xml:id", "Id"), rsa)), "signature_invalid");
    EXPECT_EQ(judge(xmlsec1_sign(twice("Id", "Ref"), rsa)), "valid");
    EXPECT_EQ(judge(replaced(edxml(), "<edXML:edXMLBody>", "<edXML:edXMLBody id=\"a\" Id=\"a\">"),
                    signature_policy::if_present),
              "absent");
}

TEST_F(attack_test, huge_x509_data) {
    const auto text = with({});
    const auto certificate = "<X509Certificate>" + to_base64(rsa.der) + "</X509Certificate>";
    std::string many;
    for (int i = 0; i < 20; ++i) many += certificate;
    EXPECT_EQ(refusal(replaced(text, "</X509Data>", many + "</X509Data>")), "signature_invalid");
    EXPECT_EQ(refusal(with_value(text, "X509Certificate", std::string(std::size_t{1} << 20, 'A'))),
              "signature_invalid");
}

TEST_F(attack_test, comments_added_to_the_document_change_nothing_that_is_read) {
    const auto text = replaced(with({}), "000.00.00.G22", "000.00<!-- x -->.00.G22");
    const auto view = verify(text, signature_policy::required, now);
    ASSERT_TRUE(view) << "canonical form leaves comments out, so they cannot be covered";
    EXPECT_NE(xml::text_of(view->root()).find("000.00.00.G22"), std::string::npos);
}

TEST_F(attack_test, a_relative_namespace_cannot_void_the_canonical_form) {
    // Inclusive canonicalization breaks off at such a name; a verifier that took the result would digest nothing.
    const auto text = replaced(with({}), "<AttachmentEncoded>", "<AttachmentEncoded xmlns:r=\"relative\" r:a=\"1\">");
    EXPECT_EQ(refusal(text), "not_xml");
}

} // namespace
} // namespace truc::dsig
