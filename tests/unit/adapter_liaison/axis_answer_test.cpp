#include "../../../adapters/liaison/axis_answer.hpp"

#include <gtest/gtest.h>

namespace truc::liaison {
namespace {

struct reading {
    bool good = false;
    std::string code, description, doc_id, content, fault;
    std::vector<std::string> rows; ///< docId=name
};

reading read(const std::string& text, std::size_t piece) {
    reading r;
    answer_reader reader(
        [&](const axis_row& row) -> result<void> {
            r.rows.push_back(std::string(row["docId"]) + "=" + std::string(row["name"]));
            return {};
        },
        [&](std::string_view part) -> result<void> {
            r.content += part;
            return {};
        });
    result<void> done;
    for (std::size_t at = 0; done && at < text.size(); at += piece) done = reader.feed(text.substr(at, piece));
    if (done) done = reader.finish();
    if (!done) {
        r.fault = describe(done.error().code).name;
        return r;
    }
    r.good = reader.is_good();
    r.code = reader.code();
    r.description = reader.description();
    r.doc_id = reader.doc_id();
    return r;
}

TEST(axis_answer, is_the_same_however_it_arrives) {
    const std::string text =
        R"( {"status":"OK","ErrorCode":"0","ErrorDesc":"Th\u00e0nh công","DocId":"d-1","more":{"docId":"no","data":[1]},)"
        R"("data":[{"docId":"1","name":"a"},{"name":null,"docId":2,"deep":{"docId":"no"}},{"docId":true}]} )";
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 1000u}) {
        const auto r = read(text, piece);
        EXPECT_EQ(r.fault, "") << piece;
        EXPECT_TRUE(r.good);
        EXPECT_EQ(r.description, "Thành công");
        EXPECT_EQ(r.doc_id, "d-1");
        EXPECT_EQ(r.rows, (std::vector<std::string>{"1=a", "2=", "true="}));
    }
}

TEST(axis_answer, gives_content_in_pieces_and_unescaped) {
    const auto r = read(R"({"data":"QUJD\nREVG\/w==","status":"ok","ErrorCode":0})", 5);
    EXPECT_EQ(r.content, "QUJD\nREVG/w==");
    EXPECT_TRUE(r.good);
}

TEST(axis_answer, says_no_with_its_number) {
    const auto r = read(R"({"status":"FAIL","ErrorCode":"18","ErrorDesc":"x"})", 100);
    EXPECT_FALSE(r.good);
    EXPECT_EQ(r.code, "18");
    EXPECT_FALSE(read(R"({"status":"OK","ErrorCode":"20"})", 100).good);
    EXPECT_FALSE(read(R"({"ErrorCode":"0"})", 100).good);
}

TEST(axis_answer, that_is_none_can_be_asked_for_again) {
    for (const std::string text : {"", "<html>", "[]", "\"OK\"", R"({"status":"OK")", R"({"data":[{"a":"b"]})", "{} x",
                                   "{\"data\":[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]}"})
        EXPECT_EQ(read(text, 4).fault, "legacy_away") << text;
    EXPECT_EQ(read(R"({"ErrorDesc":")" + std::string(70'000, 'x') + "\"}", 4096).fault, "legacy_away");
}

TEST(axis_answer, keeps_rows_whose_text_is_no_utf_8) {
    EXPECT_EQ(read("{\"data\":[{\"docId\":\"1\",\"name\":\"\xE9\"}]}", 3).rows, (std::vector<std::string>{"1=\xE9"}));
}

} // namespace
} // namespace truc::liaison
