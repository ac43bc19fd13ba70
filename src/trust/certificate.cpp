#include "pem.hpp"

#include <truc/trust/signing_key.hpp>

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace truc::trust {

namespace {

/// Subjects come from strangers and end up in answers and logs. UTF-8 is cut between characters.
std::string shortened(std::string_view text) {
    constexpr std::size_t longest = 256;
    if (text.size() <= longest) return std::string(text);
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return std::string(text.substr(0, end)) + "…";
}

} // namespace

certificate_ptr parse_certificate(std::string_view der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const auto* const end = at + der.size();
    certificate_ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!certificate || at != end) return nullptr;
    return certificate;
}

std::string der_of(const X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    if (size < 0) throw_openssl("a certificate that cannot be written");
    std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return bytes;
}

sha256_digest digest_of(const X509* certificate) { return sha256(der_of(certificate)); }

std::string subject_of(const X509* certificate) { return text_of(X509_get_subject_name(certificate)); }

std::string text_of(const X509_NAME* name) {
    const bio_ptr bio(BIO_new(BIO_s_mem()));
    if (!bio) throw std::bad_alloc();
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    ERR_clear_error();
    return size > 0 ? shortened({text, static_cast<std::size_t>(size)}) : std::string();
}

std::string node_name_of(const X509* certificate) {
    constexpr std::string_view prefix = "urn:truc:node:";
    auto* const names =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    std::string node;
    int found = 0;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI) continue;
        const ASN1_IA5STRING* const uri = name->d.uniformResourceIdentifier;
        const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                                    static_cast<std::size_t>(ASN1_STRING_length(uri)));
        if (text.substr(0, prefix.size()) != prefix) continue;
        node = text.substr(prefix.size());
        ++found;
    }
    GENERAL_NAMES_free(names);
    ERR_clear_error();
    // Two names would let one certificate speak for two nodes.
    return found == 1 ? node : std::string();
}

} // namespace truc::trust
