#include "ecdsa.hpp"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include <memory>

namespace truc::trust {

namespace {

constexpr int p256_bytes = 32;

struct openssl_free {
    void operator()(BIGNUM* p) const { BN_free(p); }
    void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
    void operator()(EC_GROUP* p) const { EC_GROUP_free(p); }
};
using number_ptr = std::unique_ptr<BIGNUM, openssl_free>;
using pair_ptr = std::unique_ptr<ECDSA_SIG, openssl_free>;

const BIGNUM* order_of_p256() {
    static const std::unique_ptr<EC_GROUP, openssl_free> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    return group ? EC_GROUP_get0_order(group.get()) : nullptr;
}

/// The other s that is as good; nullptr when OpenSSL fails.
number_ptr other_s(const BIGNUM* s) {
    const BIGNUM* const order = order_of_p256();
    number_ptr other(BN_new());
    if (!order || !other || BN_sub(other.get(), order, s) != 1) return nullptr;
    return other;
}

number_ptr number_from(std::string_view bytes) {
    return number_ptr(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
}

} // namespace

std::string fixed_width_from_der(std::string_view der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const pair_ptr pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    if (!pair) return {};
    const BIGNUM* const s = ECDSA_SIG_get0_s(pair.get());
    const auto other = other_s(s);
    if (!other) return {};
    const BIGNUM* const low = BN_cmp(s, other.get()) <= 0 ? s : other.get();
    std::string raw(2 * p256_bytes, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(raw.data());
    if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, p256_bytes) != p256_bytes ||
        BN_bn2binpad(low, out + p256_bytes, p256_bytes) != p256_bytes)
        return {};
    return raw;
}

std::string der_from_fixed_width(std::string_view fixed_width) {
    if (fixed_width.size() != 2 * p256_bytes) return {};
    auto r = number_from(fixed_width.substr(0, p256_bytes));
    auto s = number_from(fixed_width.substr(p256_bytes));
    const auto other = s ? other_s(s.get()) : nullptr;
    if (!r || !other || BN_cmp(s.get(), other.get()) > 0) return {};
    const pair_ptr pair(ECDSA_SIG_new());
    if (!pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
    static_cast<void>(r.release()); // the pair owns them now
    static_cast<void>(s.release());
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) return {};
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
}

} // namespace truc::trust
