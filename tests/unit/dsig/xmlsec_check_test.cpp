/// The second line of defence: what read_form() would refuse is given to xmlsec as it is set up here, which refuses it
/// too.
#include "../../../src/dsig/signature_scan.hpp"
#include "../../../src/dsig/xmlsec_check.hpp"
#include "signature_fixture.hpp"

#include <truc/base/durable.hpp>

namespace truc::dsig {
namespace {

class xmlsec_check_test : public signature_fixture {
  protected:
    xmlsec_check_test() { initialise(); }
    bool holds(const std::string& text, std::string_view reference = "") const {
        const auto doc = xml::document::parse(text);
        const auto key = agencies->check(rsa.der, now).value();
        const auto all = find_signatures(*doc, 1);
        return !all.empty() && compute(all[0], key->key.get(), {doc->root(), reference, true}).has_value();
    }
};

TEST_F(xmlsec_check_test, computes_an_honest_signature) {
    EXPECT_TRUE(holds(signed_document()));
    EXPECT_FALSE(holds(replaced(signed_document(), "000.00.00.G22", "000.00.00.G23")));
}

TEST_F(xmlsec_check_test, takes_no_key_but_the_one_given) {
    const auto attacker = pki.agency("attacker", trust::key_kind::rsa_2048);
    for (const auto* key_info : {"<KeyValue/>", certificate_only}) {
        signature_template form;
        form.key_info = key_info;
        EXPECT_FALSE(holds(xmlsec1_sign(edxml(form.text()), attacker))) << key_info;
    }
}

TEST_F(xmlsec_check_test, opens_no_file) {
    ASSERT_TRUE(write_file(pki.dir() / "external.xml", "<x/>"));
    signature_template form;
    form.uri = "external.xml";
    form.transforms = exclusive_transform;
    const auto text =
        replaced(signed_document(form), "\"external.xml\"", "\"" + (pki.dir() / "external.xml").string() + "\"");
    EXPECT_FALSE(holds(text));
    EXPECT_FALSE(holds(text, (pki.dir() / "external.xml").string()));
}

TEST_F(xmlsec_check_test, runs_no_xslt_and_no_xpath) {
    signature_template form;
    form.transforms =
        enveloped_transform +
        R"(<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>true()</XPath></Transform>)";
    EXPECT_FALSE(holds(signed_document(form)));
    form.transforms =
        enveloped_transform +
        R"(<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0" )"
        R"(xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/></Transform>)";
    EXPECT_FALSE(holds(signed_document(form)));
}

TEST_F(xmlsec_check_test, knows_no_sha1) {
    signature_template form;
    form.digest = "http://www.w3.org/2000/09/xmldsig#sha1";
    EXPECT_FALSE(holds(signed_document(form)));
    form = {};
    form.method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    EXPECT_FALSE(holds(signed_document(form)));
}

TEST_F(xmlsec_check_test, a_part_of_the_document_is_not_the_whole) {
    signature_template form;
    form.uri = "#part";
    auto text = replaced(edxml(form.text()), "<AttachmentEncoded>", "<AttachmentEncoded xml:id=\"part\">");
    text = xmlsec1_sign(text, rsa, "--id-attr:id http://www.mic.gov.vn/TBT/QCVN_102_2016:AttachmentEncoded");
    EXPECT_FALSE(holds(text)) << "only the empty reference is expected";
    EXPECT_FALSE(holds(text, "#part")) << "the digested bytes are not those of the root";
}

} // namespace
} // namespace truc::dsig
