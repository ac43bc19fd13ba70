#pragma once
#include <truc/base/result.hpp>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace truc::trust {

/// Keeps small secrets encrypted at rest: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits each. What a
/// secret belongs to is authenticated with it, so that nobody can put one in another's place. At 2^32 secrets under one
/// key the nonces would no longer be safe; a node has thousands.
///
/// A value, thread-safe. Throws std::runtime_error when OpenSSL itself fails.
class sealing_key {
  public:
    /// The text of a new key file: 32 random bytes in hexadecimal digits and an end of line.
    static std::string make_text();
    /// Error: bad_configuration (what = "file: …": not readable by its owner only, or no such key).
    static result<sealing_key> load(const std::filesystem::path& file);
    static result<sealing_key> parse(std::string_view text);

    sealing_key(const sealing_key&) = default;
    sealing_key& operator=(const sealing_key&) = default;
    ~sealing_key(); ///< leaves no copy of the key in memory

    /// Base64 of nonce, ciphertext and tag.
    std::string seal(std::string_view secret, std::string_view belongs_to) const;
    /// Error: bad_configuration: it was changed, sealed with another key, or belongs to something else.
    result<std::string> open(std::string_view sealed, std::string_view belongs_to) const;

  private:
    sealing_key() = default;
    std::array<unsigned char, 32> key_{};
};

} // namespace truc::trust
