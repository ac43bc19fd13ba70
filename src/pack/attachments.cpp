#include "base64_stream.hpp"
#include "enclosure.hpp"
#include "wrapped_file.hpp"

#include <truc/dsig/verified_view.hpp>
#include <truc/pack/edxml.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::pack {
namespace {

bool ends_with_zip(std::string_view name) {
    constexpr std::string_view ending = ".zip";
    return name.size() >= ending.size() &&
           std::equal(ending.begin(), ending.end(), name.end() - ending.size(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? char(b + 32) : b); });
}

/// The Java SDK of the axis wraps each file in a zip; a real .zip is not unwrapped, nor is a .docx, which is one
/// inside.
bool is_wrapped(const attachment_info& info) {
    return info.content_type == "application/zip" && !ends_with_zip(info.name);
}

result<void> copy(base64_stream& stream, const std::function<result<void>(std::string_view)>& sink) {
    while (true) {
        const auto piece = stream.next();
        if (!piece) return fail(piece.error());
        if (piece->empty()) return {};
        if (auto taken = sink(*piece); !taken) return taken;
    }
}

/// Says which attachment it is; errors of the sink pass unchanged.
result<void> about(const enclosure& e, result<void> done) {
    if (done || done.error().code != errc::attachment_mismatch) return done;
    return fail(error(errc::attachment_mismatch, fmt::format("attachment {}: {}", e.info.content_id, done.error().what),
                      xml::location_of(e.encoded)));
}

} // namespace

result<void> decode_attachments(const dsig::verified_view& view,
                                const std::function<result<void>(std::size_t, std::string_view)>& sink) {
    const auto found = enclosures(view.root());
    if (!found) return fail(found.error());
    for (std::size_t i = 0; i < found->size(); ++i) {
        const enclosure& e = (*found)[i];
        base64_stream stream(e.encoded);
        const auto take = [&](std::string_view piece) { return sink(i, piece); };
        const unpack_limits limits;
        auto done = about(e, is_wrapped(e.info) ? unwrap(stream, limits, take) : copy(stream, take));
        if (!done) return done;
    }
    return {};
}

} // namespace truc::pack
