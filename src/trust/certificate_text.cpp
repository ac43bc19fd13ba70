#include "pem.hpp"

#include <truc/trust/certificate_text.hpp>

#include <openssl/err.h>

namespace truc::trust {

std::optional<sha256_digest> digest_of_certificate(std::string_view pem) {
    const certificate_ptr certificate(PEM_read_bio_X509(memory_bio(pem).get(), nullptr, nullptr, nullptr));
    if (certificate) return sha256(der_of(certificate.get()));
    ERR_clear_error();
    return std::nullopt;
}

} // namespace truc::trust
