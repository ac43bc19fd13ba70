#pragma once
#include "test_pki.hpp"

#include <truc/dsig/verifier.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace truc::dsig {

constexpr auto c14n10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
constexpr auto exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
// Not constants of the compiler: g++ 12 warns wrongly where it knows their length.
extern const std::string enveloped_transform;
extern const std::string exclusive_transform;
constexpr auto certificate_only = "<X509Data><X509Certificate/></X509Data>";

/// A Signature to be filled in by the xmlsec1 program; every part can be replaced by something worse.
struct signature_template {
    std::string canonicalization;
    std::string method;
    std::string uri;
    std::string transforms;
    std::string digest;
    std::string key_info;
    std::string after;

    /// exc-c14n, RSA-SHA256, the whole document, SHA-256, the certificate. Out of line: g++ 12 warns wrongly where it
    /// is inlined.
    signature_template();
    std::string text() const;
};

/// An edXML document as agencies write it: Vietnamese, CR LF, a comment, an attachment. The pieces are put in at the
/// end of the header and behind the envelope.
std::string edxml(std::string_view in_header = "", std::string_view after_envelope = "");

/// Puts `what` in the place of the only occurrence of `old`.
std::string replaced(std::string text, std::string_view old, std::string_view what);

class signature_fixture : public testing::Test {
  protected:
    signature_fixture();

    /// Lets the xmlsec1 program sign a document that carries a template.
    std::string xmlsec1_sign(const std::string& text, const test::identity& who, const std::string& options = "") const;
    bool xmlsec1_verify(const std::string& text, const std::string& options) const;
    /// An agency's document, signed by the xmlsec1 program.
    std::string signed_document(const signature_template& form = {}) const {
        return xmlsec1_sign(edxml(form.text()), rsa);
    }

    result<verified_view> verify(std::string_view text, signature_policy policy, timestamp at) const;
    /// In words: valid, absent, not_verifiable or the name of the error.
    std::string judge(std::string_view text, signature_policy policy = signature_policy::required) const;
    std::string judge_at(std::string_view text, timestamp at) const;
    /// Refused under both policies.
    std::string refusal(std::string_view text) const;

    test::test_pki pki;
    test::identity rsa = pki.agency("so-tttt", trust::key_kind::rsa_2048);
    timestamp now = test::test_pki::now();
    std::shared_ptr<const trust::certificate_store> agencies =
        std::make_shared<const trust::certificate_store>(pki.agency_ca(), std::filesystem::path());
};

} // namespace truc::dsig
