#include "signature_fixture.hpp"

#include <truc/base/durable.hpp>

namespace truc::dsig {
namespace {

using test::test_pki;

class verifier_test : public signature_fixture {
  protected:
    /// Refused where a signature is required, let in with that outcome where it is not.
    void expect_not_verifiable(const std::string& text) const {
        EXPECT_EQ(judge(text), "signature_invalid");
        EXPECT_EQ(judge(text, signature_policy::if_present), "not_verifiable");
    }
};

TEST_F(verifier_test, accepts_what_xmlsec1_signed_and_names_the_signer) {
    const auto text = signed_document();
    const auto view = verify(text, signature_policy::required, now);
    ASSERT_TRUE(view) << view.error().what;
    EXPECT_EQ(view->outcome(), signature_outcome::valid);
    EXPECT_EQ(view->signer(), rsa.digest);
    EXPECT_TRUE(xml::is_element(view->root(), "http://www.mic.gov.vn/TBT/QCVN_102_2016", "edXML"));
}

TEST_F(verifier_test, accepts_every_algorithm_of_the_profile) {
    const auto ec = pki.agency("so-noi-vu");
    for (const std::string bits : {"256", "384", "512"}) {
        signature_template form;
        form.digest = bits == "384" ? "http://www.w3.org/2001/04/xmldsig-more#sha384"
                                    : "http://www.w3.org/2001/04/xmlenc#sha" + bits;
        form.method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha" + bits;
        EXPECT_EQ(judge(signed_document(form)), "valid") << form.method;
        form.method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha" + bits;
        const auto by_ec = verify(xmlsec1_sign(edxml(form.text()), ec), signature_policy::required, now);
        ASSERT_TRUE(by_ec) << form.method << ' ' << by_ec.error().what;
        EXPECT_EQ(by_ec->signer(), ec.digest);
    }
}

TEST_F(verifier_test, accepts_inclusive_and_exclusive_canonicalization) {
    for (const std::string of_info : {c14n10, exclusive})
        for (const std::string of_content : {"", c14n10, exclusive}) {
            signature_template form;
            form.canonicalization = of_info;
            form.transforms = enveloped_transform;
            if (!of_content.empty()) form.transforms += "<Transform Algorithm=\"" + of_content + "\"/>";
            EXPECT_EQ(judge(signed_document(form)), "valid") << of_info << ' ' << of_content;
        }
}

TEST_F(verifier_test, accepts_a_signature_at_the_end_of_the_root) {
    EXPECT_EQ(judge(xmlsec1_sign(edxml("", signature_template{}.text()), rsa)), "valid");
}

TEST_F(verifier_test, accepts_names_and_further_certificates_beside_the_signers) {
    signature_template form;
    form.key_info = "<X509Data><X509SubjectName/><X509IssuerSerial/><X509SKI/><X509Certificate/></X509Data>";
    auto text = signed_document(form);
    EXPECT_EQ(judge(text), "valid");
    const auto further = to_base64(pki.agency("so-noi-vu").der);
    text = replaced(text, "</X509Certificate>", "</X509Certificate><X509Certificate>" + further + "</X509Certificate>");
    EXPECT_EQ(judge(text), "valid");
}

TEST_F(verifier_test, accepts_a_large_document_whose_digested_bytes_are_not_kept) {
    const std::string attachment =
        "<AttachmentEncoded>" + std::string(std::size_t{3} << 20, 'A') + "</AttachmentEncoded>";
    const auto text = xmlsec1_sign(edxml(signature_template{}.text(), attachment), rsa);
    EXPECT_EQ(judge(text), "valid");
    auto changed = text;
    changed[changed.find("AAAA") + 2000] = 'B';
    EXPECT_EQ(refusal(changed), "signature_invalid");
}

TEST_F(verifier_test, a_missing_signature_is_for_the_policy_to_judge) {
    EXPECT_EQ(judge(edxml()), "signature_missing");
    const auto view = verify(edxml(), signature_policy::if_present, now);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->outcome(), signature_outcome::absent);
    EXPECT_FALSE(view->signer());
}

TEST_F(verifier_test, an_empty_digital_signature_of_the_sdk_counts_as_none) {
    for (const auto* empty : {"<edXML:DigitalSignature/>", "<edXML:DigitalSignature> \n </edXML:DigitalSignature>"}) {
        EXPECT_EQ(judge(edxml(empty)), "signature_missing");
        EXPECT_EQ(judge(edxml(empty), signature_policy::if_present), "absent");
        EXPECT_EQ(judge(xmlsec1_sign(edxml(empty + signature_template{}.text()), rsa)), "valid");
    }
}

TEST_F(verifier_test, a_signature_in_the_namespace_of_qcvn_is_not_verifiable) {
    expect_not_verifiable(edxml("<Signature><SignedInfo/><SignatureValue>ZHVtbXk=</SignatureValue></Signature>"));
    expect_not_verifiable(edxml("<edXML:DigitalSignature>ZHVtbXk=</edXML:DigitalSignature>"));
}

TEST_F(verifier_test, sha1_is_not_verifiable) {
    signature_template form;
    form.method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    expect_not_verifiable(signed_document(form));
    form.method = signature_template{}.method;
    form.digest = "http://www.w3.org/2000/09/xmldsig#sha1";
    expect_not_verifiable(signed_document(form));
}

TEST_F(verifier_test, a_dummy_certificate_is_not_verifiable) {
    const auto text = signed_document();
    const auto from = text.find("<X509Certificate>"), to = text.find("</X509Certificate>");
    for (const std::string dummy : {"MIIDdummy…", "MIIDdummy+AA", "MIID"}) {
        auto cut = text;
        expect_not_verifiable(cut.replace(from, to - from, "<X509Certificate>" + dummy));
    }
}

TEST_F(verifier_test, a_weak_algorithm_excuses_nothing_else) {
    signature_template form;
    form.digest = "http://www.w3.org/2000/09/xmldsig#sha1";
    form.key_info = "<KeyValue/>";
    EXPECT_EQ(refusal(signed_document(form)), "signature_invalid");
}

TEST_F(verifier_test, says_why_and_where) {
    const auto strict = verify(edxml("<Signature/>"), signature_policy::required, now);
    ASSERT_FALSE(strict);
    EXPECT_NE(strict.error().what.find("QCVN 102"), std::string::npos);
    ASSERT_TRUE(strict.error().where);
    EXPECT_EQ(strict.error().where->path, "edXML/edXMLEnvelope/edXMLHeader/Signature");
    const auto lenient = verify(edxml("<Signature/>"), signature_policy::if_present, now);
    ASSERT_TRUE(lenient);
    EXPECT_EQ(lenient->why_not_verifiable(), strict.error().what);
    EXPECT_EQ(verify(signed_document(), signature_policy::required, now)->why_not_verifiable(), "");
}

TEST_F(verifier_test, certificates_are_judged_at_the_moment_asked_for) {
    auto asked = test_pki::request("Sở Nội vụ");
    asked.not_before = test_pki::moment("2024-01-01T00:00:00Z");
    asked.not_after = test_pki::moment("2025-01-01T00:00:00Z");
    const auto text = xmlsec1_sign(edxml(signature_template{}.text()),
                                   pki.make(pki.agency_authority(), "expired", asked, trust::key_kind::rsa_2048));
    EXPECT_EQ(refusal(text), "certificate_expired");
    EXPECT_EQ(judge_at(text, test_pki::moment("2024-06-01T00:00:00Z")), "valid");
    EXPECT_EQ(judge_at(text, test_pki::moment("2023-06-01T00:00:00Z")), "certificate_expired");
}

TEST_F(verifier_test, a_revoked_certificate_is_refused) {
    const auto revoked_at = test_pki::moment("2025-03-01T00:00:00Z");
    const auto text = signed_document();
    agencies = std::make_shared<const trust::certificate_store>(pki.agency_ca(), pki.revoke(rsa, revoked_at));
    EXPECT_EQ(refusal(text), "certificate_revoked");
    EXPECT_EQ(judge_at(text, revoked_at - milliseconds(1)), "valid");
}

TEST_F(verifier_test, an_unknown_authority_is_refused) {
    auto asked = test_pki::request("Sở Nội vụ");
    const auto stranger = pki.make(pki.node_authority(), "stranger", asked, trust::key_kind::rsa_2048);
    EXPECT_EQ(refusal(xmlsec1_sign(edxml(signature_template{}.text()), stranger)), "certificate_unknown");
}

TEST_F(verifier_test, a_self_signed_certificate_is_refused) {
    const auto self = trust::authority::make("Sở tự ký", test_pki::moment("2020-01-01T00:00:00Z"),
                                             test_pki::moment("2049-01-01T00:00:00Z"));
    trust::write_credentials(pki.dir(), "self", self.own());
    test::identity who;
    who.certificate = pki.dir() / "self.pem", who.key = pki.dir() / "self-key.pem";
    signature_template form;
    form.method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    EXPECT_EQ(refusal(xmlsec1_sign(edxml(form.text()), who)), "certificate_unknown");
}

} // namespace
} // namespace truc::dsig
