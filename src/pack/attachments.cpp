#include "base64_stream.hpp"
#include "enclosure.hpp"
#include "wrapped_file.hpp"

#include <truc/base/ascii.hpp>
#include <truc/dsig/verified_view.hpp>
#include <truc/pack/edxml.hpp>

#include <fmt/format.h>

namespace truc::pack {
namespace {

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

bool is_wrapped(std::string_view content_type, std::string_view name) {
    constexpr std::string_view ending = ".zip";
    const bool real_zip = name.size() >= ending.size() && iequal(name.substr(name.size() - ending.size()), ending);
    return content_type == "application/zip" && !real_zip;
}

result<void> decode_attachments(const dsig::verified_view& view,
                                const std::function<result<void>(std::size_t, std::string_view)>& sink) {
    return decode_attachments(view.root(), sink);
}

result<void> decode_attachments(const xmlNode* root,
                                const std::function<result<void>(std::size_t, std::string_view)>& sink) {
    const auto found = enclosures(root);
    if (!found) return fail(found.error());
    for (std::size_t i = 0; i < found->size(); ++i) {
        const enclosure& e = (*found)[i];
        base64_stream stream(e.encoded);
        const auto take = [&](std::string_view piece) { return sink(i, piece); };
        const unpack_limits limits;
        auto done =
            about(e, is_wrapped(e.info.content_type, e.info.name) ? unwrap(stream, limits, take) : copy(stream, take));
        if (!done) return done;
    }
    return {};
}

} // namespace truc::pack
