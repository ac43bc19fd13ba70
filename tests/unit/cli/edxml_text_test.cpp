#include "edxml_text.hpp"
#include "test_pki.hpp"

#include <truc/dsig/signer.hpp>
#include <truc/dsig/verifier.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/pack/wrapping.hpp>
#include <truc/xml/document.hpp>
#include <truc/xml/schema.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::cli {
namespace {

using testing::SizeIs;

class edxml_text_test : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        xml::initialise();
        dsig::initialise();
    }

    /// Signed by an agency and verified as a node would, after the schemas.
    static dsig::verified_view verified(std::string_view text) {
        static const test::test_pki pki;
        static const auto who = pki.agency("vpcp");
        const auto with_signature = dsig::sign(text, *who.signing_key()).value();
        const xml::schema_registry schemas(TRUC_SOURCE_DIR "/schemas/edxml");
        const auto valid = schemas.validate(with_signature);
        EXPECT_TRUE(valid) << valid.error().what;
        const dsig::verifier verifier(
            std::make_shared<trust::certificate_store>(pki.agency_ca(), std::filesystem::path()));
        return verifier
            .verify(xml::document::parse(with_signature).value(), with_signature.size(), signature_policy::required,
                    test::test_pki::now())
            .value();
    }

    static edxml_document a_document() {
        edxml_document d;
        d.from = {"000.00.00.G22", "Văn phòng Chính phủ"};
        d.to = {{"000.00.12.H43", "Sở <A> & B"}, {"000.00.00.H43", "UBND tỉnh"}};
        d.number = "315";
        d.notation = "VPCP-KSTT";
        d.date = *from_rfc3339("2026-11-20T23:30:00.000+00:00");
        d.subject = "V/v 1 < 2 & ]]> \"x\"";
        d.priority = priority::urgent;
        return d;
    }
};

TEST_F(edxml_text_test, a_document_can_be_signed_verified_and_read_back) {
    const auto m = pack::read(verified(edxml_text(a_document()))).value();
    EXPECT_EQ(m.kind, dispatch_kind::edoc);
    EXPECT_EQ(m.from->id.str(), "000.00.00.G22");
    ASSERT_THAT(m.to, SizeIs(2));
    EXPECT_EQ(m.to[0].name, "Sở <A> & B");
    EXPECT_EQ(m.subject, "V/v 1 < 2 & ]]> \"x\"");
    EXPECT_EQ(m.priority, priority::urgent);
    EXPECT_EQ(m.document_id, "000.00.00.G22,2026/11/21,315/VPCP-KSTT"); // the date in Vietnam
}

TEST_F(edxml_text_test, a_wrapped_attachment_comes_out_as_it_went_in) {
    auto d = a_document();
    const std::string file = "%PDF-1.4 " + std::string(200'000, 'x');
    d.attachments.push_back({"315.signed.pdf", "application/zip", pack::wrap_file(file, "0190-entry").value()});
    EXPECT_LT(d.attachments[0].bytes.size(), file.size() / 10); // deflated
    const auto view = verified(edxml_text(d));
    const auto m = pack::read(view).value();
    ASSERT_THAT(m.attachments, SizeIs(1));
    EXPECT_EQ(m.attachments[0].name, "315.signed.pdf");
    std::string decoded;
    ASSERT_TRUE(pack::decode_attachments(view, [&](std::size_t, std::string_view piece) {
        decoded += piece;
        return result<void>();
    }));
    EXPECT_EQ(decoded, file);
}

TEST_F(edxml_text_test, a_status_names_the_document_it_is_about) {
    edxml_status s;
    s.from = {"000.00.12.H43", "Sở Thông tin và Truyền thông"};
    s.about_organ_id = "000.00.00.G22";
    s.about_code = "315/VPCP-KSTT";
    s.about_date = "2026/11/21";
    s.about_document_id = "000.00.00.G22,2026/11/21,315/VPCP-KSTT";
    s.status_code = "02";
    s.description = "Thiếu phụ lục <1>";
    s.time = test::test_pki::now();
    const auto m = pack::read(verified(edxml_text(s))).value();
    EXPECT_EQ(m.kind, dispatch_kind::status);
    EXPECT_EQ(m.status_code, "02");
    EXPECT_EQ(m.status_description, "Thiếu phụ lục <1>");
    EXPECT_EQ(m.document_id, s.about_document_id);
    ASSERT_THAT(m.to, SizeIs(1));
    EXPECT_EQ(m.to[0].id.str(), "000.00.00.G22");
}

} // namespace
} // namespace truc::cli
