// What waits in the outbox of a hot folder.
#include "folder_fixture.hpp"
#include "tdoffice/folder.hpp"

#include <sys/stat.h>

#include <thread>
#include <unistd.h>

namespace truc::tdoffice {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using stage = adapter::outgoing_report::stage;

TEST_F(folder, a_document_that_is_written_in_place_waits_until_nobody_writes) {
    const auto whole = document();
    write(out("X.edxml"), whole.substr(0, 100));
    EXPECT_THAT(keys_now(), IsEmpty());
    clock_.pass(o_.settle);
    write(out("X.edxml"), whole); // went on just in time
    EXPECT_THAT(keys_now(), IsEmpty());
    clock_.pass(o_.settle);
    EXPECT_THAT(keys_now(), ElementsAre(key("X.edxml", whole)));
    EXPECT_EQ(outbox_->load(key("X.edxml", whole)).value(), whole);
}

TEST_F(folder, half_a_document_waits_longer_and_is_then_somebodys_fault) {
    const auto half = document().substr(0, 300);
    write(out("X.edxml"), half);
    EXPECT_THAT(keys(), IsEmpty());
    clock_.pass(o_.unfinished);
    EXPECT_THAT(keys_now(), ElementsAre(key("X.edxml", half)));
    tell(about(key("X.edxml", half), stage::refused));
    EXPECT_THAT(keys(), IsEmpty());
    write(out("X.edxml"), document()); // its writer comes back
    EXPECT_THAT(keys(), ElementsAre(key("X.edxml", document())));
}

TEST_F(folder, a_document_that_comes_by_rename_is_taken_at_once) {
    EXPECT_THAT(keys_now(), IsEmpty()); // begins to watch
    write(out("X.tmp"), document());
    fs::rename(out("X.tmp"), out("X.edxml"));
    outbox_->wait(std::chrono::seconds(10));
    EXPECT_THAT(keys_now(), ElementsAre(key("X.edxml", document())));
}

TEST_F(folder, what_is_renamed_from_another_directory_is_taken_at_once) {
    EXPECT_THAT(keys_now(), IsEmpty());
    write(home_.path() / "X.edxml", document());
    fs::rename(home_.path() / "X.edxml", out("X.EDXML"));
    outbox_->wait(std::chrono::seconds(10));
    EXPECT_THAT(keys_now(), ElementsAre(key("X.EDXML", document())));
}

TEST_F(folder, other_names_are_nobodys_business) {
    for (const auto* name : {"X.xml", ".X.edxml", "X.edxml.part", "X.edxml~", ".edxml", "X.done", "Y.err"})
        write(out(name), document());
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(folder, the_oldest_come_first_and_no_more_than_asked_for) {
    for (const auto* name : {"c.edxml", "a.edxml", "b.edxml"}) write(out(name), document(name));
    const auto age = [this](const char* name, int hours) {
        fs::last_write_time(out(name), fs::file_time_type::clock::now() - std::chrono::hours(hours));
    };
    age("c.edxml", 3), age("a.edxml", 2), age("b.edxml", 1);
    ASSERT_TRUE(outbox_->list(2));
    clock_.pass(o_.settle);
    const auto two = outbox_->list(2).value();
    ASSERT_THAT(two, SizeIs(2));
    EXPECT_EQ(two[0].label, "c.edxml");
    EXPECT_EQ(two[1].label, "a.edxml");
}

TEST_F(folder, a_directory_that_is_away_only_delays) {
    fs::rename(o_.outbox, home_.path() / "unmounted");
    const auto listed = outbox_->list(1);
    ASSERT_FALSE(listed);
    EXPECT_TRUE(describe(listed.error().code).retryable);
    outbox_->wait(std::chrono::milliseconds(1));
    fs::rename(home_.path() / "unmounted", o_.outbox);
    write(out("X.edxml"), document());
    EXPECT_THAT(keys(), ElementsAre(key("X.edxml", document())));
}

TEST_F(folder, links_and_what_is_no_file_are_refused_without_a_look) {
    write(home_.path() / "secret", document());
    fs::create_symlink(home_.path() / "secret", out("link.edxml"));
    fs::create_directory(out("dir.edxml"));
    ASSERT_EQ(::mkfifo(out("pipe.edxml").c_str(), 0600), 0);
    const auto all = keys();
    ASSERT_THAT(all, SizeIs(3));
    for (const auto& k : all) {
        const auto loaded = outbox_->load(k);
        ASSERT_FALSE(loaded) << k;
        EXPECT_EQ(loaded.error().code, errc::record_invalid);
        EXPECT_THAT(explain(loaded.error(), language::vietnamese), HasSubstr("không phải tệp thông thường"));
        tell(about(k, stage::refused));
    }
    EXPECT_THAT(keys(), IsEmpty());
    EXPECT_THAT(text(out("link.err")), HasSubstr("link.edxml CHƯA được gửi"));
}

TEST_F(folder, a_file_that_is_too_large_is_refused_without_being_read) {
    write(out("X.edxml"), std::string(o_.largest + 1, ' '));
    const auto k = only_key();
    EXPECT_EQ(outbox_->load(k).error().code, errc::too_large);
    tell(about(k, stage::refused));
    EXPECT_THAT(keys(), IsEmpty());
    write(out("X.edxml"), document());
    EXPECT_THAT(keys(), ElementsAre(key("X.edxml", document())));
}

TEST_F(folder, a_file_that_may_not_be_read_is_refused_until_it_may) {
    if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
    write(out("X.edxml"), document());
    fs::permissions(out("X.edxml"), fs::perms::none);
    const auto k = only_key();
    EXPECT_EQ(outbox_->load(k).error().code, errc::record_invalid);
    tell(about(k, stage::refused));
    fs::permissions(out("X.edxml"), fs::perms::owner_read);
    EXPECT_THAT(keys(), ElementsAre(key("X.edxml", document())));
}

TEST_F(folder, names_that_no_share_can_hold_are_refused) {
    for (const auto& name : {std::string("a\nb.edxml"), std::string("a\xFF.edxml"), std::string(220, 'x') + ".edxml"})
        write(out(name), document());
    const auto all = keys();
    ASSERT_THAT(all, SizeIs(3));
    for (const auto& k : all) {
        EXPECT_THAT(k, Not(HasSubstr("\n")));
        EXPECT_EQ(outbox_->load(k).error().code, errc::record_invalid);
        tell(about(k, stage::refused));
    }
    EXPECT_THAT(keys(), IsEmpty());
    restart();
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(folder, of_names_that_differ_in_case_only_the_first_is_sent) {
    write(out("X.edxml"), document("1"));
    EXPECT_THAT(keys(), ElementsAre(key("X.edxml", document("1"))));
    write(out("x.EDXML"), document("2"));
    const auto all = keys();
    ASSERT_THAT(all, SizeIs(2));
    const auto clash = all[0] == key("X.edxml", document("1")) ? all[1] : all[0];
    EXPECT_EQ(outbox_->load(clash).error().code, errc::record_invalid);
    tell(about(clash, stage::refused));
    EXPECT_THAT(text(out("x.EDXML.err")), HasSubstr("x.EDXML CHƯA được gửi"));
    EXPECT_THAT(keys(), ElementsAre(key("X.edxml", document("1"))));

    tell(about(key("X.edxml", document("1")), stage::accepted));
    EXPECT_THAT(keys(), ElementsAre(key("x.EDXML", document("2")))); // the way is free
    tell(about(key("x.EDXML", document("2")), stage::accepted, second_id));
    EXPECT_FALSE(fs::exists(out("x.EDXML.err")));
    EXPECT_EQ(text(sent("X.edxml")), document("1"));
    EXPECT_EQ(text(sent("x.EDXML")), document("2"));
}

TEST_F(folder, what_changed_or_went_since_it_was_listed_is_not_loaded) {
    write(out("X.edxml"), document("1"));
    const auto k = only_key();
    write(out("X.edxml"), document("22"));
    EXPECT_EQ(outbox_->load(k).error().code, errc::not_found);
    fs::remove(out("X.edxml"));
    EXPECT_EQ(outbox_->load(k).error().code, errc::not_found);
}

TEST_F(folder, a_key_can_be_loaded_after_a_restart_without_a_list) {
    write(out("X.edxml"), document());
    const auto k = only_key();
    restart();
    EXPECT_EQ(outbox_->load(k).value(), document());
}

TEST(folder_configuration, is_read_and_faults_are_told) {
    const test::temporary_directory home;
    const auto fault = [&](const std::string& text) {
        write(home.path() / "c.toml", text);
        auto s = settings::load(home.path() / "c.toml", "conf/truc-adapter.toml").value();
        metrics_registry metrics;
        const adapter::adapter_context context{"x", {}, home.path(), system_clock(), metrics};
        const auto system = make_folder(s.table("folder"), context);
        EXPECT_TRUE(system.outbox && system.inbox);
        const auto good = s.finish();
        return good ? std::string() : good.error().what;
    };
    EXPECT_EQ(fault("[folder]\noutbox='out'\ninbox='in'\nscan_seconds=1\nsettle_seconds=1\nunfinished_seconds="
                    "5\nunpack_attachments=true"),
              "");
    EXPECT_THAT(fault("[folder]\noutbox='out'"), HasSubstr("folder.inbox is missing"));
    EXPECT_THAT(fault("[folder]\noutbox='out'\ninbox='out'"), HasSubstr("another directory than the outbox"));
    EXPECT_THAT(fault("[folder]\noutbox='out'\ninbox='in'\nscan_seconds=0"), HasSubstr("scan_seconds"));
    EXPECT_THAT(fault("[folder]\noutbox='out'\ninbox='in'\nscam_seconds=1"), HasSubstr("scam_seconds"));
}

} // namespace
} // namespace truc::tdoffice
