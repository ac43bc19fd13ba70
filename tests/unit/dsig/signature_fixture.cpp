#include "signature_fixture.hpp"

#include <truc/base/durable.hpp>

#include <cstdlib>

namespace truc::dsig {

const std::string enveloped_transform =
    R"(<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)";
const std::string exclusive_transform = R"(<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>)";

signature_template::signature_template()
    : canonicalization(exclusive),
      method("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
      transforms(enveloped_transform + exclusive_transform),
      digest("http://www.w3.org/2001/04/xmlenc#sha256"),
      key_info(certificate_only) {}

std::string signature_template::text() const {
    return R"(<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm=")" +
           canonicalization + R"("/><SignatureMethod Algorithm=")" + method + R"("/><Reference URI=")" + uri +
           R"("><Transforms>)" + transforms + R"(</Transforms><DigestMethod Algorithm=")" + digest +
           R"("/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo>)" + key_info + "</KeyInfo>" + after +
           "</Signature>";
}

std::string edxml(std::string_view in_header, std::string_view after_envelope) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
           "<edXML:edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\"\r\n"
           "  xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">\r\n"
           "<edXML:edXMLEnvelope>\r\n<edXML:edXMLHeader><edXML:MessageHeader>\r\n"
           "<edXML:From><edXML:OrganId>000.00.12.H43</edXML:OrganId>"
           "<edXML:OrganName>Sở Thông tin và Truyền thông &amp; các đơn vị</edXML:OrganName></edXML:From>\r\n"
           "<edXML:To><edXML:OrganId>000.00.00.G22</edXML:OrganId></edXML:To><!-- nơi nhận -->\r\n"
           "<edXML:Subject>V/v liên thông văn bản điện tử</edXML:Subject></edXML:MessageHeader>" +
           std::string(in_header) + "</edXML:edXMLHeader>\r\n" +
           "<edXML:edXMLBody><edXML:edXMLManifest version=\"1.0\"/></edXML:edXMLBody></edXML:edXMLEnvelope>\r\n" +
           "<AttachmentEncoded><Attachment><![CDATA[0LTQvtC6]]></Attachment></AttachmentEncoded>" +
           std::string(after_envelope) + "</edXML:edXML>\n";
}

std::string replaced(std::string text, std::string_view old, std::string_view what) {
    const auto at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    EXPECT_EQ(text.find(old, at + 1), std::string::npos) << old << " stands there twice";
    return at == std::string::npos ? text : text.replace(at, old.size(), what);
}

signature_fixture::signature_fixture() { xml::initialise(); }

std::string signature_fixture::xmlsec1_sign(const std::string& text, const test::identity& who,
                                            const std::string& options) const {
    const auto in = pki.dir() / "template.xml", out = pki.dir() / "signed.xml", said = pki.dir() / "xmlsec1.log";
    EXPECT_TRUE(write_file(in, text));
    const auto key = options.find("--hmackey") == std::string::npos
                         ? " --privkey-pem " + who.key.string() + "," + who.certificate.string()
                         : std::string();
    const auto command = "cd " + pki.dir().string() + " && xmlsec1 --sign " + options + key + " --output " +
                         out.string() + " " + in.string() + " >" + said.string() + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << read_file(said).value_or("");
    return read_file(out).value_or("");
}

bool signature_fixture::xmlsec1_verify(const std::string& text, const std::string& options) const {
    const auto in = pki.dir() / "to-verify.xml";
    EXPECT_TRUE(write_file(in, text));
    const auto command = "xmlsec1 --verify " + options + " " + in.string() + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
}

result<verified_view> signature_fixture::verify(std::string_view text, signature_policy policy, timestamp at) const {
    auto doc = xml::document::parse(text);
    if (!doc) return fail(doc.error());
    return verifier(agencies).verify(std::move(*doc), text.size(), policy, at);
}

std::string signature_fixture::judge(std::string_view text, signature_policy policy) const {
    const auto view = verify(text, policy, now);
    return std::string(view ? to_string(view->outcome()) : describe(view.error().code).name);
}

std::string signature_fixture::judge_at(std::string_view text, timestamp at) const {
    const auto view = verify(text, signature_policy::required, at);
    return std::string(view ? to_string(view->outcome()) : describe(view.error().code).name);
}

std::string signature_fixture::refusal(std::string_view text) const {
    const auto strict = judge(text), lenient = judge(text, signature_policy::if_present);
    return strict == lenient ? strict : strict + " / " + lenient;
}

} // namespace truc::dsig
