#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tdoffice/mapping.hpp>

namespace truc::tdoffice {
namespace {

using testing::HasSubstr;

TEST(tdoffice_days, are_turned_round) {
    EXPECT_EQ(day_to_edxml("05/03/2026", "NgayBanHanh"), "2026/03/05");
    EXPECT_EQ(day_to_legacy("2026/03/05"), "05/03/2026");
    EXPECT_EQ(day_to_legacy("2026-03-05"), "05/03/2026");
    EXPECT_EQ(day_to_edxml(" 05/03/2026 14:07:09 ", "NgayBanHanh"), "2026/03/05");
    EXPECT_EQ(moment_to_edxml("05/03/2026 14:07", "NgayGui"), "2026/03/05 14:07:00");
    EXPECT_EQ(moment_to_edxml("05/03/2026", "NgayGui"), "2026/03/05 00:00:00");
    EXPECT_EQ(moment_to_legacy("2026/03/05 14:07:09"), "05/03/2026 14:07:09");
}

TEST(tdoffice_days, stay_empty) {
    EXPECT_EQ(day_to_edxml("", "NgayBanHanh"), "");
    EXPECT_EQ(moment_to_edxml("  ", "NgayGui"), "");
    EXPECT_EQ(day_to_legacy(""), "");
}

TEST(tdoffice_days, that_are_none_are_refused_by_their_field) {
    for (const auto* text : {"5/3/2026", "2026-03-05", "31/02/2026", "29/02/2025", "00/01/2026", "05/13/2026",
                             "05/03/26", "aa/03/2026", "05/03/2026 25:00", "05/03/2026x", "05-03-2026"}) {
        const auto day = day_to_edxml(text, "NgayBanHanh");
        ASSERT_FALSE(day) << text;
        EXPECT_EQ(day.error().code, errc::record_invalid);
        EXPECT_THAT(explain(day.error(), language::vietnamese), HasSubstr("NgayBanHanh"));
    }
    EXPECT_EQ(day_to_edxml("29/02/2024", "NgayBanHanh"), "2024/02/29");
}

TEST(tdoffice_days, of_others_are_passed_on_as_they_wrote_them) {
    EXPECT_EQ(day_to_legacy("2014/02/30"), "30/02/2014"); // from an official sample
    EXPECT_EQ(day_to_legacy("mai"), "mai");
    EXPECT_EQ(moment_to_legacy("2026/03/05"), "2026/03/05");
}

TEST(tdoffice_codes, have_dashes_there_and_dots_here) {
    EXPECT_EQ(dotted_code("000-00-19-h40", "MaDonVi"), "000.00.19.H40");
    EXPECT_EQ(dotted_code(" 000.00.19.H40 ", "MaDonVi"), "000.00.19.H40");
    EXPECT_EQ(dashed_code("000.00.19.H40"), "000-00-19-H40");
    for (const auto* text : {"", "000--19", "sở", "-00"}) EXPECT_FALSE(dotted_code(text, "MaDonVi")) << text;
}

TEST(tdoffice_secrecy, leaves_only_what_is_known_to_be_open) {
    const vocabulary words;
    for (const auto* level : {"0", "", "Thường", " THƯỜNG ", "Không"})
        EXPECT_TRUE(words.may_leave(level, "V/v triển khai")) << level;
    for (const auto* level : {"Mật", "MẬT", "Tối mật", "Tuyệt mật", "1", "2", "Khẩn", "?", "null"}) {
        const auto refused = words.may_leave(level, "V/v triển khai");
        ASSERT_FALSE(refused) << level;
        EXPECT_EQ(refused.error().code, errc::secret_document);
    }
}

TEST(tdoffice_secrecy, believes_the_subject_too) {
    const vocabulary words;
    EXPECT_FALSE(words.may_leave("0", "(MẬT) V/v kế hoạch"));
    EXPECT_TRUE(words.may_leave("0", "V/v bảo mật thông tin"));
}

TEST(tdoffice_vocabulary, knows_urgency_by_name_and_by_number) {
    const vocabulary words;
    EXPECT_EQ(words.priority_to_edxml("Hỏa tốc"), priority::express);
    EXPECT_EQ(words.priority_to_edxml(" 2 "), priority::very_urgent);
    EXPECT_EQ(words.priority_to_edxml("sớm"), priority::normal);
    EXPECT_EQ(words.priority_to_legacy(priority::express_timed), "4");
}

TEST(tdoffice_vocabulary, knows_the_statuses_of_the_norm) {
    vocabulary words;
    for (const auto* code : {"01", "02", "03", "04", "05", "06", "13", "15", "16"}) {
        EXPECT_EQ(words.status_to_edxml(code), code);
        EXPECT_EQ(words.status_to_legacy(code), code);
    }
    EXPECT_EQ(words.status_to_edxml("7").error().code, errc::record_invalid);
    words.statuses_in.erase("13");
    EXPECT_EQ(words.status_to_legacy("13").error().code, errc::legacy_refused);
}

} // namespace
} // namespace truc::tdoffice
