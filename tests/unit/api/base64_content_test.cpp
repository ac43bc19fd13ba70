#include "../../../src/api/base64_content.hpp"

#include <gtest/gtest.h>

namespace truc::api {
namespace {

std::string bytes_of(std::size_t size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * 37 + i / 251));
    return bytes;
}

/// All of it, as a connection takes it whose buffer has room for `most` bytes.
std::string read(base64_content& c, std::size_t most) {
    std::string all;
    while (all.size() < c.size()) {
        const auto piece = c.piece(all.size(), most);
        if (!piece || piece->empty() || piece->size() > most) return "no piece behind " + all;
        all += *piece;
    }
    return all;
}

TEST(base64_content, is_the_same_text_however_it_is_read) {
    for (const std::size_t size : {0, 1, 2, 3, 4, 5, 6, 47, 48, 49, 1000})
        for (const std::size_t most : {1, 2, 3, 4, 5, 7, 64, 65, 10'000}) {
            base64_content c("{\"data\":\"", store::content(bytes_of(size)), "\"}");
            const auto expected = "{\"data\":\"" + to_base64(bytes_of(size)) + "\"}";
            EXPECT_EQ(c.size(), expected.size());
            EXPECT_EQ(read(c, most), expected) << size << " bytes, " << most << " at a time";
        }
}

TEST(base64_content, a_large_one_is_encoded_piece_by_piece) {
    const auto bytes = bytes_of(1'000'000);
    base64_content c("", store::content(bytes), "");
    std::size_t pieces = 0;
    for (std::uint64_t at = 0; at < c.size(); ++pieces) {
        const auto piece = c.piece(at, 64 * 1024);
        ASSERT_TRUE(piece);
        EXPECT_GE(piece->size(), std::min<std::uint64_t>(64 * 1024, c.size() - at)) << "pieces are as large as asked";
        at += piece->size();
    }
    EXPECT_EQ(pieces, (c.size() + 64 * 1024 - 1) / (64 * 1024));
    EXPECT_EQ(from_base64(read(c, 64 * 1024)), bytes);
}

} // namespace
} // namespace truc::api
