#include <truc/base/result.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

using testing::HasSubstr;

std::string vietnamese(errc code, std::string what) {
    return explain(error(code, std::move(what)), language::vietnamese);
}

TEST(phrases, a_whole_fragment_is_translated) {
    const error e(errc::signature_invalid, "the document was changed after it was signed");
    EXPECT_EQ(
        explain(e, language::vietnamese),
        "Chữ ký số không hợp lệ: văn bản đã bị thay đổi sau khi ký. Văn bản có thể đã bị thay đổi sau khi ký; hãy "
        "ký lại bản gốc.");
    EXPECT_THAT(explain(e, language::english), HasSubstr(": the document was changed after it was signed. "));
}

TEST(phrases, what_stands_in_a_hole_is_kept) {
    EXPECT_THAT(vietnamese(errc::signature_invalid, "element KeyValue is not allowed here"),
                HasSubstr(": không cho phép phần tử KeyValue ở đây. "));
    EXPECT_THAT(vietnamese(errc::attachment_mismatch, "two Reference elements with ContentId cv-01.pdf"),
                HasSubstr(": có hai phần tử Reference cùng ContentId cv-01.pdf."));
    EXPECT_THAT(vietnamese(errc::layout_unknown, "root element a of namespace ''"),
                HasSubstr(": phần tử gốc a thuộc không gian tên ''."));
}

TEST(phrases, the_longest_text_that_fits_counts) {
    EXPECT_THAT(vietnamese(errc::schema, "Subject is missing"), HasSubstr(": thiếu Subject."));
    EXPECT_THAT(vietnamese(errc::signature_invalid, "element KeyInfo is missing"),
                HasSubstr(": thiếu phần tử KeyInfo."));
    EXPECT_THAT(vietnamese(errc::signature_invalid, "the signer's certificate is missing"),
                HasSubstr(": thiếu chứng thư số của người ký."));
}

TEST(phrases, a_fragment_inside_a_fragment_is_translated) {
    EXPECT_THAT(vietnamese(errc::attachment_mismatch, "attachment cv-01.pdf: the zip cannot be read: Truncated input"),
                HasSubstr(": tệp đính kèm cv-01.pdf: không đọc được tệp zip: Truncated input."));
    EXPECT_THAT(vietnamese(errc::too_deep, "an attribute value of more than 65536 bytes"),
                HasSubstr(": giá trị thuộc tính dài hơn 65536 byte."));
    EXPECT_THAT(vietnamese(errc::bad_directory,
                           "line 3: agency/code: expected an agency's code such as 000.00.12.H43, found \"x\""),
                HasSubstr(": dòng 3: agency/code: cần có mã cơ quan, ví dụ 000.00.12.H43, nhưng gặp \"x\"."));
}

TEST(phrases, unknown_words_stay_as_they_are) {
    for (const char* const what :
         {"", "000.00.12.H43", "element", "bodyguard", "CN=Sở Nội vụ: certificate has expired"})
        EXPECT_THAT(vietnamese(errc::certificate_unknown, what), HasSubstr(": " + std::string(what) + ". ")) << what;
}

TEST(phrases, nesting_by_a_stranger_ends) {
    std::string what = "Subject";
    for (int i = 0; i < 10'000; ++i) what += " is missing";
    const auto text = vietnamese(errc::schema, what);
    EXPECT_THAT(text, HasSubstr(": thiếu thiếu thiếu thiếu Subject is missing"));
}

} // namespace
} // namespace truc
