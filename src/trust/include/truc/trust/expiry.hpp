#pragma once
/// When certificates and revocation lists end, for those who have to renew them in time.

#include <truc/base/bytes.hpp>
#include <truc/base/clock.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc::trust {

/// Something that ends at a moment that is known before.
struct expiring {
    std::string subject;                 ///< for people; of a list its issuer. Of a node's certificate its SAN URI
    std::optional<sha256_digest> sha256; ///< of a certificate
    timestamp ends;                      ///< of a list: when the next one was promised (RFC 5280, 5.1.2.5)
};

/// The certificates of a PEM file, in its order. Throws std::runtime_error when it cannot be read.
std::vector<expiring> certificates_in(const std::filesystem::path& pem);
/// The same of revocation lists; one that promises no next one never ends.
std::vector<expiring> revocation_lists_in(const std::filesystem::path& pem);
/// Nullopt unless the bytes are one certificate.
std::optional<expiring> expiry_of(std::string_view der);

} // namespace truc::trust
