#pragma once
#include "base64_stream.hpp"

#include <functional>

namespace truc::pack {

/// What a file that came wrapped in a zip may become.
struct unpack_limits {
    std::uint64_t bytes = std::uint64_t{256} << 20;
    std::uint64_t free_of_ratio = std::uint64_t{1} << 20; ///< up to here any ratio will do
    std::uint64_t ratio = 200;
};

/// Unpacks the one file of a zip as it streams in; the name of the entry (a UUID in practice) means nothing and is
/// ignored. Errors: attachment_mismatch, and what `sink` returns.
result<void> unwrap(base64_stream& zip, const unpack_limits& limits,
                    const std::function<result<void>(std::string_view)>& sink);

} // namespace truc::pack
