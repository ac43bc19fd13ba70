#include "edxml_builder.hpp"
#include "tdoffice/directory_watch.hpp"
#include "tdoffice/folder.hpp"
#include "tdoffice/folder_inbox.hpp"
#include "tdoffice/folder_outbox.hpp"
#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>
#include <unistd.h>

namespace truc::tdoffice {
namespace {

namespace fs = std::filesystem;
using adapter::incoming_item;
using adapter::outgoing_report;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using stage = outgoing_report::stage;

class hand_clock : public clock {
  public:
    timestamp now() const override { return now_; }
    void pass(milliseconds m) { now_ += m; }

  private:
    timestamp now_ = *from_rfc3339("2026-11-21T08:30:00.000+07:00");
};

void write(const fs::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

std::vector<std::string> names_in(const fs::path& dir) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir)) names.push_back(entry.path().filename().string());
    return names;
}

class folder : public testing::Test {
  protected:
    folder() {
        o_.outbox = home_.path() / "outbox";
        o_.inbox = home_.path() / "inbox";
        o_.largest = 100'000;
        fs::create_directory(o_.outbox);
        fs::create_directory(o_.inbox);
        restart();
    }
    ~folder() override { set_disk_fault(nullptr); }

    /// As after a crash: nothing is remembered.
    void restart() {
        outbox_ = std::make_unique<folder_outbox>(o_, clock_);
        inbox_ = std::make_unique<folder_inbox>(o_, clock_);
    }

    fs::path out(const std::string& name) const { return o_.outbox / name; }
    fs::path sent(const std::string& name) const { return o_.outbox / "sent" / name; }
    fs::path in(const std::string& name) const { return o_.inbox / name; }
    static std::string text(const fs::path& path) {
        auto read = read_file(path);
        return read ? *read : "nothing at " + path.string();
    }
    static std::string document(const std::string& number = "315") {
        test::edxml_document d;
        d.number = number;
        return build(d);
    }

    /// What is listed once nobody has written for long enough.
    std::vector<std::string> keys() {
        if (!outbox_->list(100)) return {"error"};
        clock_.pass(o_.settle);
        return keys_now();
    }
    std::vector<std::string> keys_now() {
        std::vector<std::string> all;
        const auto items = outbox_->list(100);
        if (!items) return {"error"};
        for (const auto& i : *items) all.push_back(i.key);
        return all;
    }
    std::string only_key() {
        const auto all = keys();
        return all.size() == 1 ? all.front() : "not one";
    }
    static std::string key(const std::string& name, const std::string& content) {
        return name + "#" + sha256(content).hex();
    }
    outgoing_report about(const std::string& key, stage reached, const std::string& id = first_id) const {
        outgoing_report r{key, reached, id, {}, {}, {}, clock_.now()};
        if (reached == stage::refused) r.dispatch_id = {}, r.code = "schema", r.text = "Thiếu Subject (dòng 4)";
        if (reached == stage::handed_over || reached == stage::failed) r.recipient = "000.00.12.H43";
        if (reached == stage::failed) r.code = "expired", r.text = "Hết hạn";
        return r;
    }
    void tell(const outgoing_report& r) {
        const auto told = outbox_->report(r);
        EXPECT_TRUE(told) << told.error().what;
    }

    incoming_item item(bool perhaps_there = false) const {
        incoming_item i;
        i.delivery_id = *uuid::parse("0199f000-0000-7000-8000-00000000abcd");
        i.dispatch_id = *uuid::parse("019a9fb5-9d80-7000-8000-000000000001"); // 2025-11-20 in Vietnam
        i.document_id = "000.00.00.H43,2024/03/05,315/UBND-VPĐT";
        i.edxml = document();
        i.perhaps_there = perhaps_there;
        return i;
    }

    static constexpr const char* first_id = "019a9fb5-9d80-7000-8000-000000000001";
    static constexpr const char* second_id = "019a9fb5-9d80-7000-8000-000000000002";
    test::temporary_directory home_;
    folder_options o_;
    hand_clock clock_;
    std::unique_ptr<folder_outbox> outbox_;
    std::unique_ptr<folder_inbox> inbox_;
};

// --- what waits ---

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

// --- answers ---

TEST_F(folder, what_was_sent_gets_its_note_and_moves) {
    write(out("X.edxml"), document());
    const auto k = only_key();
    tell(about(k, stage::accepted));
    const auto note = text(out("X.done"));
    EXPECT_THAT(note, HasSubstr("X.edxml (số 315/UBND-VP)\r\n"));
    EXPECT_EQ(dispatch_in(note), first_id);
    EXPECT_EQ(key_in(note), k);
    EXPECT_THAT(note, HasSubstr("21/11/2026 08:30:0"));
    EXPECT_EQ(text(sent("X.edxml")), document());
    EXPECT_FALSE(fs::exists(out("X.edxml")));
    EXPECT_THAT(keys(), IsEmpty());
    EXPECT_THAT(names_in(o_.outbox), UnorderedElementsAre("X.done", "sent"));
    EXPECT_THAT(names_in(o_.outbox / "sent"), ElementsAre("X.edxml"));
}

TEST_F(folder, each_recipient_gets_a_line_once) {
    write(out("X.edxml"), document());
    const auto k = only_key();
    tell(about(k, stage::accepted));
    const auto handed = about(k, stage::handed_over);
    auto failed = about(k, stage::failed);
    failed.recipient = "000.00.13.H43";
    for (const auto& r : {handed, handed, failed, about(k, stage::accepted)}) tell(r);
    const auto note = text(out("X.done"));
    EXPECT_THAT(note, HasSubstr("000.00.12.H43: đã nhận lúc 21/11/2026"));
    EXPECT_EQ(note.find("000.00.12.H43"), note.rfind("000.00.12.H43"));
    EXPECT_THAT(note, HasSubstr("000.00.13.H43: KHÔNG đến nơi"));
    EXPECT_THAT(note, HasSubstr("Hết hạn [expired]"));
}

TEST_F(folder, the_story_goes_on_beside_the_document_when_the_note_was_taken_away) {
    write(out("X.edxml"), document());
    const auto k = only_key();
    tell(about(k, stage::accepted));
    fs::remove(out("X.done"));
    tell(about(k, stage::accepted)); // told again: it is not put there a second time
    EXPECT_FALSE(fs::exists(out("X.done")));
    tell(about(k, stage::handed_over));
    EXPECT_FALSE(fs::exists(out("X.done")));
    const auto note = text(sent("X." + std::string(first_id) + ".done"));
    EXPECT_EQ(dispatch_in(note), first_id);
    EXPECT_THAT(note, HasSubstr("đã nhận"));
}

TEST_F(folder, what_cannot_be_sent_says_what_to_correct) {
    write(out("X.edxml"), document());
    const auto k = only_key();
    tell(about(k, stage::refused));
    const auto note = text(out("X.err"));
    for (const auto* part :
         {"Văn bản X.edxml (số 315/UBND-VP) CHƯA được gửi.", "Lỗi: Thiếu Subject (dòng 4)",
          "sửa lỗi trên rồi lưu lại tệp X.edxml", "xóa tệp X.err", "Mã lỗi: schema", "Thời điểm: 21/11/2026 08:30:0"})
        EXPECT_THAT(note, HasSubstr(part));
    EXPECT_TRUE(fs::exists(out("X.edxml")));
    EXPECT_THAT(keys(), IsEmpty());
    restart();
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(folder, a_refused_document_is_tried_anew_when_it_changes) {
    write(out("X.edxml"), document("1"));
    tell(about(only_key(), stage::refused));
    write(out("X.edxml"), document("2"));
    const auto k = only_key();
    EXPECT_EQ(k, key("X.edxml", document("2")));
    tell(about(k, stage::accepted));
    EXPECT_FALSE(fs::exists(out("X.err")));
    EXPECT_TRUE(fs::exists(out("X.done")));
}

TEST_F(folder, a_refused_document_is_tried_anew_when_the_error_file_is_deleted) {
    write(out("X.edxml"), document());
    const auto k = only_key();
    tell(about(k, stage::refused));
    EXPECT_THAT(keys(), IsEmpty());
    fs::remove(out("X.err"));
    outbox_->wait(std::chrono::seconds(10)); // the deletion is noticed
    EXPECT_THAT(keys_now(), ElementsAre(k));
}

TEST_F(folder, an_error_about_what_is_gone_or_changed_says_nothing) {
    write(out("X.edxml"), document("1"));
    const auto k = only_key();
    write(out("X.edxml"), document("2"));
    tell(about(k, stage::refused));
    EXPECT_FALSE(fs::exists(out("X.err")));
    fs::remove(out("X.edxml"));
    tell(about(k, stage::refused));
    EXPECT_FALSE(fs::exists(out("X.err")));
}

TEST_F(folder, the_same_document_again_is_answered_again) {
    write(out("X.edxml"), document());
    const auto k = only_key();
    tell(about(k, stage::accepted));
    fs::remove(out("X.done"));
    write(out("X.edxml"), document());
    EXPECT_THAT(keys(), ElementsAre(k)); // the journal knows it
    tell(about(k, stage::accepted));
    EXPECT_EQ(dispatch_in(text(out("X.done"))), first_id);
    EXPECT_FALSE(fs::exists(out("X.edxml")));
    EXPECT_THAT(names_in(o_.outbox / "sent"), ElementsAre("X.edxml"));
}

TEST_F(folder, another_document_of_the_same_name_is_another_document) {
    write(out("X.edxml"), document("1"));
    const auto first = only_key();
    tell(about(first, stage::accepted));
    write(out("X.edxml"), document("2"));
    const auto second = only_key();
    EXPECT_NE(first, second);
    tell(about(second, stage::accepted, second_id));
    EXPECT_EQ(dispatch_in(text(out("X.done"))), second_id);
    const auto old_note = "X." + std::string(first_id) + ".done";
    EXPECT_EQ(dispatch_in(text(sent(old_note))), first_id);
    EXPECT_EQ(text(sent("X.edxml")), document("1"));
    EXPECT_EQ(text(sent("X." + std::string(second_id) + ".edxml")), document("2"));

    tell(about(first, stage::handed_over)); // evidence about the first comes late
    EXPECT_THAT(text(out("X.done")), Not(HasSubstr("đã nhận")));
    EXPECT_THAT(text(sent(old_note)), HasSubstr("đã nhận"));
}

TEST_F(folder, a_document_that_came_in_the_place_of_a_sent_one_stays) {
    write(out("X.edxml"), document("1"));
    const auto k = only_key();
    write(out("X.edxml"), document("2")); // while the first was on its way
    tell(about(k, stage::accepted));
    EXPECT_EQ(dispatch_in(text(out("X.done"))), first_id);
    EXPECT_THAT(keys(), ElementsAre(key("X.edxml", document("2"))));
}

TEST_F(folder, a_move_that_a_crash_cut_short_is_finished) {
    write(out("X.edxml"), document());
    const auto k = only_key();
    fs::create_directory(o_.outbox / "sent");
    const auto moving = sent(".X." + std::string(first_id) + ".moving");
    fs::rename(out("X.edxml"), moving);
    restart();
    tell(about(k, stage::accepted));
    EXPECT_EQ(text(sent("X.edxml")), document());
    EXPECT_FALSE(fs::exists(moving));
}

TEST_F(folder, what_was_moved_by_mistake_comes_back) {
    write(out("X.edxml"), document("1"));
    const auto k = only_key();
    fs::create_directory(o_.outbox / "sent");
    write(sent(".X." + std::string(first_id) + ".moving"), document("2"));
    fs::remove(out("X.edxml"));
    tell(about(k, stage::accepted));
    EXPECT_THAT(keys(), ElementsAre(key("X.edxml", document("2"))));

    write(sent(".X." + std::string(first_id) + ".moving"), document("3")); // and its name is taken by now
    tell(about(k, stage::accepted));
    EXPECT_THAT(keys(), UnorderedElementsAre(key("X.edxml", document("2")),
                                             key("X." + std::string(first_id) + ".edxml", document("3"))));
}

TEST_F(folder, a_failing_disk_only_delays_answers) {
    for (const auto op :
         {disk_operation::write, disk_operation::sync, disk_operation::rename, disk_operation::sync_directory}) {
        static disk_operation failing;
        static int left;
        failing = op;
        for (int n = 0; n < 8; ++n) {
            const auto number = std::to_string(static_cast<int>(op) * 10 + n + 1);
            const auto name = number + ".edxml";
            write(out(name), document(number));
            const auto accepted = about(key(name, document(number)), stage::accepted);
            left = n;
            set_disk_fault([](disk_operation o) { return o == failing && left-- == 0; });
            const auto told = outbox_->report(accepted);
            set_disk_fault(nullptr);
            if (!told) {
                EXPECT_TRUE(describe(told.error().code).retryable) << told.error().what;
                restart();
                tell(accepted);
            }
            EXPECT_EQ(dispatch_in(text(out(number + ".done"))), first_id) << number;
            EXPECT_EQ(text(sent(name)), document(number));
            EXPECT_FALSE(fs::exists(out(name)));
        }
    }
}

TEST_F(folder, waiting_ends_when_told_so_and_at_the_time_of_the_next_scan) {
    o_.scan = milliseconds(20);
    restart();
    const auto begin = std::chrono::steady_clock::now();
    outbox_->wait(std::chrono::hours(1));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
    o_.scan = std::chrono::hours(1);
    restart();
    std::thread other([this] { outbox_->interrupt(); });
    outbox_->wait(std::chrono::hours(1));
    other.join();
}

// --- what comes ---

TEST_F(folder, a_delivery_appears_whole_under_a_name_with_its_id) {
    const auto name = inbox_->deliver(item()).value();
    EXPECT_EQ(name, "20251120-315-UBND-VPDT-0199f000-0000-7000-8000-00000000abcd.edxml");
    EXPECT_EQ(text(in(name)), document());
    EXPECT_THAT(names_in(o_.inbox), UnorderedElementsAre(name, ".truc"));
}

TEST_F(folder, a_status_is_called_one) {
    auto i = item();
    i.kind = dispatch_kind::status;
    EXPECT_THAT(inbox_->deliver(i).value(), testing::StartsWith("20251120-trang-thai-315-UBND-VPDT-0199"));
}

TEST_F(folder, hostile_document_ids_make_harmless_names) {
    for (const auto* id : {"../../etc/passwd", "a\\b:c*?\"<>|", "", "\xFF\xFE", "a,b,../../x"}) {
        auto i = item();
        i.document_id = id;
        i.delivery_id = uuid::make(clock_.now());
        const auto name = inbox_->deliver(i).value();
        EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."),
                  std::string::npos);
        EXPECT_EQ(text(in(name)), document());
    }
}

TEST_F(folder, what_is_there_is_not_delivered_again) {
    const auto name = inbox_->deliver(item()).value();
    const auto again = [&] {
        restart();
        return inbox_->deliver(item(true)).value();
    };
    EXPECT_EQ(again(), name);
    fs::create_directory(in("read"));
    fs::rename(in(name), in("read") / name);
    EXPECT_EQ(again(), name);
    fs::remove(in("read") / name); // the legacy system has taken it away
    EXPECT_EQ(again(), name);
    EXPECT_FALSE(fs::exists(in(name)));
}

TEST_F(folder, a_renamed_file_is_recognised_even_without_our_marks) {
    const auto name = inbox_->deliver(item()).value();
    fs::remove_all(in(".truc"));
    fs::rename(in(name), in(name.substr(0, name.size() - 6) + ".done"));
    EXPECT_THAT(inbox_->deliver(item(true)).value(), testing::EndsWith(".done"));
    EXPECT_FALSE(fs::exists(in(name)));
}

TEST_F(folder, a_failing_disk_only_delays_deliveries_and_doubles_none) {
    for (const auto op :
         {disk_operation::write, disk_operation::sync, disk_operation::rename, disk_operation::sync_directory}) {
        static disk_operation failing;
        static int left;
        failing = op;
        for (int n = 0; n < 8; ++n) {
            auto i = item();
            i.delivery_id = uuid::make(clock_.now());
            left = n;
            set_disk_fault([](disk_operation o) { return o == failing && left-- == 0; });
            auto given = inbox_->deliver(i);
            set_disk_fault(nullptr);
            const auto name = folder_inbox::stem_of(i) + ".edxml";
            const bool appeared = fs::remove(in(name)); // and the legacy system is quick
            EXPECT_TRUE(!given || appeared);
            if (given) continue;
            EXPECT_TRUE(describe(given.error().code).retryable) << given.error().what;
            i.perhaps_there = true;
            restart();
            EXPECT_EQ(inbox_->deliver(i).value(), name);
            EXPECT_EQ(fs::exists(in(name)), !appeared);
        }
    }
}

TEST_F(folder, an_inbox_that_is_away_only_delays) {
    fs::remove_all(o_.inbox);
    const auto given = inbox_->deliver(item());
    ASSERT_FALSE(given);
    EXPECT_TRUE(describe(given.error().code).retryable);
    EXPECT_FALSE(fs::exists(o_.inbox)); // it is not made beside a share that is not mounted
}

TEST_F(folder, attachments_are_unpacked_under_harmless_names) {
    o_.unpack_attachments = true;
    restart();
    test::edxml_document d;
    const std::vector<std::string> hostile = {"../../etc/passwd",
                                              "C:\\x\\a.pdf",
                                              "A.PDF",
                                              "con.txt",
                                              "..",
                                              "a\xE2\x80\xAE"
                                              "fdp.exe",
                                              "báo cáo.docx"};
    for (std::size_t i = 0; i < hostile.size(); ++i)
        d.attachments.push_back({std::to_string(i + 1), hostile[i], "application/pdf", "file " + std::to_string(i)});
    auto i = item();
    i.edxml = build(d);
    const auto name = inbox_->deliver(i).value();
    const auto dir = in(name.substr(0, name.size() - 6));
    EXPECT_THAT(names_in(dir),
                UnorderedElementsAre("passwd", "a.pdf", "A-2.PDF", "_con.txt", "tep-5", "afdp.exe", "báo cáo.docx"));
    EXPECT_EQ(text(dir / "A-2.PDF"), "file 2");
    i.perhaps_there = true;
    restart();
    EXPECT_EQ(inbox_->deliver(i).value(), name);
}

TEST_F(folder, a_document_whose_attachments_cannot_be_read_is_delivered_as_it_is) {
    o_.unpack_attachments = true;
    restart();
    auto i = item();
    i.edxml = "<edXML";
    const auto name = inbox_->deliver(i).value();
    EXPECT_EQ(text(in(name)), "<edXML");
    EXPECT_FALSE(fs::exists(in(name.substr(0, name.size() - 6))));
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
