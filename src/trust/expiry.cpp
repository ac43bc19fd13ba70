#include "pem.hpp"

#include <truc/trust/expiry.hpp>
#include <truc/trust/signing_key.hpp>

#include <stdexcept>

namespace truc::trust {

namespace {

expiring read(const X509* certificate) {
    const auto node = node_name_of(certificate);
    return {node.empty() ? subject_of(certificate) : "urn:truc:node:" + node, digest_of(certificate),
            to_timestamp(X509_get0_notAfter(certificate))};
}

} // namespace

std::vector<expiring> certificates_in(const std::filesystem::path& pem) {
    std::vector<expiring> all;
    for (const auto& one : load_certificates(pem)) all.push_back(read(one.get()));
    return all;
}

std::vector<expiring> revocation_lists_in(const std::filesystem::path& pem) {
    std::vector<expiring> all;
    for (const auto& list : load_revocation_lists(pem))
        if (const auto* next = X509_CRL_get0_nextUpdate(list.get()))
            all.push_back({text_of(X509_CRL_get_issuer(list.get())), std::nullopt, to_timestamp(next)});
    return all;
}

std::optional<expiring> expiry_of(std::string_view der) {
    const auto certificate = parse_certificate(der);
    if (!certificate) return std::nullopt;
    try {
        return read(certificate.get());
    } catch (const std::runtime_error&) {
        return std::nullopt; // its validity cannot be read
    }
}

} // namespace truc::trust
