#pragma once
#include <truc/base/result.hpp>

#include <string>
#include <string_view>

namespace truc::pack {

/// A file as the axis SDK for Java encloses it: a zip of one deflated entry, which that SDK names by a UUID. Base64 of
/// the result is an attachment with ContentType application/zip; decode_attachments() unwraps it. Thread-safe. Error:
/// internal.
result<std::string> wrap_file(std::string_view bytes, const std::string& entry_name);

} // namespace truc::pack
