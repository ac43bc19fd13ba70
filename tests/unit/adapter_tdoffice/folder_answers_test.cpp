// What the legacy system is told beside its documents.
#include "folder_fixture.hpp"

#include <thread>

namespace truc::tdoffice {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;
using stage = adapter::outgoing_report::stage;

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

TEST_F(folder, nothing_is_moved_through_a_link_that_somebody_made) {
    fs::create_directory(home_.path() / "elsewhere");
    fs::create_directory_symlink(home_.path() / "elsewhere", o_.outbox / "sent");
    write(out("X.edxml"), document());
    const auto k = only_key();
    EXPECT_EQ(outbox_->report(about(k, stage::accepted)).error().code, errc::legacy_away);
    EXPECT_TRUE(fs::is_empty(home_.path() / "elsewhere"));
    fs::remove(o_.outbox / "sent");
    tell(about(k, stage::accepted));
    EXPECT_TRUE(fs::exists(sent("X.edxml")));
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

} // namespace
} // namespace truc::tdoffice
