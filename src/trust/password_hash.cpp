#include <truc/base/bytes.hpp>
#include <truc/trust/password_hash.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace truc::trust {

namespace {

constexpr std::size_t salt_size = 16;
constexpr std::size_t longest_salt = 64;
constexpr std::uint64_t most_memory = std::uint64_t{300} << 20; ///< more than the highest cost that is accepted

unsigned char* bytes_of(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    if (RAND_bytes(bytes_of(out), static_cast<int>(count)) != 1) throw std::runtime_error("no random bytes");
    return out;
}

bool is_sensible(const password_hash::cost& c) {
    const bool power_of_two = c.n >= 2 && (c.n & (c.n - 1)) == 0;
    return power_of_two && c.n <= (std::uint64_t{1} << 17) && c.r >= 1 && c.r <= 16 && c.p >= 1 && c.p <= 4;
}

} // namespace

password_hash::derived password_hash::derive(std::string_view password, const cost& c, const std::string& salt) {
    derived key{};
    const auto* const s = reinterpret_cast<const unsigned char*>(salt.data());
    auto* const out = reinterpret_cast<unsigned char*>(key.data());
    if (EVP_PBE_scrypt(password.data(), password.size(), s, salt.size(), c.n, c.r, c.p, most_memory, out, key.size()) !=
        1)
        throw std::runtime_error("scrypt failed");
    return key;
}

result<password_hash> password_hash::from(const cost& c, const std::string& salt, const std::string& key) {
    if (!is_sensible(c)) return fail(errc::bad_configuration, "scrypt's cost: expected n to 2^17, r to 16, p to 4");
    if (salt.size() < salt_size || salt.size() > longest_salt)
        return fail(errc::bad_configuration, "scrypt's salt: expected 16 to 64 bytes");
    derived kept{};
    if (key.size() != kept.size()) return fail(errc::bad_configuration, "scrypt's key: expected 32 bytes");
    std::copy(key.begin(), key.end(), kept.begin());
    return password_hash(c, salt, kept);
}

password_hash password_hash::make(std::string_view password) { return make(password, cost{}); }

password_hash password_hash::make(std::string_view password, const cost& c) {
    const auto salt = random_bytes(salt_size);
    const auto key = derive(password, c, salt);
    return {c, salt, key};
}

bool password_hash::fits(std::string_view password) const {
    const auto key = derive(password, cost_, salt_);
    return CRYPTO_memcmp(key.data(), key_.data(), key_.size()) == 0;
}

std::string make_password() { return to_hex(random_bytes(20)); }

} // namespace truc::trust
