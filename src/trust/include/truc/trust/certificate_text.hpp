#pragma once
#include <truc/base/bytes.hpp>

#include <optional>
#include <string_view>

namespace truc::trust {

/// The SHA-256 by which the directory knows the first certificate of a PEM text; nullopt when there is none.
std::optional<sha256_digest> digest_of_certificate(std::string_view pem);

} // namespace truc::trust
