#include "edxml_builder.hpp"
#include "pack_support.hpp"

#include <truc/base/bytes.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <archive.h>
#include <archive_entry.h>
#include <array>

namespace truc::pack {
namespace {

using test::with;
using testing::HasSubstr;

struct zip_entry {
    std::string name;
    std::string content;
    unsigned type = AE_IFREG;
};

/// A zip as libarchive writes it, by default deflated and with sizes behind the data, as Java does.
std::string zip(const std::vector<zip_entry>& entries, const char* options = nullptr) {
    std::string out;
    auto* a = archive_write_new();
    archive_write_set_format_zip(a);
    if (options) {
        archive_write_set_options(a, options);
        archive_write_set_passphrase(a, "secret");
    }
    archive_write_set_bytes_in_last_block(a, 1);
    archive_write_open2(
        a, &out, nullptr,
        [](archive*, void* to, const void* bytes, std::size_t size) {
            static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
            return static_cast<la_ssize_t>(size);
        },
        nullptr, nullptr);
    for (const auto& e : entries) {
        auto* entry = archive_entry_new();
        archive_entry_set_pathname(entry, e.name.c_str());
        archive_entry_set_filetype(entry, e.type);
        archive_entry_set_perm(entry, 0644);
        if (e.type == AE_IFLNK)
            archive_entry_set_symlink(entry, e.content.c_str());
        else if (e.type == AE_IFREG)
            archive_entry_set_size(entry, static_cast<la_int64_t>(e.content.size()));
        archive_write_header(a, entry);
        if (e.type == AE_IFREG) archive_write_data(a, e.content.data(), e.content.size());
        archive_entry_free(entry);
    }
    archive_write_close(a);
    archive_write_free(a);
    return out;
}

result<std::vector<std::string>> decode(std::string_view bytes) {
    const auto view = test::view_of(bytes);
    if (!view) return fail(view.error());
    std::vector<std::string> files;
    const auto done = decode_attachments(*view, [&](std::size_t index, std::string_view piece) -> result<void> {
        if (files.size() <= index) files.resize(index + 1);
        files[index] += piece;
        return {};
    });
    if (!done) return fail(done.error());
    return files;
}

std::string document_with(std::string content_type, std::string name, std::string bytes) {
    test::edxml_document d;
    d.attachments.push_back({"1", std::move(name), std::move(content_type), std::move(bytes)});
    return build(d);
}

std::string wrapped(std::string bytes) { return document_with("application/zip", "tep.pdf", std::move(bytes)); }

void expect_mismatch(const std::string& bytes, std::string_view what) {
    const auto files = decode(bytes);
    ASSERT_FALSE(files) << what;
    EXPECT_EQ(files.error().code, errc::attachment_mismatch) << files.error().what;
    EXPECT_THAT(files.error().what, HasSubstr(std::string(what)));
}

std::string noise(std::size_t size) {
    std::string out(size, '\0');
    std::uint32_t x = 1;
    for (char& c : out) c = static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
    return out;
}

TEST(attachments, raw_files_come_out_as_they_went_in) {
    for (const std::size_t size : {0, 1, 2, 3, 65'535, 65'536, 400'000}) {
        const auto files = decode(document_with("application/pdf", "a.pdf", noise(size)));
        ASSERT_TRUE(files) << size << files.error().what;
        if (size == 0)
            EXPECT_TRUE(files->empty());
        else
            EXPECT_TRUE(files->at(0) == noise(size)) << size;
    }
}

TEST(attachments, wrapped_files_are_unwrapped) {
    for (const auto* options : {"zip:compression=deflate", "zip:compression=store"}) {
        const auto files = decode(wrapped(zip({{"5f0c7bb6", noise(300'000)}}, options)));
        ASSERT_TRUE(files) << options << files.error().what;
        EXPECT_TRUE(files->at(0) == noise(300'000)) << options;
    }
    const auto samples = decode(test::sample("java_style.edxml"));
    ASSERT_TRUE(samples) << samples.error().what;
    EXPECT_TRUE(samples->at(0).starts_with("%PDF-1.4"));
    EXPECT_TRUE(samples->at(1).starts_with("PK")); // "bảng biểu.zip" is a zip that somebody sends
}

TEST(attachments, wrapped_lines_comments_and_cdata_are_decoded) {
    const auto files = decode(test::sample("dotnet_style.edxml"));
    ASSERT_TRUE(files) << files.error().what;
    EXPECT_TRUE(files->at(0).starts_with("Nội dung đính kèm kiểu .NET\r\n"));
    auto pieces = document_with("text/plain", "a.txt", "attachment");
    pieces = with(pieces, to_base64("attachment"), "YXR0<!-- x -->YWNo<![CDATA[bWVu]]> dA= =\n");
    EXPECT_EQ(decode(pieces)->at(0), "attachment");
}

TEST(attachments, order_follows_the_manifest) {
    test::edxml_document d;
    d.attachments = {{"1", "a", "text/plain", "first"}, {"2", "b", "text/plain", "second"}};
    auto text = build(d);
    text = with(text, "<ContentId>cid:1</ContentId>", "<ContentId>x</ContentId>");
    text = with(text, "<ContentId>cid:2</ContentId>", "<ContentId>cid:1</ContentId>");
    text = with(text, "<ContentId>x</ContentId>", "<ContentId>2</ContentId>");
    const auto m = test::read(text);
    ASSERT_TRUE(m);
    EXPECT_EQ(m->attachments[0].content_id, "1");
    EXPECT_EQ(m->attachments[0].name, "b");
    EXPECT_EQ(decode(text)->at(0), "second");
}

TEST(attachments, what_is_not_base64_is_refused) {
    const auto good = document_with("text/plain", "a.txt", "attachment");
    const auto text = to_base64("attachment");
    for (const auto* bad : {"YXR0*", "YXR0YWNobWVudA==YXR0", "=YXR", "Đ"})
        expect_mismatch(with(good, text, bad), "not base64");
    expect_mismatch(with(good, text, "YXR0YW"), "cut off");
    expect_mismatch(with(good, text, "YXR0<x/>YWNo"), "an element");
    EXPECT_EQ(decode(with(good, text, "***")).error().where->path,
              "edXML/AttachmentEncoded/Attachment/ContentTransferEncoded");
}

TEST(attachments, a_zip_that_is_not_one_plain_file_is_refused) {
    expect_mismatch(wrapped(zip({{"a", "1"}, {"b", "2"}})), "more than one");
    expect_mismatch(wrapped(zip({})), "not a zip");
    expect_mismatch(wrapped(zip({{"directory/", "", AE_IFDIR}})), "something else");
    expect_mismatch(wrapped(zip({{"a", noise(1000)}}, "zip:encryption=traditional")), "encrypted");
    expect_mismatch(wrapped("%PDF-1.4"), "not a zip");
    expect_mismatch(wrapped("PK"), "not a zip");
    const auto whole = zip({{"a", noise(100'000)}});
    expect_mismatch(wrapped(whole.substr(0, 50'000)), "zip");
    auto damaged = whole;
    for (std::size_t i = 20'000; i < 20'100; ++i) damaged[i] = static_cast<char>(~damaged[i]);
    expect_mismatch(wrapped(damaged), "zip");
}

TEST(attachments, a_link_in_a_zip_is_nothing_but_its_text) {
    EXPECT_EQ(decode(wrapped(zip({{"../link", "/etc/passwd", AE_IFLNK}})))->at(0), "/etc/passwd");
}

TEST(attachments, a_zip_bomb_is_refused_before_it_grows) {
    const auto bomb = wrapped(zip({{"a", std::string(std::size_t{64} << 20, '\0')}}));
    const auto view = test::view_of(bomb);
    ASSERT_TRUE(view);
    std::size_t taken = 0;
    const auto done = decode_attachments(*view, [&](std::size_t, std::string_view piece) -> result<void> {
        taken += piece.size();
        return {};
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errc::attachment_mismatch);
    EXPECT_THAT(done.error().what, HasSubstr("200 times"));
    EXPECT_LT(taken, std::size_t{16} << 20);
}

TEST(attachments, the_sink_can_stop) {
    for (const auto& bytes : {wrapped(zip({{"a", noise(300'000)}})), document_with("x/y", "a", noise(300'000))}) {
        const auto view = test::view_of(bytes);
        ASSERT_TRUE(view);
        int calls = 0;
        const auto done = decode_attachments(*view, [&](std::size_t, std::string_view) -> result<void> {
            ++calls;
            return fail(errc::no_space, "disk");
        });
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, errc::no_space);
        EXPECT_EQ(calls, 1);
    }
}

TEST(attachments, manifest_and_attachments_must_fit) {
    test::edxml_document d;
    d.attachments = {{"1", "a", "text/plain", "first"}, {"2", "b", "text/plain", "second"}};
    const auto good = build(d);
    const auto refused = [&](const std::string& bytes, std::string_view what) {
        const auto m = test::read(bytes);
        ASSERT_FALSE(m) << what;
        EXPECT_EQ(m.error().code, errc::attachment_mismatch);
        EXPECT_THAT(m.error().what, HasSubstr(std::string(what)));
        expect_mismatch(bytes, what);
    };
    refused(with(good, "<ContentId>cid:2<", "<ContentId>cid:3<"), "no attachment for Reference 2");
    refused(with(good, "<ContentId>cid:2<", "<ContentId>1<"), "two Attachment elements with ContentId 1");
    refused(with(good, "<edXML:ContentId>cid:2<", "<edXML:ContentId>cid:1<"),
            "two Reference elements with ContentId 1");
    auto bare = good;
    bare.erase(bare.find("<edXML:edXMLBody>"), bare.find("</edXML:edXMLBody>") + 18 - bare.find("<edXML:edXMLBody>"));
    const auto m = test::read(bare);
    ASSERT_FALSE(m);
    EXPECT_THAT(m.error().what, HasSubstr("no Reference for attachment"));
    bare = good;
    bare.erase(bare.find("<AttachmentEncoded>"),
               bare.find("</AttachmentEncoded>") + 20 - bare.find("<AttachmentEncoded>"));
    refused(bare, "no attachment for Reference 1");
    d.attachments.clear();
    EXPECT_TRUE(test::read(build(d)));
}

TEST(edxml_builder, reaches_the_size_asked_for) {
    for (const std::size_t size : {4096, 65'536, 378'880}) {
        const auto bytes = test::build_of_size({}, size);
        EXPECT_GE(bytes.size(), size);
        EXPECT_LT(bytes.size(), size + 4);
        EXPECT_TRUE(test::edxml_schemas().validate(bytes));
        EXPECT_TRUE(test::read(bytes));
        EXPECT_NE(bytes, test::build_of_size({}, size, 1));
    }
}

} // namespace
} // namespace truc::pack
