#include "gzip.hpp"

#include <truc/base/ascii.hpp>

#include <array>
#include <new>
#include <zlib.h>

namespace truc::api {

namespace {

constexpr int level = 6;
constexpr int gzip_format = 16 + MAX_WBITS;
constexpr int memory_level = 8;

/// ";q=0", "; Q=0.000": not this one.
bool is_unwanted(std::string_view parameters) {
    const auto weight = trim(parameters);
    return weight.size() > 2 && istarts_with(weight, "q=") &&
           weight.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

} // namespace

struct gzip_writer::state {
    z_stream stream{};
};

gzip_writer::gzip_writer() : state_(std::make_unique<state>()) {
    if (deflateInit2(&state_->stream, level, Z_DEFLATED, gzip_format, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
}

gzip_writer::~gzip_writer() { deflateEnd(&state_->stream); }

void gzip_writer::feed(std::string_view piece, std::string& out) { run(piece, Z_NO_FLUSH, out); }
void gzip_writer::finish(std::string& out) { run({}, Z_FINISH, out); }

void gzip_writer::run(std::string_view piece, int flush, std::string& out) {
    std::array<char, 16 * 1024> room;
    auto& stream = state_->stream;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data())); // zlib reads it only
    stream.avail_in = static_cast<uInt>(piece.size());
    do {
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = static_cast<uInt>(room.size());
        deflate(&stream, flush); // with room to write to, it cannot fail
        out.append(room.data(), room.size() - stream.avail_out);
    } while (stream.avail_out == 0);
}

bool accepts_gzip(std::string_view accept_encoding) {
    bool any = false;
    for (std::size_t begin = 0; begin < accept_encoding.size();) {
        const auto end = std::min(accept_encoding.find(',', begin), accept_encoding.size());
        const auto item = accept_encoding.substr(begin, end - begin);
        begin = end + 1;
        const auto semicolon = std::min(item.find(';'), item.size());
        const auto coding = trim(item.substr(0, semicolon));
        const bool wanted = !is_unwanted(item.substr(std::min(semicolon + 1, item.size())));
        if (iequal(coding, "gzip")) return wanted;
        if (coding == "*") any = wanted;
    }
    return any;
}

} // namespace truc::api
