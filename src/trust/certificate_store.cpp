#include "revocation.hpp"

#include <truc/trust/certificate_store.hpp>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>

namespace truc::trust {

namespace {

constexpr std::size_t largest_der = 16 * 1024;
constexpr int least_rsa_bits = 2048;
/// 112 bits in every link: no SHA-1, no RSA below 2048 (SSL_CTX_set_security_level(3) explains the levels).
constexpr int chain_security_level = 2;

/// When a chain holds, and from when on one of its links is revoked.
struct chain_validity {
    timestamp from = timestamp::min();
    timestamp until = timestamp::max();
    std::optional<timestamp> revoked_since;
};

struct judgement {
    std::shared_ptr<const trusted_certificate> certificate;
    chain_validity chain;
    std::shared_ptr<std::atomic<bool>> used = std::make_shared<std::atomic<bool>>(false); ///< since somebody asked
};

struct store_free {
    void operator()(X509_STORE* s) const { X509_STORE_free(s); }
};
struct store_context_free {
    void operator()(X509_STORE_CTX* c) const { X509_STORE_CTX_free(c); }
};
using store_context_ptr = std::unique_ptr<X509_STORE_CTX, store_context_free>;

bool is_strong(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA")) return EVP_PKEY_get_bits(key) >= least_rsa_bits;
    char group[32] = {};
    if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1) return false;
    const std::string_view name(group);
    return name == "prime256v1" || name == "secp384r1" || name == "secp521r1";
}

/// Times come with the message: what cannot be read must be refused before it is converted.
bool has_readable_validity(const X509* certificate) {
    std::tm parts{};
    return ASN1_TIME_to_tm(X509_get0_notBefore(certificate), &parts) == 1 &&
           ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) == 1;
}

/// Why this certificate may not make signatures, whoever vouches for it; empty when it may.
std::string_view unfit(X509* certificate, const EVP_PKEY* key) {
    if (!has_readable_validity(certificate)) return "its validity cannot be read";
    if (!key || !is_strong(key)) return "its key is neither RSA of 2048 bits or more nor EC on P-256, P-384 or P-521";
    if (X509_check_ca(certificate) != 0) return "a certificate of an authority may not sign documents";
    const auto usage = X509_get_key_usage(certificate); // all bits set when the extension is absent
    if (!(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION))) return "its key usage does not allow signatures";
    return {};
}

errc code_of(int verify_error) {
    const bool about_time =
        verify_error == X509_V_ERR_CERT_HAS_EXPIRED || verify_error == X509_V_ERR_CERT_NOT_YET_VALID;
    return about_time ? errc::certificate_expired : errc::certificate_unknown;
}

tl::unexpected<error> refuse(errc code, const X509* certificate, std::string_view why) {
    return fail(code, subject_of(certificate) + ": " + std::string(why));
}

} // namespace

struct certificate_store::state {
    std::unique_ptr<X509_STORE, store_free> anchors;
    revocation revoked;
    std::size_t cache_size = 0;
    mutable std::shared_mutex mutex;
    std::unordered_map<sha256_digest, judgement> cache; // guarded by mutex

    std::optional<judgement> find(const sha256_digest& digest) const;
    void remember(const sha256_digest& digest, const judgement& made);
    result<judgement> judge(std::string_view der, const sha256_digest& digest, timestamp at) const;
    result<chain_validity> check_chain(X509* leaf, timestamp at) const;
};

std::optional<judgement> certificate_store::state::find(const sha256_digest& digest) const {
    const std::shared_lock lock(mutex);
    const auto found = cache.find(digest);
    if (found == cache.end()) return std::nullopt;
    return found->second;
}

void certificate_store::state::remember(const sha256_digest& digest, const judgement& made) {
    const std::unique_lock lock(mutex);
    // Only what the authorities vouch for gets here, so no stranger can push others out: any entry may go.
    if (cache.size() >= cache_size && !cache.contains(digest) && !cache.empty()) cache.erase(cache.begin());
    cache.insert_or_assign(digest, made);
}

result<chain_validity> certificate_store::state::check_chain(X509* leaf, timestamp at) const {
    const store_context_ptr ctx(X509_STORE_CTX_new());
    if (!ctx || X509_STORE_CTX_init(ctx.get(), anchors.get(), leaf, nullptr) != 1)
        return fail(errc::internal, "OpenSSL");
    X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(ctx.get());
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_auth_level(param, chain_security_level);
    X509_VERIFY_PARAM_set_time(param, std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
    const bool good = X509_verify_cert(ctx.get()) == 1;
    ERR_clear_error();
    if (!good) {
        const int why = X509_STORE_CTX_get_error(ctx.get());
        return refuse(code_of(why), leaf, X509_verify_cert_error_string(why));
    }
    chain_validity validity;
    const auto* const chain = X509_STORE_CTX_get0_chain(ctx.get());
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        X509* const link = sk_X509_value(chain, i);
        validity.from = std::max(validity.from, to_timestamp(X509_get0_notBefore(link)));
        validity.until = std::min(validity.until, to_timestamp(X509_get0_notAfter(link)));
        const auto since = revoked.revoked_since(link);
        if (since && (!validity.revoked_since || *since < *validity.revoked_since)) validity.revoked_since = since;
    }
    return validity;
}

result<judgement> certificate_store::state::judge(std::string_view der, const sha256_digest& digest,
                                                  timestamp at) const {
    if (der.size() > largest_der) return fail(errc::certificate_unknown, "a certificate of more than 16 KiB");
    auto parsed = parse_certificate(der);
    if (!parsed) return fail(errc::certificate_unknown, "not a certificate in X.509 form");
    key_ptr key(X509_get_pubkey(parsed.get()));
    const auto why = unfit(parsed.get(), key.get());
    ERR_clear_error();
    if (!why.empty()) return refuse(errc::certificate_unknown, parsed.get(), why);
    const auto validity = check_chain(parsed.get(), at);
    if (!validity) return fail(validity.error());
    const auto not_before = to_timestamp(X509_get0_notBefore(parsed.get()));
    const auto not_after = to_timestamp(X509_get0_notAfter(parsed.get()));
    auto trusted = std::make_shared<const trusted_certificate>(
        trusted_certificate{std::move(parsed), std::move(key), digest, not_before, not_after});
    judgement made;
    made.certificate = std::move(trusted);
    made.chain = *validity;
    return made;
}

certificate_store::certificate_store(const std::filesystem::path& authorities_pem,
                                     const std::filesystem::path& crl_pem_or_empty, std::size_t cache_size) {
    const auto authorities = load_authorities(authorities_pem);
    auto made = std::make_shared<state>();
    made->cache_size = cache_size;
    made->anchors.reset(X509_STORE_new());
    for (const auto& one : authorities)
        if (!made->anchors || X509_STORE_add_cert(made->anchors.get(), one.get()) != 1)
            throw_openssl(authorities_pem.string());
    if (!crl_pem_or_empty.empty()) made->revoked = revocation(crl_pem_or_empty, authorities);
    state_ = std::move(made);
}

certificate_store::~certificate_store() = default;

void certificate_store::follow(const certificate_store& newer) { state_ = newer.state_.load(); }

result<std::shared_ptr<const trusted_certificate>> certificate_store::check(std::string_view der, timestamp at) const {
    const auto digest = sha256(der);
    const auto current = state_.load();
    auto known = current->find(digest);
    const bool answers = known && at >= known->chain.from && at < known->chain.until;
    if (!answers) {
        // Never seen, or seen with a chain that did not reach this moment; another authority's certificate may.
        auto made = current->judge(der, digest, at);
        if (!made) return fail(std::move(made.error()));
        current->remember(digest, *made);
        known = std::move(*made);
    }
    if (const auto since = known->chain.revoked_since; since && at >= *since)
        return refuse(errc::certificate_revoked, known->certificate->certificate.get(),
                      "revoked since " + to_rfc3339(*since));
    if (!known->used->load(std::memory_order_relaxed)) known->used->store(true, std::memory_order_relaxed);
    return std::move(known->certificate);
}

std::vector<std::shared_ptr<const trusted_certificate>> certificate_store::take_used() const {
    const auto current = state_.load();
    std::vector<std::shared_ptr<const trusted_certificate>> all;
    const std::shared_lock lock(current->mutex);
    for (const auto& [digest, known] : current->cache)
        if (known.used->exchange(false, std::memory_order_relaxed)) all.push_back(known.certificate);
    return all;
}

} // namespace truc::trust
