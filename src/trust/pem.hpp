#pragma once
/// Reading PEM files for start-up: every function throws std::runtime_error with the file's name.

#include <truc/trust/certificate_store.hpp>

#include <openssl/pem.h>

#include <string>
#include <vector>

namespace truc::trust {

struct crl_free {
    void operator()(X509_CRL* c) const { X509_CRL_free(c); }
};
using crl_ptr = std::unique_ptr<X509_CRL, crl_free>;

struct bio_free {
    void operator()(BIO* b) const { BIO_free_all(b); }
};
using bio_ptr = std::unique_ptr<BIO, bio_free>;

/// Throws with the reason that OpenSSL gives, and empties OpenSSL's queue of errors.
[[noreturn]] void throw_openssl(const std::string& doing);

/// A read-only BIO over text that outlives it.
bio_ptr memory_bio(std::string_view text);

/// At least one, in the order of the file.
std::vector<certificate_ptr> load_certificates(const std::filesystem::path& pem);
std::vector<crl_ptr> load_revocation_lists(const std::filesystem::path& pem);
/// Authorities only: anything else in the file is refused, because an anchor that is no authority would vouch for
/// itself.
std::vector<certificate_ptr> load_authorities(const std::filesystem::path& pem);
/// Refuses a file that others than its owner may read or write, and an encrypted key.
key_ptr load_private_key(const std::filesystem::path& pem);
/// Throws unless the private key is the certificate's.
void require_pair(const X509* certificate, const EVP_PKEY* key, const std::filesystem::path& key_pem);

timestamp to_timestamp(const ASN1_TIME* time);
std::string text_of(const X509_NAME* name); ///< as subject_of()

} // namespace truc::trust
