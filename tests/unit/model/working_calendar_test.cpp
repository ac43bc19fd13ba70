#include <truc/base/durable.hpp>
#include <truc/model/working_calendar.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace truc {
namespace {

working_calendar vietnam() {
    const auto text = read_file(TRUC_SOURCE_DIR "/conf/holidays-vn.txt");
    if (!text) throw std::runtime_error(text.error().what);
    const auto c = working_calendar::parse(*text, "holidays-vn.txt");
    if (!c) throw std::runtime_error(c.error().what);
    return *c;
}

/// A moment of Vietnam.
timestamp at(const std::string& day, const std::string& time) { return *from_rfc3339(day + "T" + time + "+07:00"); }
std::string text(timestamp t) { return to_rfc3339(t).substr(0, 16); }

bool is_working(const working_calendar& c, std::string_view day) { return c.is_working_day(*day_from(day)); }

std::string fault_of(std::string_view file) {
    const auto c = working_calendar::parse(file, "h.txt");
    return c ? "none" : c.error().what;
}

TEST(working_calendar, without_data_knows_weekends_only) {
    const working_calendar c;
    EXPECT_TRUE(is_working(c, "2026-11-20"));
    EXPECT_FALSE(is_working(c, "2026-11-21"));
    EXPECT_FALSE(is_working(c, "2026-11-22"));
    EXPECT_TRUE(is_working(c, "2026-11-23"));
    EXPECT_TRUE(is_working(c, "2026-09-02"));
    EXPECT_FALSE(c.knows(std::chrono::year(2026)));
}

TEST(working_calendar, statutory_holidays_of_2026_and_2027_are_days_off) {
    const auto c = vietnam();
    for (const char* day :
         {"2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-04-27",
          "2026-04-30", "2026-05-01", "2026-09-01", "2026-09-02", "2027-01-01", "2027-02-05", "2027-02-06",
          "2027-02-11", "2027-04-16", "2027-04-30", "2027-05-03", "2027-09-02", "2027-09-03"})
        EXPECT_FALSE(is_working(c, day)) << day;
    for (const char* day : {"2026-01-02", "2026-02-13", "2026-02-23", "2026-04-28", "2026-08-31", "2026-09-03",
                            "2026-12-31", "2027-01-04", "2027-02-04", "2027-02-12", "2027-05-04", "2027-09-01"})
        EXPECT_TRUE(is_working(c, day)) << day;
    EXPECT_TRUE(c.knows(std::chrono::year(2026)));
    EXPECT_TRUE(c.knows(std::chrono::year(2027)));
    EXPECT_FALSE(c.knows(std::chrono::year(2028)));
}

TEST(working_calendar, a_saturday_that_makes_up_for_a_day_off_is_worked_on) {
    const auto c = working_calendar::parse("2026-08-31\nworking 2026-08-22\nworking 2026-08-29..2026-08-30", "h");
    ASSERT_TRUE(c);
    EXPECT_TRUE(is_working(*c, "2026-08-22"));
    EXPECT_FALSE(is_working(*c, "2026-08-23"));
    EXPECT_TRUE(is_working(*c, "2026-08-30"));
    EXPECT_FALSE(is_working(*c, "2026-08-31"));
    EXPECT_EQ(text(c->next_working_morning(at("2026-08-21", "16:00:00"))), "2026-08-22T11:30");
}

TEST(working_calendar, the_day_is_vietnams_whatever_it_is_in_greenwich) {
    EXPECT_EQ(to_string(working_calendar::day_of(*from_rfc3339("2026-11-22T16:59:59.999Z"))), "2026-11-22");
    EXPECT_EQ(to_string(working_calendar::day_of(*from_rfc3339("2026-11-22T17:00:00Z"))), "2026-11-23");
    EXPECT_EQ(to_rfc3339(working_calendar::start_of(*day_from("2026-11-23"))), "2026-11-23T00:00:00.000+07:00");
}

struct clock_case {
    const char* day;
    const char* time;
    const char* end_of_attended_day;
    const char* next_working_morning;
};

class calendar_arithmetic : public testing::TestWithParam<clock_case> {};

TEST_P(calendar_arithmetic, counts_from) {
    const auto& p = GetParam();
    const auto c = vietnam();
    const auto t = at(p.day, p.time);
    EXPECT_EQ(text(c.end_of_attended_day(t)), p.end_of_attended_day);
    EXPECT_EQ(text(c.next_working_morning(t)), p.next_working_morning);
}

INSTANTIATE_TEST_SUITE_P(
    real_days, calendar_arithmetic,
    testing::Values(
        // A Tuesday: before work, in the morning, to the last minute, after work, at its last moment.
        clock_case{"2026-11-24", "00:00:00", "2026-11-25T00:00", "2026-11-25T11:30"},
        clock_case{"2026-11-24", "09:00:00", "2026-11-25T00:00", "2026-11-25T11:30"},
        clock_case{"2026-11-24", "16:59:59.999", "2026-11-25T00:00", "2026-11-25T11:30"},
        clock_case{"2026-11-24", "17:00:00", "2026-11-26T00:00", "2026-11-25T11:30"},
        clock_case{"2026-11-24", "23:59:59.999", "2026-11-26T00:00", "2026-11-25T11:30"},
        // Friday, weekend.
        clock_case{"2026-11-20", "16:00:00", "2026-11-21T00:00", "2026-11-23T11:30"},
        clock_case{"2026-11-20", "18:00:00", "2026-11-24T00:00", "2026-11-23T11:30"},
        clock_case{"2026-11-21", "09:00:00", "2026-11-24T00:00", "2026-11-23T11:30"},
        clock_case{"2026-11-22", "23:00:00", "2026-11-24T00:00", "2026-11-23T11:30"},
        // The last working day before Tết 2026 is Friday the 13th, the first one after it Monday the 23rd.
        clock_case{"2026-02-13", "10:00:00", "2026-02-14T00:00", "2026-02-23T11:30"},
        clock_case{"2026-02-13", "17:30:00", "2026-02-24T00:00", "2026-02-23T11:30"},
        clock_case{"2026-02-17", "00:00:01", "2026-02-24T00:00", "2026-02-23T11:30"},
        // Tết 2027 and the days that make up for its weekend.
        clock_case{"2027-02-04", "15:00:00", "2027-02-05T00:00", "2027-02-12T11:30"},
        // End of the year: Thursday, holiday on Friday, weekend.
        clock_case{"2026-12-31", "16:00:00", "2027-01-01T00:00", "2027-01-04T11:30"},
        clock_case{"2026-12-31", "20:00:00", "2027-01-05T00:00", "2027-01-04T11:30"},
        // 29 February.
        clock_case{"2028-02-28", "08:00:00", "2028-02-29T00:00", "2028-02-29T11:30"}));

TEST(working_calendar, follows_the_hours_of_work_that_it_was_given) {
    const working_calendar c({std::chrono::hours(12), std::chrono::hours(18)});
    EXPECT_EQ(text(c.end_of_attended_day(at("2026-11-24", "17:30:00"))), "2026-11-25T00:00");
    EXPECT_EQ(text(c.next_working_morning(at("2026-11-24", "17:30:00"))), "2026-11-25T12:00");
}

TEST(working_calendar, a_calendar_without_any_working_day_does_not_hang) {
    std::string all;
    for (int year = 2026; year < 2029; ++year)
        for (const char* month : {"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"})
            all += fmt::format("{0}-{1}-01..{0}-{1}-28\n{0}-{1}-29..{0}-{1}-30\n", year, month);
    const auto c = working_calendar::parse(all.substr(0, all.find("2026-02-29")), "h.txt");
    ASSERT_TRUE(c);
    EXPECT_GT(c->next_working_morning(at("2026-01-01", "10:00:00")), at("2026-01-01", "10:00:00"));
}

TEST(working_calendar, names_the_line_that_it_cannot_read) {
    EXPECT_EQ(fault_of("# only people read this\n\n  2026-01-01 # New Year\r\n"), "none");
    for (const char* bad : {"2026-1-1", "2026-02-30", "2026-13-01", "01/01/2026", "2026-01-05..2026-01-01",
                            "2026-01-01..", "2026-01-01..2027-01-01", "working", "holiday 2026-01-01", "+026-01-01"})
        EXPECT_EQ(fault_of(std::string("2026-01-01\n") + bad + "\n").substr(0, 8), "h.txt:2:") << bad;
}

} // namespace
} // namespace truc
