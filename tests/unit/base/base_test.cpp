#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>
#include <truc/base/metrics.hpp>
#include <truc/base/uuid.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

namespace truc {
namespace {

using testing::HasSubstr;

TEST(bytes, sha256_of_the_standards_example) {
    EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_hasher h;
    h.update("a");
    EXPECT_EQ(h.so_far(), sha256("a"));
    h.update("bc");
    EXPECT_EQ(h.finish(), sha256("abc"));
    EXPECT_EQ(h.finish(), sha256(""));
}

TEST(bytes, hex_goes_both_ways_and_refuses_what_is_none) {
    EXPECT_EQ(to_hex("\x01\xff"), "01ff");
    EXPECT_EQ(from_hex("01fF"), std::string("\x01\xff"));
    for (const char* bad : {"0", "0g", " 0"}) EXPECT_FALSE(from_hex(bad)) << bad;
    EXPECT_FALSE(sha256_digest::from_hex("01ff"));
}

TEST(bytes, base64_of_every_length_survives_any_split) {
    std::string bytes;
    for (int n = 0; n < 50; ++n) {
        const auto text = to_base64(bytes);
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            base64_decoder d;
            std::string out;
            ASSERT_TRUE(d.feed(std::string_view(text).substr(0, cut), out) &&
                        d.feed(std::string_view(text).substr(cut), out));
            ASSERT_TRUE(d.finish());
            ASSERT_EQ(out, bytes);
        }
        bytes += static_cast<char>(n * 37);
    }
}

TEST(bytes, base64_takes_white_space_and_nothing_else) {
    EXPECT_EQ(from_base64(" Y W\r\nJj\t"), "abc");
    for (const char* bad : {"YWJj=", "YQ=", "Y", "YQ", "YQ==YQ==", "YWJ-", "YR==", "YWK=", "====", "=YWJ", "YQ=a"})
        EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(clock, writes_vietnams_time_and_reads_any_offset) {
    EXPECT_EQ(to_rfc3339(from_millis(0)), "1970-01-01T07:00:00.000+07:00");
    EXPECT_EQ(to_rfc3339(from_millis(1795253230358)), "2026-11-21T16:27:10.358+07:00");
    EXPECT_EQ(from_rfc3339("2026-11-21T16:27:10.358+07:00"), from_millis(1795253230358));
    EXPECT_EQ(from_rfc3339("2026-11-21T09:27:10.3589Z"), from_millis(1795253230358));
    EXPECT_EQ(from_rfc3339("2026-11-21T09:27:10Z"), from_millis(1795253230000));
    for (const char* bad : {"", "2026-11-21", "2026-02-30T00:00:00Z", "2026-11-21T25:00:00Z", "2026-11-21T09:27:10",
                            "2026-11-21T09:27:10Zx", "2026-11-21T09:27:10.Z"})
        EXPECT_FALSE(from_rfc3339(bad)) << bad;
}

TEST(uuid, version_7_sorts_by_time_and_reads_back) {
    const auto early = uuid::make(from_millis(1'000'000));
    const auto late = uuid::make(from_millis(1'000'001));
    EXPECT_LT(early, late);
    EXPECT_EQ(early.str()[14], '7');
    EXPECT_EQ(uuid::parse(early.str()), early);
    std::set<uuid> distinct;
    for (int i = 0; i < 1000; ++i) distinct.insert(uuid::make(from_millis(5)));
    EXPECT_EQ(distinct.size(), 1000u);
    for (const char* bad : {"", "01a1ff90cf84756aaefc07e88ed19ed5", "01a1ff90-cf84-756a-aefc-07e88ed19edg"})
        EXPECT_FALSE(uuid::parse(bad)) << bad;
}

TEST(error, sentences_name_the_thing_and_the_place_in_both_languages) {
    const error e(errc::schema, "DocumentId", location{12, 5, "edXML/MessageHeader"});
    EXPECT_THAT(explain(e, language::english), HasSubstr("DocumentId"));
    EXPECT_THAT(explain(e, language::english), HasSubstr("(line 12, column 5, edXML/MessageHeader)"));
    EXPECT_THAT(explain(e, language::vietnamese), HasSubstr("dòng 12, cột 5"));
    EXPECT_EQ(errc_from_name("schema"), errc::schema);
    EXPECT_FALSE(errc_from_name("no_such_code"));
}

class durable : public testing::Test {
  protected:
    ~durable() override { set_disk_fault(nullptr); }
    std::filesystem::path file(const char* name) const { return dir_.path() / name; }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir_.path()), {}));
    }
    test::temporary_directory dir_;
};

TEST_F(durable, a_file_is_replaced_as_a_whole_or_not_at_all) {
    ASSERT_TRUE(write_file(file("a"), "old", 0600));
    struct stat info {};
    ASSERT_EQ(::stat(file("a").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    for (const auto op : {disk_operation::write, disk_operation::sync, disk_operation::rename}) {
        static disk_operation failing;
        failing = op;
        set_disk_fault([](disk_operation o) { return o == failing; });
        EXPECT_FALSE(write_file(file("a"), "new"));
        set_disk_fault(nullptr);
        EXPECT_EQ(read_file(file("a")), "old");
        EXPECT_EQ(files(), 1u) << "a temporary file was left behind";
    }
    ASSERT_TRUE(write_file(file("a"), "new"));
    EXPECT_EQ(read_file(file("a")), "new");
    EXPECT_EQ(read_file(file("a"), 2).error().code, errc::too_large);
    EXPECT_FALSE(read_file(file("none")));
}

TEST_F(durable, a_spool_keeps_small_content_in_memory_and_large_content_without_a_name) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{10}, spool::inline_limit, spool::inline_limit + 1, std::size_t{1'000'000}}) {
        spool s(dir_.path());
        std::string bytes;
        while (bytes.size() < size) bytes += static_cast<char>('a' + bytes.size() % 23);
        for (std::size_t at = 0; at < size; at += 7777) ASSERT_TRUE(s.append(std::string_view(bytes).substr(at, 7777)));
        ASSERT_TRUE(s.finish());
        EXPECT_EQ(s.is_inline(), size <= spool::inline_limit);
        EXPECT_EQ(s.view(), bytes);
        EXPECT_EQ(s.digest(), sha256(bytes));
        EXPECT_EQ(files(), 0u);
    }
}

TEST_F(durable, a_spool_that_gave_its_memory_back_reads_the_same) {
    for (const std::size_t size : {std::size_t{100}, spool::inline_limit + 1}) {
        spool s(dir_.path());
        const std::string bytes(size, 'x');
        ASSERT_TRUE(s.append(bytes));
        ASSERT_TRUE(s.finish());
        EXPECT_EQ(s.view(), bytes);
        s.release_pages();
        EXPECT_EQ(s.view(), bytes);
    }
}

TEST_F(durable, a_spool_gets_its_name_only_when_it_is_linked) {
    spool s(dir_.path());
    const std::string bytes(100'000, 'x');
    ASSERT_TRUE(s.append(bytes) && s.finish());
    ASSERT_TRUE(s.link(file("named")));
    ASSERT_TRUE(s.link(file("named"))) << "a name that exists holds the same content";
    EXPECT_EQ(read_file(file("named")), bytes);
}

TEST_F(durable, a_discarded_spool_still_knows_the_digest_of_everything) {
    spool s(dir_.path());
    std::string bytes(100'000, 'x');
    ASSERT_TRUE(s.append(bytes));
    s.discard();
    ASSERT_TRUE(s.append("rest") && s.finish());
    bytes.append("rest");
    EXPECT_EQ(s.digest(), sha256(bytes));
    EXPECT_TRUE(s.view().empty());
}

TEST(metrics, are_shown_as_prometheus_reads_them) {
    metrics_registry m;
    m.get_counter("truc_refused_total", "Refused", "code=\"not_xml\"").add(3);
    m.get_counter("truc_refused_total", "Refused", "code=\"schema\"").add();
    m.get_histogram("truc_commit_seconds", "Commits").record_us(70);
    m.add_gauge("truc_waiting", "Waiting", [] { return 5.0; });
    const auto page = m.expose();
    EXPECT_THAT(page, HasSubstr("# TYPE truc_refused_total counter\ntruc_refused_total{code=\"not_xml\"} "
                                "3\ntruc_refused_total{code=\"schema\"} 1\n"));
    EXPECT_THAT(page,
                HasSubstr("truc_commit_seconds_bucket{le=\"5e-05\"} 0\ntruc_commit_seconds_bucket{le=\"0.0001\"} 1\n"));
    EXPECT_THAT(
        page,
        HasSubstr(
            "truc_commit_seconds_bucket{le=\"+Inf\"} 1\ntruc_commit_seconds_sum 7e-05\ntruc_commit_seconds_count 1\n"));
    EXPECT_THAT(page, HasSubstr("truc_waiting 5\n"));
}

} // namespace
} // namespace truc
