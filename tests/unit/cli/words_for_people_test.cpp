#include "context.hpp"
#include "moments.hpp"
#include "progress.hpp"
#include "text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::cli {
namespace {

using testing::HasSubstr;
using testing::Le;

TEST(wrapped, breaks_between_words_and_indents_what_follows) {
    EXPECT_EQ(wrapped("nút này giữ lại", 8), "nút này\ngiữ lại");
    EXPECT_EQ(wrapped("one two three", 7, 2), "one two\n  three");
    EXPECT_EQ(wrapped("", 10), "");
    EXPECT_EQ(wrapped("short", 80), "short");
}

TEST(wrapped, a_word_that_is_too_long_is_broken) {
    EXPECT_EQ(wrapped("a bcdefghij k", 5), "a\nbcdef\nghij\nk");
    EXPECT_EQ(wrapped("bộ_nối_dài", 6, 2), "bộ_nối\n  _dài");
}

TEST(wrapped, keeps_the_texts_own_lines) { EXPECT_EQ(wrapped("a\nb c", 80), "a\nb c"); }

TEST(wrapped, no_line_is_wider_than_asked_for) {
    const std::string text =
        "Văn bản chưa tới vì nút lân cận không trả lời; quản trị viên mạng phải kiểm tra đường truyền";
    for (const std::size_t width : {20U, 33U, 80U}) {
        const auto broken = wrapped(text, width, 4);
        for (std::size_t at = 0; at <= broken.size();) {
            const auto end = std::min(broken.find('\n', at), broken.size());
            EXPECT_THAT(display_width(std::string_view(broken).substr(at, end - at)), Le(width)) << broken;
            at = end + 1;
        }
    }
}

timestamp noon() { return *from_rfc3339("2026-11-21T12:00:00+07:00"); }

TEST(moment_of, reads_days_times_and_how_long_ago) {
    EXPECT_EQ(moment_of("", noon()).value(), "");
    EXPECT_EQ(moment_of("2026-11-20", noon()).value(), "2026-11-20T00:00:00.000+07:00");
    EXPECT_EQ(moment_of("2026-11-20 08:30", noon()).value(), "2026-11-20T08:30:00.000+07:00");
    EXPECT_EQ(moment_of("2026-11-20T08:30:15", noon()).value(), "2026-11-20T08:30:15.000+07:00");
    EXPECT_EQ(moment_of("2026-11-20T08:30:15Z", noon()).value(), "2026-11-20T15:30:15.000+07:00");
    EXPECT_EQ(moment_of("08:30", noon()).value(), "2026-11-21T08:30:00.000+07:00");
    EXPECT_EQ(moment_of("90m", noon()).value(), "2026-11-21T10:30:00.000+07:00");
    EXPECT_EQ(moment_of("2h", noon()).value(), "2026-11-21T10:00:00.000+07:00");
    EXPECT_EQ(moment_of("3d", noon()).value(), "2026-11-18T12:00:00.000+07:00");
}

TEST(moment_of, anything_else_is_a_usage_failure) {
    for (const auto* wrong : {"yesterday", "25:00", "2026-13-01", "h", "-3h", "3 h", "99999999999d", "2026-11-20T"})
        EXPECT_EQ(moment_of(wrong, noon()).error().code, exit_code::usage) << wrong;
}

TEST(progress_line, says_how_far_and_fits) {
    const auto line = progress_line("đang sao lưu", 50, 200, std::chrono::seconds(75), 79);
    EXPECT_THAT(line, HasSubstr("đang sao lưu [#######"));
    EXPECT_THAT(line, HasSubstr(" 25 %  1:15 min"));
    EXPECT_THAT(progress_line("x", 0, 0, std::chrono::seconds(0), 79), HasSubstr("100 %"));
    for (const std::size_t width : {10U, 30U, 79U})
        EXPECT_THAT(display_width(progress_line("đang sao lưu", 1, 3, std::chrono::seconds(9), width)), Le(width));
}

} // namespace
} // namespace truc::cli
