#include "revocation.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

namespace truc::trust {

namespace {

bool signed_by(X509_CRL* list, X509* issuer) {
    const bool good = X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(issuer)) == 0 &&
                      X509_CRL_verify(list, X509_get0_pubkey(issuer)) == 1;
    ERR_clear_error();
    return good;
}

bool is_indirect(const X509_CRL* list) {
    auto* const point =
        static_cast<ISSUING_DIST_POINT*>(X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, nullptr, nullptr));
    const bool indirect = point && point->indirectCRL > 0;
    ISSUING_DIST_POINT_free(point);
    return indirect;
}

bool has_other_critical_extension(const X509_CRL* list) {
    for (int i = 0; i < X509_CRL_get_ext_count(list); ++i) {
        X509_EXTENSION* const extension = X509_CRL_get_ext(list, i);
        const int kind = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
        if (X509_EXTENSION_get_critical(extension) && kind != NID_issuing_distribution_point) return true;
    }
    return false;
}

/// Throws now when a date cannot be read, so that no check throws later.
void require_dates(X509_CRL* list) {
    const auto* const entries = X509_CRL_get_REVOKED(list);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i)
        to_timestamp(X509_REVOKED_get0_revocationDate(sk_X509_REVOKED_value(entries, i)));
}

} // namespace

revocation::revocation(const std::filesystem::path& pem, const std::vector<certificate_ptr>& authorities)
    : lists_(load_revocation_lists(pem)) {
    for (const auto& list : lists_) {
        const bool known = std::any_of(authorities.begin(), authorities.end(),
                                       [&](const auto& issuer) { return signed_by(list.get(), issuer.get()); });
        if (!known) throw std::runtime_error(pem.string() + ": a revocation list that no authority given has signed");
        if (is_indirect(list.get()) || has_other_critical_extension(list.get()))
            throw std::runtime_error(pem.string() + ": a delta or indirect revocation list; a complete one is needed");
        require_dates(list.get());
    }
}

std::optional<timestamp> revocation::revoked_since(X509* certificate) const {
    constexpr int revoked = 1; // 2 means taken off the list again
    std::optional<timestamp> since;
    for (const auto& list : lists_) {
        X509_REVOKED* entry = nullptr;
        if (X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_issuer_name(certificate)) != 0) continue;
        if (X509_CRL_get0_by_cert(list.get(), &entry, certificate) != revoked) continue;
        const auto when = to_timestamp(X509_REVOKED_get0_revocationDate(entry));
        since = since ? std::min(*since, when) : when;
    }
    return since;
}

} // namespace truc::trust
