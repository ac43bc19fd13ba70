#pragma once
#include <truc/base/result.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace truc::trust {

/// What is kept of a password: its scrypt (RFC 7914) with a salt of its own. A value, thread-safe.
///
/// Making one and checking one takes tens of milliseconds of a CPU and 128·n·r bytes, whatever the outcome: never on
/// a connection's strand, and never many at a time.
class password_hash {
  public:
    /// How much guessing costs: n (a power of two), r, p of RFC 7914, 2.
    struct cost {
        std::uint64_t n = std::uint64_t{1} << 14;
        std::uint64_t r = 8;
        std::uint64_t p = 1;
    };
    /// Salt and derived key as bytes, of a password that was kept before. Error: bad_configuration, where they or the
    /// cost lie outside what is sensible (n up to 2^17, r up to 16, p up to 4).
    static result<password_hash> from(const cost& c, const std::string& salt, const std::string& key);
    /// Of a new password. Throws std::runtime_error when OpenSSL refuses.
    static password_hash make(std::string_view password);
    static password_hash make(std::string_view password, const cost& c);

    bool fits(std::string_view password) const; ///< compares in constant time

    const cost& effort() const { return cost_; }
    const std::string& salt() const { return salt_; }
    std::string_view key() const { return {key_.data(), key_.size()}; }

  private:
    using derived = std::array<char, 32>;

    password_hash(const cost& c, const std::string& salt, const derived& key) : cost_(c), salt_(salt), key_(key) {}
    static derived derive(std::string_view password, const cost& c, const std::string& salt);

    cost cost_;
    std::string salt_;
    derived key_;
};

/// A new password of 160 random bits, in letters and digits.
std::string make_password();

} // namespace truc::trust
