#include "table.hpp"
#include "text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace truc::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view composed = "Sở Nội vụ";
constexpr std::string_view decomposed = "So\xCC\x9B\xCC\x89 No\xCC\xA3\xCC\x82i vu\xCC\xA3";

TEST(text, vietnamese_takes_the_same_width_composed_and_decomposed) {
    EXPECT_EQ(display_width(composed), 9u);
    EXPECT_EQ(display_width(decomposed), 9u);
}

TEST(text, wide_letters_take_two_columns) { EXPECT_EQ(display_width("公文"), 4u); }

TEST(text, what_could_command_a_terminal_is_replaced) {
    EXPECT_EQ(printable("a\x1B[2Jb\nc"), "a�[2Jb�c");
    EXPECT_EQ(printable("abc\xE2\x80\xAE"
                        "cba"),
              "abc�cba"); // right-to-left override
    EXPECT_EQ(printable("\xC2\x9B"
                        "31m"),
              "�31m"); // the one-byte form of ESC [
    EXPECT_EQ(printable("\xFFok\xE1\xBB"), "�ok��");
    EXPECT_EQ(printable("\xED\xA0\x80"), "���"); // a surrogate
    EXPECT_EQ(printable(composed), composed);
}

TEST(text, is_cut_at_whole_letters_with_their_marks) {
    EXPECT_EQ(shortened(composed, 9), composed);
    EXPECT_EQ(shortened(composed, 5), "Sở N…");
    EXPECT_EQ(shortened(decomposed, 3), "So\xCC\x9B\xCC\x89…");
    EXPECT_EQ(shortened("abc", 0), "");
}

TEST(text, is_filled_on_the_side_that_was_asked_for) {
    EXPECT_EQ(padded("Đ", 3), "Đ  ");
    EXPECT_EQ(padded("12", 4, true), "  12");
    EXPECT_EQ(padded("too long", 3), "too long");
}

table small_table() { return table({{"CODE"}, {"NAME", 0, true}, {"LEVEL", 1}, {"N", 0, false, true}}); }

TEST(table, aligns_columns_and_leaves_no_space_at_the_end_of_lines) {
    auto t = table({{"CODE"}, {"NAME", 0, true}, {"SIZE", 0, false, true}, {"NOTE"}});
    t.add({"H43", "Sở Nội vụ", "7", ""});
    t.add({"G22.1", "Cà Ná", "1234", "x"});
    EXPECT_EQ(t.render(80), "CODE   NAME       SIZE  NOTE\n"
                            "H43    Sở Nội vụ     7\n"
                            "G22.1  Cà Ná      1234  x\n");
}

TEST(table, a_narrow_terminal_loses_columns_of_high_rank_before_it_cuts_others) {
    auto t = small_table();
    t.add({"000.00.12.H43", "Sở Thông tin và Truyền thông", "department", "1"});
    EXPECT_THAT(t.render(80), HasSubstr("department"));
    const auto narrow = t.render(50);
    EXPECT_THAT(narrow, Not(HasSubstr("department")));
    EXPECT_THAT(narrow, HasSubstr("Sở Thông tin và Truyền thông"));
    const auto narrower = t.render(30);
    EXPECT_THAT(narrower, HasSubstr("000.00.12.H43  Sở Thông ti"));
    EXPECT_THAT(narrower, HasSubstr("…"));
}

TEST(table, no_line_is_wider_than_the_terminal) {
    auto t = small_table();
    t.add({"000.00.12.H43", std::string(200, 'x'), "department", "1"}, std::string(200, 'y'));
    for (const std::size_t width : {40u, 60u, 80u, 120u}) {
        const auto text = t.render(width);
        for (std::size_t from = 0; from < text.size();) {
            const auto end = text.find('\n', from);
            EXPECT_LE(display_width(std::string_view(text).substr(from, end - from)), width);
            from = end + 1;
        }
    }
}

TEST(table, a_note_stands_below_its_row) {
    auto t = table({{"A"}});
    t.add({"1"}, "why");
    t.add({"2"});
    EXPECT_EQ(t.render(80), "A\n1\n    why\n2\n");
}

TEST(table, a_note_is_wrapped_and_nothing_of_it_is_lost) {
    auto t = table({{"A"}});
    t.add({"1"}, "từ ngày 01/12 nút này không ký được gì");
    t.add({"2"}, std::string(40, 'y'));
    EXPECT_EQ(t.render(24), "A\n1\n"
                            "    từ ngày 01/12 nút\n"
                            "    này không ký được gì\n"
                            "2\n"
                            "    yyyyyyyyyyyyyyyyyyyy\n"
                            "    yyyyyyyyyyyyyyyyyyyy\n");
}

TEST(table, a_heading_stands_over_its_rows_and_widens_no_column) {
    auto t = table({{"A"}, {"B"}});
    t.add_heading("much wider than the columns");
    t.add({"1", "2"});
    EXPECT_EQ(t.render(80), "A  B\nmuch wider than the columns\n1  2\n");
    EXPECT_EQ(t.render(10), "A  B\nmuch wide…\n1  2\n");
}

TEST(table, cells_cannot_break_out_of_their_row) {
    auto t = table({{"A"}});
    t.add({"1\n2"});
    EXPECT_EQ(t.render(80), "A\n1�2\n");
}

} // namespace
} // namespace truc::cli
