#include "ecdsa.hpp"
#include "pem.hpp"

#include <truc/trust/signing_key.hpp>

#include <openssl/err.h>

#include <stdexcept>

namespace truc::trust {

namespace {

constexpr int least_rsa_bits = 2048;

const EVP_MD* sha256_algorithm() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    return algorithm;
}

bool is_p256(const EVP_PKEY* key) {
    char group[32] = {};
    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1 &&
           std::string_view(group) == "prime256v1";
}

/// Empty when OpenSSL fails.
std::string sign_sha256(EVP_PKEY* key, std::string_view message) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> ctx(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const auto* const data = reinterpret_cast<const unsigned char*>(message.data());
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
    std::size_t size = signature.size();
    if (!ctx || EVP_DigestSignInit(ctx.get(), nullptr, sha256_algorithm(), nullptr, key) != 1 ||
        EVP_DigestSign(ctx.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data, message.size()) !=
            1) {
        ERR_clear_error();
        return {};
    }
    signature.resize(size);
    return signature;
}

} // namespace

std::shared_ptr<const signing_key> signing_key::load(const std::filesystem::path& certificate_pem,
                                                     const std::filesystem::path& key_pem) {
    const std::shared_ptr<signing_key> loaded(new signing_key);
    loaded->certificate_ = std::move(load_certificates(certificate_pem).front());
    loaded->key_ = load_private_key(key_pem);
    require_pair(loaded->certificate_.get(), loaded->key_.get(), key_pem);
    const bool strong_rsa = loaded->is_rsa() && EVP_PKEY_get_bits(loaded->key_.get()) >= least_rsa_bits;
    if (!strong_rsa && !is_p256(loaded->key_.get()))
        throw std::runtime_error(key_pem.string() + ": signatures need an RSA key of 2048 bits or more, or EC P-256");
    loaded->der_ = der_of(loaded->certificate_.get());
    loaded->digest_ = sha256(loaded->der_);
    return loaded;
}

bool signing_key::is_rsa() const { return EVP_PKEY_is_a(key_.get(), "RSA") == 1; }

bool signing_key::is_valid(timestamp at) const {
    auto seconds = std::chrono::system_clock::to_time_t(at);
    return X509_cmp_time(X509_get0_notBefore(certificate_.get()), &seconds) < 0 &&
           X509_cmp_time(X509_get0_notAfter(certificate_.get()), &seconds) > 0;
}

result<std::string> signing_key::sign_ecdsa_p256(std::string_view message) const {
    if (is_rsa()) return fail(errc::not_ready, "the signing key is RSA where EC P-256 is needed");
    auto raw = fixed_width_from_der(sign_sha256(key_.get(), message));
    if (raw.empty()) return fail(errc::not_ready, "the signing key does not sign");
    return raw;
}

bool verify_ecdsa_p256(EVP_PKEY* key, std::string_view message, std::string_view signature) {
    const auto der = der_from_fixed_width(signature);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> ctx(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const bool good = !der.empty() && key && is_p256(key) && ctx &&
                      EVP_DigestVerifyInit(ctx.get(), nullptr, sha256_algorithm(), nullptr, key) == 1 &&
                      EVP_DigestVerify(ctx.get(), reinterpret_cast<const unsigned char*>(der.data()), der.size(),
                                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
    ERR_clear_error();
    return good;
}

result<std::string> signing_key::sign_rsa_sha256(std::string_view message) const {
    if (!is_rsa()) return fail(errc::not_ready, "the signing key is EC where RSA is needed");
    auto signature = sign_sha256(key_.get(), message);
    if (signature.empty()) return fail(errc::not_ready, "the signing key does not sign");
    return signature;
}

} // namespace truc::trust
