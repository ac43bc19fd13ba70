// What appears in the inbox of a hot folder.
#include "folder_fixture.hpp"

namespace truc::tdoffice {
namespace {

namespace fs = std::filesystem;
using testing::UnorderedElementsAre;

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

TEST_F(folder, nothing_is_placed_or_sought_through_a_link_that_somebody_made) {
    fs::create_directory(home_.path() / "elsewhere");
    for (const auto* name : {".truc", "read"}) {
        fs::create_directory_symlink(home_.path() / "elsewhere", in(name));
        EXPECT_EQ(inbox_->deliver(item(true)).error().code, errc::legacy_away) << name;
        fs::remove(in(name));
    }
    EXPECT_TRUE(fs::is_empty(home_.path() / "elsewhere"));
    EXPECT_TRUE(inbox_->deliver(item(true)));
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

} // namespace
} // namespace truc::tdoffice
