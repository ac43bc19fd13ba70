// Who signs what.

#include "both_sides.hpp"
#include "edxml_builder.hpp"

#include <truc/dsig/signer.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace truc::test {

namespace {

class desk_test : public testing::Test {
  public:
    signing_desk desk(sign_policy policy, bool statuses = false) const {
        return signing_desk({{both_sides::ours, policy, statuses, us.certificate, us.key}}, clock);
    }
    static std::string document(const std::string& from = both_sides::ours) {
        edxml_document d;
        d.from = from;
        return build(d);
    }
    std::string signed_document() const { return *dsig::sign(document(), *us.signing_key()); }

    test_pki pki;
    identity us = pki.agency("us");
    hand_clock clock;
};

} // namespace

TEST_F(desk_test, what_the_legacy_system_did_not_sign_is_signed_for_it) {
    const auto ready = desk(sign_policy::if_unsigned).prepare(document());
    ASSERT_TRUE(ready);
    EXPECT_TRUE(ready->signed_on_behalf);
    EXPECT_NE(ready->edxml.find("SignatureValue"), std::string::npos);
}

TEST_F(desk_test, a_signature_of_the_legacy_system_stands_unless_ours_must) {
    const auto text = signed_document();
    const auto kept = desk(sign_policy::if_unsigned).prepare(text);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->edxml, text);
    EXPECT_FALSE(kept->signed_on_behalf);
    const auto refused = desk(sign_policy::always).prepare(text);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::signature_invalid);
    EXPECT_TRUE(desk(sign_policy::always).prepare(document())->signed_on_behalf);
}

TEST_F(desk_test, bytes_go_as_they_are_where_nobody_signs) {
    for (const auto& text : {document(), signed_document()}) {
        const auto ready = desk(sign_policy::never).prepare(text);
        ASSERT_TRUE(ready);
        EXPECT_EQ(ready->edxml, text);
        EXPECT_FALSE(ready->signed_on_behalf);
    }
    EXPECT_FALSE(desk(sign_policy::always).prepare(document("000.00.77.H43"))->signed_on_behalf) << "not ours to sign";
}

TEST_F(desk_test, the_agency_is_known_however_its_code_is_written) {
    EXPECT_TRUE(desk(sign_policy::always).prepare(document("000-00-00-h43"))->signed_on_behalf);
}

TEST_F(desk_test, statuses_are_signed_where_it_is_said_so) {
    const auto status = build(edxml_status{both_sides::ours, both_sides::theirs});
    EXPECT_FALSE(desk(sign_policy::if_unsigned).prepare(status)->signed_on_behalf);
    EXPECT_TRUE(desk(sign_policy::if_unsigned, true).prepare(status)->signed_on_behalf);
}

TEST_F(desk_test, a_certificate_that_expired_delays_and_condemns_nothing) {
    const auto d = desk(sign_policy::always);
    clock.pass(std::chrono::hours(24 * 365 * 40));
    const auto later = d.prepare(document());
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().code, errc::cannot_sign);
    EXPECT_EQ(explain(later.error(), language::vietnamese),
              "Không ký thay cho cơ quan được: chứng thư số ký cho 000.00.00.H43 hiện không có hiệu lực. Văn bản vẫn "
              "chờ; hãy gia hạn chứng thư số, sau đó văn bản sẽ tự được gửi.");
}

TEST_F(desk_test, a_key_that_others_can_read_is_a_failure_at_the_start) {
    ::chmod(us.key.c_str(), 0644);
    EXPECT_THROW(desk(sign_policy::always), std::runtime_error);
    EXPECT_NO_THROW(desk(sign_policy::never));
}

TEST_F(desk_test, what_is_no_edxml_is_refused_before_it_is_sent) {
    EXPECT_EQ(desk(sign_policy::never).prepare("<!DOCTYPE a><a/>").error().code, errc::doctype_forbidden);
    EXPECT_EQ(desk(sign_policy::never).prepare("").error().code, errc::not_xml);
}

} // namespace truc::test
