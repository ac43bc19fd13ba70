#include "signature_fixture.hpp"

#include <truc/dsig/head_verifier.hpp>

#include <libxml/valid.h>

namespace truc::dsig {
namespace {

constexpr auto ns_receipt = "urn:truc:receipt:1";
constexpr auto head_id = "--id-attr:Id urn:truc:receipt:1:SignedTreeHead";

class head_verifier_test : public signature_fixture {
  protected:
    static signature_template form() {
        signature_template t;
        t.method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
        t.uri = "#sth";
        return t;
    }
    static std::string head(const signature_template& t) {
        std::string text = "<SignedTreeHead xmlns=\"urn:truc:receipt:1\" Id=\"sth\"><LogId>ninhthuan.1</LogId>";
        text += "<TreeSize>8</TreeSize><RootHash>00ff</RootHash>";
        text += t.text();
        return text += "</SignedTreeHead>";
    }
    static std::string receipt(const std::string& head_text, const std::string& beside = "") {
        return "<Receipt xmlns=\"urn:truc:receipt:1\"><Event Id=\"ninhthuan.1.7\"/>" + beside + head_text +
               "</Receipt>";
    }
    std::string signed_head(const signature_template& t = form()) const { return xmlsec1_sign(head(t), node, head_id); }
    std::string signed_receipt(const signature_template& t = form()) const {
        return xmlsec1_sign(receipt(head(t)), node, head_id);
    }
    static const xmlAttr* id_of_document(const xml::document& doc) {
        return xmlGetID(doc.get(), reinterpret_cast<const xmlChar*>("sth"));
    }
    std::string judge_head(const std::string& text, timestamp at) {
        const auto doc = xml::document::parse(text);
        if (!doc) return std::string(describe(doc.error().code).name);
        const xmlNode* element = doc->root();
        if (xml::is_element(element, ns_receipt, "Receipt"))
            element = xml::first_child(element, ns_receipt, "SignedTreeHead");
        const auto* const before = id_of_document(*doc);
        const auto signer = verify_head_signature(*doc, element, *nodes, at);
        EXPECT_EQ(id_of_document(*doc), before) << "the document is left as it was";
        if (!signer) return std::string(describe(signer.error().code).name);
        EXPECT_EQ((*signer)->digest, node.digest);
        return "valid";
    }
    std::string judge_head(const std::string& text) { return judge_head(text, now); }

    test::identity node = pki.node("ninhthuan");
    std::shared_ptr<const trust::certificate_store> nodes =
        std::make_shared<const trust::certificate_store>(pki.node_ca(), std::filesystem::path());
};

TEST_F(head_verifier_test, accepts_a_head_alone_and_in_a_receipt) {
    EXPECT_EQ(judge_head(signed_head()), "valid");
    EXPECT_EQ(judge_head(signed_receipt()), "valid");
}

TEST_F(head_verifier_test, what_is_outside_the_head_is_not_covered_and_what_is_inside_is) {
    const auto text = signed_receipt();
    EXPECT_EQ(judge_head(replaced(text, "ninhthuan.1.7", "ninhthuan.1.8")), "valid");
    EXPECT_EQ(judge_head(replaced(text, "<TreeSize>8<", "<TreeSize>9<")), "signature_invalid");
    EXPECT_EQ(judge_head(replaced(text, "<RootHash>00ff<", "<RootHash>00fe<")), "signature_invalid");
}

TEST_F(head_verifier_test, a_head_without_a_signature) {
    EXPECT_EQ(judge_head("<SignedTreeHead xmlns=\"urn:truc:receipt:1\" Id=\"sth\"/>"), "signature_missing");
    EXPECT_EQ(judge_head("<Other xmlns=\"urn:truc:receipt:1\" Id=\"sth\"/>"), "signature_invalid");
}

TEST_F(head_verifier_test, only_the_one_form_that_nodes_write) {
    auto t = form();
    t.canonicalization = c14n10;
    EXPECT_EQ(judge_head(signed_head(t)), "signature_invalid");
    t = form(), t.transforms = enveloped_transform;
    EXPECT_EQ(judge_head(signed_head(t)), "signature_invalid");
    t = form(), t.digest = "http://www.w3.org/2001/04/xmlenc#sha512";
    EXPECT_EQ(judge_head(signed_head(t)), "signature_invalid");
    t = form(), t.uri = "";
    EXPECT_EQ(judge_head(signed_head(t)), "signature_invalid");
    t = form(), t.digest = "http://www.w3.org/2000/09/xmldsig#sha1";
    EXPECT_EQ(judge_head(signed_head(t)), "signature_invalid");
}

TEST_F(head_verifier_test, an_rsa_signature_is_not_a_heads) {
    auto t = form();
    t.method = signature_template{}.method;
    nodes = agencies;
    EXPECT_EQ(judge_head(xmlsec1_sign(head(t), rsa, head_id)), "signature_invalid");
}

TEST_F(head_verifier_test, an_agencys_certificate_is_not_a_nodes) {
    EXPECT_EQ(judge_head(xmlsec1_sign(head(form()), pki.agency("so-noi-vu"), head_id)), "certificate_unknown");
}

TEST_F(head_verifier_test, the_certificate_is_judged_at_the_moment_asked_for) {
    EXPECT_EQ(judge_head(signed_head(), test::test_pki::moment("2019-01-01T00:00:00Z")), "certificate_expired");
}

TEST_F(head_verifier_test, the_signed_head_wrapped_beside_a_forged_one) {
    const auto honest = signed_head();
    const auto at = honest.find("<SignedTreeHead");
    const auto copy = honest.substr(at);
    const std::string forged =
        "<SignedTreeHead xmlns=\"urn:truc:receipt:1\" Id=\"sth\"><LogId>ninhthuan.1</LogId><TreeSize>9</TreeSize>"
        "</SignedTreeHead>";
    EXPECT_EQ(judge_head(receipt(forged, "<Extra>" + copy + "</Extra>")), "signature_invalid");
    const auto from = copy.find("<Signature "), to = copy.find("</Signature>") + 12;
    const auto signature = copy.substr(from, to - from);
    const auto unsigned_copy = copy.substr(0, from) + copy.substr(to);
    const auto forged_and_signed = replaced(forged, "</SignedTreeHead>", signature + "</SignedTreeHead>");
    EXPECT_EQ(judge_head(receipt(forged_and_signed, "<Extra>" + unsigned_copy + "</Extra>")), "signature_invalid");
    const auto other_id = replaced(forged_and_signed, "Id=\"sth\"", "Id=\"other\"");
    EXPECT_EQ(judge_head(receipt(other_id, "<Extra>" + unsigned_copy + "</Extra>")), "signature_invalid");
    const auto by_xml_id = replaced(unsigned_copy, " Id=\"sth\"", " xml:id=\"sth\"");
    EXPECT_EQ(judge_head(receipt(forged_and_signed, "<Extra>" + by_xml_id + "</Extra>")), "signature_invalid");
}

TEST_F(head_verifier_test, a_second_signature_anywhere) {
    const auto text = signed_receipt();
    EXPECT_EQ(
        judge_head(replaced(text, "</Receipt>", "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/></Receipt>")),
        "signature_invalid");
}

} // namespace
} // namespace truc::dsig
