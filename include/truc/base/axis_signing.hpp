#pragma once
/// What both sides of the protocol of the national axis' SDK write alike: the façade that checks signed headers and the
/// liaison that makes them. Pure functions.

#include <truc/base/bytes.hpp>
#include <truc/base/clock.hpp>

#include <string>
#include <string_view>

namespace truc {

/// Stands before the name of every parameter that travels as a header.
inline constexpr std::string_view axis_header_prefix = "XroadVnpt-";

/// HMAC-SHA256 (RFC 2104): hash-header is that of the text of sign-header.
sha256_digest hmac_sha256(std::string_view key, std::string_view text);

/// The form in which the SDK writes a digest: each byte in hex without a leading zero.
std::string hex_of_sdk(const sha256_digest& digest);

/// The SDK's timestamp, ddMMyyyy'T'HHmmss+SSSS: Vietnamese time, and behind the plus the milliseconds in four digits.
std::string to_axis_time(timestamp t);

} // namespace truc
