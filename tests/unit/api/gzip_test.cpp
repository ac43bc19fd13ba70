#include "../../../src/api/gzip.hpp"

#include <gtest/gtest.h>

#include <array>
#include <zlib.h>

namespace truc::api {
namespace {

std::string inflated(std::string_view packed) {
    z_stream stream{};
    inflateInit2(&stream, 16 + MAX_WBITS);
    std::string bytes(packed), text;
    stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, 4096> room;
    int more = Z_OK;
    while (more == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = room.size();
        more = inflate(&stream, Z_NO_FLUSH);
        text.append(room.data(), room.size() - stream.avail_out);
    }
    EXPECT_EQ(stream.avail_in, 0U) << "one member, nothing behind it";
    inflateEnd(&stream);
    return more == Z_STREAM_END ? text : "broken: " + text;
}

TEST(gzip, gives_back_what_was_fed_in_pieces) {
    std::string all, packed;
    gzip_writer writer;
    for (int i = 0; i < 50'000; ++i) {
        const auto piece = "{\"code\": \"" + std::to_string(i * 7919) + "\"},";
        all += piece;
        writer.feed(piece, packed);
    }
    writer.finish(packed);
    EXPECT_LT(packed.size(), all.size() / 3);
    EXPECT_EQ(inflated(packed), all);
}

TEST(gzip, nothing_is_a_member_as_well) {
    std::string packed;
    gzip_writer writer;
    writer.finish(packed);
    EXPECT_EQ(inflated(packed), "");
}

TEST(gzip, what_a_client_accepts) {
    for (const auto* yes : {"gzip", "gzip,deflate", "gzip, deflate", "deflate , GZip", "gzip;q=0.5", "*",
                            "deflate;q=0, *", "gzip;q=1.0, identity;q=0.5", "gzip ; q=0.001"})
        EXPECT_TRUE(accepts_gzip(yes)) << yes;
    for (const auto* no : {"", "deflate", "identity", "gzip;q=0", "gzip; q=0.0, *", "gzip ;Q=0.000", "*;q=0", "gzipped",
                           "x, y", ",", ";", ";q=0"})
        EXPECT_FALSE(accepts_gzip(no)) << no;
}

} // namespace
} // namespace truc::api
