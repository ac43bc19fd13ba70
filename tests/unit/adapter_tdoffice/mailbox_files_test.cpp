#include "tdoffice/mailbox_files.hpp"
#include "temporary_directory.hpp"

#include <truc/base/durable.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace truc::tdoffice {

namespace {

namespace fs = std::filesystem;

class mailbox_files : public testing::Test {
  protected:
    mailbox_files() {
        fs::create_directories(root_ / "2026");
        EXPECT_TRUE(write_file(dir_.path() / "secret", "secret"));
        EXPECT_TRUE(write_file(root_ / "2026" / "công văn.pdf", "content"));
    }
    errc refused(const std::string& path) {
        const auto read = read_attachment_file(root_, path, 100);
        EXPECT_FALSE(read) << path;
        return read ? errc::internal : read.error().code;
    }
    test::temporary_directory dir_;
    fs::path root_ = dir_.path() / "root";
};

TEST_F(mailbox_files, paths_as_windows_writes_them_are_read) {
    EXPECT_EQ(*read_attachment_file(root_, "2026/công văn.pdf", 100), "content");
    EXPECT_EQ(*read_attachment_file(root_, "2026\\công văn.pdf", 100), "content");
}

TEST_F(mailbox_files, no_path_leaves_the_directory) {
    for (const auto* path :
         {"../secret", "2026/../../secret", "..\\secret", "/etc/passwd", "", ".", "2026//x", "2026/"})
        EXPECT_EQ(refused(path), errc::attachment_mismatch) << path;
    EXPECT_EQ(refused(std::string("2026\0/x", 7)), errc::attachment_mismatch);
    EXPECT_FALSE(read_attachment_file({}, "2026/x", 100));
}

TEST_F(mailbox_files, no_link_is_followed_and_only_files_are_read) {
    fs::create_symlink(dir_.path() / "secret", root_ / "link");
    fs::create_directory_symlink(dir_.path(), root_ / "up");
    ASSERT_EQ(::mkfifo((root_ / "pipe").c_str(), 0600), 0);
    for (const auto* path : {"link", "up/secret", "pipe", "2026", "missing"})
        EXPECT_EQ(refused(path), errc::attachment_mismatch) << path;
}

TEST_F(mailbox_files, a_share_that_is_away_condemns_no_document) {
    fs::rename(root_, dir_.path() / "elsewhere");
    EXPECT_EQ(refused("2026/x.pdf"), errc::legacy_away) << "no mount point";
    fs::create_directory(root_);
    EXPECT_EQ(refused("2026/x.pdf"), errc::legacy_away) << "an empty mount point";
    EXPECT_TRUE(write_file(root_ / "another", ""));
    EXPECT_EQ(refused("2026/x.pdf"), errc::attachment_mismatch) << "that file is missing";
}

TEST_F(mailbox_files, what_arrives_is_not_written_through_a_link) {
    const auto delivery = uuid::make(from_millis(1));
    fs::create_directory(dir_.path() / "elsewhere");
    fs::create_directory_symlink(dir_.path() / "elsewhere", root_ / delivery.str());
    EXPECT_EQ(write_attachment_file(root_, delivery, 1, "x", "bytes").error().code, errc::legacy_away);
    EXPECT_TRUE(fs::is_empty(dir_.path() / "elsewhere"));
}

TEST_F(mailbox_files, a_file_beyond_the_limit_is_not_read) {
    EXPECT_TRUE(write_file(root_ / "big", std::string(101, 'x')));
    EXPECT_EQ(refused("big"), errc::too_large);
    EXPECT_TRUE(write_file(root_ / "fits", std::string(100, 'x')));
    EXPECT_TRUE(read_attachment_file(root_, "fits", 100));
}

TEST_F(mailbox_files, what_arrives_is_written_under_its_delivery_whatever_it_is_called) {
    const auto delivery = uuid::make(from_millis(1));
    for (const auto* name : {"../../x.pdf", "C:\\a\\x.pdf", "x.pdf"}) {
        const auto path = write_attachment_file(root_, delivery, 1, name, "bytes");
        ASSERT_TRUE(path) << path.error().what;
        EXPECT_EQ(*path, delivery.str() + "/1-x.pdf");
        EXPECT_EQ(*read_attachment_file(root_, *path, 100), "bytes");
    }
    EXPECT_EQ(*write_attachment_file(root_, delivery, 2, "a:b?.pdf. ", ""), delivery.str() + "/2-a_b_.pdf");
    EXPECT_EQ(*write_attachment_file(root_, delivery, 2, "a\u202efdp.exe", ""), delivery.str() + "/2-afdp.exe");
    EXPECT_EQ(*write_attachment_file(root_, delivery, 2, "con.pdf", ""), delivery.str() + "/2-_con.pdf");
    EXPECT_EQ(*write_attachment_file(root_, delivery, 3, "..", ""), delivery.str() + "/3-attachment");
    EXPECT_LT(write_attachment_file(root_, delivery, 4, std::string(500, 'x') + ".pdf", "")->size(), 200u);
}

} // namespace

} // namespace truc::tdoffice
