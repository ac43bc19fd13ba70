// Each check of the doctor, made to say that something is wrong.
#include "../../../src/api/doctor_store.hpp"
#include "bare_request.hpp"
#include "small_store.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sqlite3.h>

namespace truc::api {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

bool is_complete(const finding& f) {
    const bool healthy = f.state == health::ok;
    return !f.check.empty() && !f.found.english.empty() && !f.found.vietnamese.empty() &&
           f.advice.english.empty() == healthy && f.advice.vietnamese.empty() == healthy;
}
health state_of(const finding& f) {
    EXPECT_TRUE(is_complete(f)) << f.check << ": " << f.found.english << " – " << f.advice.english;
    return f.state;
}

finding syncs_of(microseconds each) { return judge_syncs(std::vector<microseconds>(9, each)); }

TEST(doctor, knows_a_disk_that_lies_about_syncing_by_its_speed) {
    EXPECT_EQ(state_of(syncs_of(2us)), health::bad);
    EXPECT_EQ(state_of(syncs_of(30us)), health::warn);
    EXPECT_EQ(state_of(syncs_of(200us)), health::ok);
    EXPECT_EQ(state_of(syncs_of(8ms)), health::ok);
    EXPECT_EQ(state_of(syncs_of(80ms)), health::warn);
    EXPECT_EQ(state_of(judge_syncs({1us, 2us, 3ms, 4ms, 90ms})), health::ok) << "the median counts";
}

TEST(doctor, knows_file_systems_on_which_a_store_is_not_safe) {
    const auto on = [](const char* type, const char* options) {
        return state_of(judge_file_system(mounted_file_system{type, "/data", options}));
    };
    EXPECT_EQ(on("ext4", "rw,relatime"), health::ok);
    EXPECT_EQ(on("xfs", "rw"), health::ok);
    EXPECT_EQ(on("tmpfs", "rw"), health::bad);
    EXPECT_EQ(on("nfs4", "rw,vers=4.2"), health::bad);
    EXPECT_EQ(on("ext4", "rw,nobarrier"), health::bad);
    EXPECT_EQ(on("ext4", "rw,barrier=0"), health::bad);
    EXPECT_EQ(on("ext4", "ro"), health::bad);
    EXPECT_EQ(on("ext4", "rw,errors=remount-ro"), health::ok);
    EXPECT_EQ(on("overlay", "rw"), health::warn);
    EXPECT_EQ(state_of(judge_file_system(std::nullopt)), health::warn);
}

TEST(doctor, warns_of_a_disk_before_it_is_full) {
    constexpr std::uint64_t mib = 1 << 20;
    EXPECT_EQ(state_of(judge_space({8192 * mib, 16384 * mib, 256 * mib, true})), health::ok);
    EXPECT_EQ(state_of(judge_space({600 * mib, 16384 * mib, 256 * mib, true})), health::warn);
    EXPECT_EQ(state_of(judge_space({200 * mib, 16384 * mib, 256 * mib, true})), health::bad);
    EXPECT_EQ(state_of(judge_space({8192 * mib, 16384 * mib, 256 * mib, false})), health::bad);
}

TEST(doctor, looks_at_the_own_clock_and_at_those_of_neighbours) {
    EXPECT_EQ(state_of(judge_clock({true, 5ms})), health::ok);
    EXPECT_EQ(state_of(judge_clock({true, 2s})), health::warn);
    EXPECT_EQ(state_of(judge_clock({false, 5ms})), health::warn);
    const auto with = [](std::optional<milliseconds> offset) {
        neighbour_view n;
        n.name = "vpcp";
        n.clock_offset = offset;
        return judge_neighbour_clocks({n});
    };
    EXPECT_EQ(state_of(with(std::nullopt)), health::ok);
    EXPECT_EQ(state_of(with(-300ms)), health::ok);
    EXPECT_EQ(state_of(with(-3s)), health::warn);
    EXPECT_EQ(state_of(with(90s)), health::bad);
    EXPECT_NE(with(-3s).found.english.find("vpcp (-3000 ms)"), std::string::npos);
}

TEST(doctor, names_neighbours_that_are_not_connected) {
    neighbour_view up, down;
    up.name = "vpcp";
    up.connected = true;
    down.name = "thuannam";
    down.last_error = "refused";
    EXPECT_EQ(state_of(judge_neighbours({up})), health::ok);
    EXPECT_EQ(state_of(judge_neighbours({})), health::ok);
    EXPECT_EQ(state_of(judge_neighbours({up, down})), health::warn);
    EXPECT_EQ(state_of(judge_neighbours({down})), health::bad);
    EXPECT_NE(judge_neighbours({down}).found.english.find("thuannam (refused)"), std::string::npos);
    EXPECT_NE(judge_neighbours({down}).advice.english.find("`truc node ping NODE`"), std::string::npos);
}

TEST(doctor, wants_the_holidays_of_this_year_and_in_december_those_of_the_next) {
    const auto calendar = *working_calendar::parse("2026-01-01", "h");
    const auto on = [&](const char* when) { return state_of(judge_calendar(calendar, *from_rfc3339(when))); };
    EXPECT_EQ(on("2026-11-30T12:00:00+07:00"), health::ok);
    EXPECT_EQ(on("2026-12-01T00:00:00+07:00"), health::warn);
    EXPECT_EQ(on("2027-01-01T00:00:00+07:00"), health::warn);
    EXPECT_EQ(state_of(judge_calendar({}, *from_rfc3339("2026-11-30T12:00:00+07:00"))), health::warn);
}

TEST(doctor, tells_what_the_certificate_that_ends_first_will_stop) {
    const auto now = *from_rfc3339("2026-11-22T12:00:00+07:00");
    const auto with = [&](milliseconds left) {
        certificate_term t;
        t.use = certificate_use::node;
        t.what.ends = now + left;
        return judge_certificates({t}, "ninhthuan", now);
    };
    EXPECT_EQ(state_of(with(40 * 24h)), health::ok);
    EXPECT_EQ(state_of(with(20 * 24h)), health::warn);
    EXPECT_EQ(state_of(with(12h)), health::bad);
    EXPECT_EQ(state_of(with(-1h)), health::bad);
    EXPECT_NE(with(-1h).found.english.find("ninhthuan can sign nothing"), std::string::npos);
}

TEST(doctor, names_what_waits_for_a_person) {
    EXPECT_EQ(state_of(judge_held(0, 0)), health::ok);
    EXPECT_EQ(state_of(judge_held(1, 0)), health::warn);
    EXPECT_EQ(state_of(judge_held(0, 1)), health::warn);
    EXPECT_EQ(state_of(judge_alarms({})), health::ok);
    EXPECT_EQ(state_of(judge_alarms({{"clock_skew", "vpcp", "", {}, {}, 1}})), health::warn);
    EXPECT_NE(judge_alarms({{"clock_skew", "vpcp", "", {}, {}, 1}}).found.english.find("clock_skew (vpcp)"),
              std::string::npos);
}

/// No neighbours but those that the test names.
class few_neighbours final : public neighbourhood {
  public:
    std::vector<neighbour_view> neighbours() const override { return all; }
    void ping(const std::string& name, ping_completion done) override { done(fail(errc::not_found, name)); }
    std::vector<neighbour_view> all;
};

class doctor_of_a_node : public testing::Test {
  protected:
    static intake::surroundings empty() {
        return {std::make_shared<const directory::directory>(*directory::directory::parse("", "none")), nullptr};
    }
    examined now(bool deep = false) const { return {services_, upkeep_, deep}; }
    void fill() {
        for (int i = 0; i < 5; ++i) ASSERT_TRUE(store_.accept(fmt::format("<a n='{}'/>", i)));
    }
    void change(const char* sql) {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open((store_.directory() / "truc.db").c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
        sqlite3_close(db);
    }

    test::small_store store_;
    metrics_registry metrics_;
    alarm_board alarms_;
    intake::pipeline pipeline_{{&*store_, nullptr, "ninhthuan", &store_.clock(), &metrics_}, empty()};
    deliver::inbox inbox_{*store_, store_.clock()};
    deliver::waiting_room waiting_;
    net::work_pool pool_{1};
    few_neighbours neighbours_;
    services services_{*store_,
                       pipeline_,
                       inbox_,
                       waiting_,
                       pool_,
                       metrics_,
                       store_.clock(),
                       "ninhthuan",
                       {std::shared_ptr<const trust::certificate_store>(), &store_.authorities()},
                       [] { return result<void>(); },
                       {},
                       &alarms_,
                       nullptr,
                       &neighbours_,
                       nullptr,
                       nullptr,
                       {}};
    deliver::legal_clocks clocks_{{&*store_, &store_.clock(), &alarms_, {}}};
    certificate_watch certificates_{{"ninhthuan",
                                     {},
                                     &*store_,
                                     &store_.clock(),
                                     &alarms_,
                                     [this] { return pipeline_.current_directory(); },
                                     [] { return std::vector<std::shared_ptr<const trust::trusted_certificate>>(); }}};
    std::uint64_t keep_free_ = 1 << 20;
    upkeep upkeep_{&certificates_, &clocks_, store_.directory(), [this] { return keep_free_; }};
};

TEST_F(doctor_of_a_node, finds_a_sound_store_sound) {
    fill();
    for (const bool deep : {false, true}) {
        EXPECT_EQ(state_of(examine_database(now(deep))), health::ok);
        EXPECT_EQ(state_of(examine_ledger(now(deep))), health::ok);
        EXPECT_EQ(state_of(examine_contents(now(deep))), health::ok);
        EXPECT_EQ(state_of(examine_held(now(deep))), health::ok);
        EXPECT_EQ(state_of(examine_restored(now(deep))), health::ok);
    }
}

TEST_F(doctor_of_a_node, finds_a_flipped_byte_in_a_content_file) {
    const auto accepted = store_.accept(std::string(100'000, 'x'));
    ASSERT_TRUE(accepted);
    EXPECT_EQ(state_of(examine_contents(now())), health::ok);
    const auto hex = accepted->sha256.hex();
    const auto file = store_.directory() / "content" / hex.substr(0, 2) / hex;
    const auto time = std::filesystem::last_write_time(file);
    {
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(50'000);
        bytes << 'y';
    }
    std::filesystem::last_write_time(file, time); // as a disk does it: without a trace
    const auto found = examine_contents(now());
    EXPECT_EQ(state_of(found), health::bad);
    EXPECT_NE(found.found.english.find(hex), std::string::npos);
    EXPECT_EQ(state_of(examine_contents(now(true))), health::bad);
}

TEST_F(doctor_of_a_node, finds_every_missing_file_without_reading_all) {
    const auto first = store_.accept(std::string(100'000, 'x'));
    ASSERT_TRUE(first);
    for (int i = 0; i < 80; ++i) ASSERT_TRUE(store_.accept(fmt::format("<a n='{}'/>", i)));
    const auto found = examine_contents(now()).found.english;
    EXPECT_NE(found.find(" of 81 contents were read"), std::string::npos) << found;
    EXPECT_NE(found.find("--deep"), std::string::npos) << found;
    EXPECT_NE(examine_contents(now(true)).found.english.find("81 of 81"), std::string::npos);
    const auto hex = first->sha256.hex();
    std::filesystem::remove(store_.directory() / "content" / hex.substr(0, 2) / hex);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(state_of(examine_contents(now())), health::bad);
    EXPECT_NE(examine_contents(now()).found.english.find("1 of 81"), std::string::npos);
}

TEST_F(doctor_of_a_node, finds_a_changed_event) {
    fill();
    change("UPDATE event SET xml = replace(xml, '000.00.12.H43', '000.00.13.H43') WHERE leaf = 2");
    const auto found = examine_ledger(now());
    EXPECT_EQ(state_of(found), health::bad);
    EXPECT_NE(found.found.english.find(store_->log().str() + ".2"), std::string::npos) << found.found.english;
    EXPECT_EQ(state_of(examine_ledger(now(true))), health::bad);
}

TEST_F(doctor_of_a_node, finds_a_missing_event) {
    fill();
    change("DELETE FROM event WHERE leaf = 3");
    EXPECT_EQ(state_of(examine_ledger(now())), health::bad);
}

TEST_F(doctor_of_a_node, tells_what_a_restored_copy_lacks_as_neighbours_know_it) {
    fill();
    EXPECT_NE(examine_restored(now()).found.english.find("never"), std::string::npos);
    change("INSERT INTO former_log (epoch, size, head) VALUES (0, 3, '')");
    EXPECT_EQ(state_of(examine_restored(now())), health::warn) << "what was submitted after it nobody knows";
    EXPECT_NE(examine_restored(now()).advice.english.find("known to nobody"), std::string::npos);
    change(("UPDATE former_log SET head = '" + store_->head_xml() + "'").c_str());
    EXPECT_NE(examine_restored(now()).found.english.find("which ends at 20"), std::string::npos);
    change("INSERT INTO told_size (log, neighbour, size) VALUES ('ninhthuan.0', 'vpcp', 10)");
    const auto found = examine_restored(now());
    EXPECT_EQ(state_of(found), health::warn);
    alarms_.raise("lost_in_restore", "vpcp", "");
    alarms_.raise("lost_in_restore", "vpcp", "");
    EXPECT_NE(examine_restored(now()).found.english.find("vpcp has evidence of 2 documents"), std::string::npos);
    EXPECT_NE(found.found.english.find("7 events of ninhthuan.0 came after the copy"), std::string::npos)
        << found.found.english;
}

TEST_F(doctor_of_a_node, finds_a_disk_that_has_no_room_for_new_documents) {
    const auto space = [this] {
        const auto all = examine(now());
        return *std::find_if(all.begin(), all.end(), [](const finding& f) { return f.check == "space"; });
    };
    EXPECT_EQ(state_of(space()), health::ok);
    store_->keep_free(std::uint64_t{1} << 60);
    keep_free_ = std::uint64_t{1} << 60;
    EXPECT_EQ(state_of(space()), health::bad);
    EXPECT_NE(space().found.english.find("below 1073741824 GiB"), std::string::npos) << space().found.english;
}

TEST_F(doctor_of_a_node, tells_all_checks_by_name_in_the_language_that_is_asked_for) {
    fill();
    alarms_.raise("clock_skew", "vpcp", "it differs");
    http::request_head head;
    head.path = {"admin", "doctor"};
    head.fields = {{"Accept-Language", "vi"}};
    const auto answered = show_doctor(services_, upkeep_, head);
    ASSERT_TRUE(answered);
    const auto told = json::parse(answered->body).as_object();
    std::set<std::string> names;
    for (const auto& c : told.at("checks").as_array()) names.emplace(c.at("check").as_string());
    EXPECT_EQ(names, (std::set<std::string>{"sync", "file_system", "space", "clock", "neighbour_clocks", "calendar",
                                            "certificates", "neighbours", "database", "ledger", "contents", "held",
                                            "restored", "alarms"}));
    EXPECT_NE(told.at("state"), "ok") << "an alarm is raised";
    EXPECT_NE(answered->body.find("Không có lượt giao bị giữ"), std::string::npos);
    head.query = {{"deep", "perhaps"}};
    EXPECT_EQ(show_doctor(services_, upkeep_, head).error().code, errc::bad_request);
}

TEST_F(doctor_of_a_node, judges_nothing_that_only_a_running_node_knows_when_it_does_not_run) {
    neighbour_view away;
    away.name = "vpcp";
    away.clock_offset = 90s;
    neighbours_.all = {away};
    alarms_.raise("clock_skew", "vpcp", "it differs");
    const auto unsound = [this] {
        std::set<std::string_view> names;
        for (const auto& f : examine(now()))
            if (state_of(f) != health::ok) names.insert(f.check);
        return names;
    };
    const std::set<std::string_view> about_others = {"neighbours", "neighbour_clocks", "alarms"};
    const auto running = unsound();
    EXPECT_TRUE(std::includes(running.begin(), running.end(), about_others.begin(), about_others.end()));
    upkeep_.runs = false;
    auto stopped = unsound();
    for (const auto& name : about_others) EXPECT_FALSE(stopped.contains(name)) << name;
    stopped.insert(about_others.begin(), about_others.end());
    EXPECT_EQ(stopped, running) << "all else is examined";
    for (const auto& f : examine(now()))
        EXPECT_EQ(f.found.english.ends_with("the node is not running."), about_others.contains(f.check)) << f.check;
}

TEST_F(doctor_of_a_node, goes_on_when_a_check_itself_fails) {
    upkeep_.data_dir = "/nowhere/at/all";
    std::size_t failed = 0;
    const auto all = examine(now());
    for (const auto& f : all)
        if (f.found.english.starts_with("This could not be examined")) ++failed;
    EXPECT_EQ(all.size(), 14u);
    EXPECT_EQ(failed, 2u) << "sync and space";
}

} // namespace
} // namespace truc::api
