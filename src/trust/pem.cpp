#include "pem.hpp"

#include <truc/base/durable.hpp>

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <stdexcept>

namespace truc::trust {

namespace {

std::string read_text(const std::filesystem::path& path) {
    constexpr std::size_t limit = std::size_t{16} << 20;
    auto text = read_file(path, limit);
    if (!text) throw std::runtime_error(text.error().what);
    return std::move(*text);
}

bool at_end_of_pem() {
    const auto last = ERR_peek_last_error();
    if (ERR_GET_LIB(last) != ERR_LIB_PEM || ERR_GET_REASON(last) != PEM_R_NO_START_LINE) return false;
    ERR_clear_error();
    return true;
}

template <class Pointer, class Read>
std::vector<Pointer> read_all(const std::filesystem::path& path, std::string_view what, Read read) {
    const auto text = read_text(path);
    const auto bio = memory_bio(text);
    std::vector<Pointer> all;
    while (Pointer one{read(bio.get())}) all.push_back(std::move(one));
    if (!at_end_of_pem()) throw_openssl(path.string() + ": damaged " + std::string(what));
    if (all.empty()) throw std::runtime_error(path.string() + ": holds no " + std::string(what));
    return all;
}

/// Nobody is there to type a pass phrase.
int no_pass_phrase(char*, int, int, void*) { return -1; }

void require_owner_only(const std::filesystem::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) throw std::runtime_error(path.string() + ": " + std::strerror(errno));
    if (info.st_mode & 077)
        throw std::runtime_error(path.string() +
                                 ": a private key that others may read; do chmod 600 and think of renewing it");
}

} // namespace

void throw_openssl(const std::string& doing) {
    char reason[256] = "no reason given";
    if (const auto code = ERR_peek_last_error()) ERR_error_string_n(code, reason, sizeof reason);
    ERR_clear_error();
    throw std::runtime_error(doing + " (" + reason + ")");
}

bio_ptr memory_bio(std::string_view text) {
    bio_ptr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!bio) throw std::bad_alloc();
    return bio;
}

std::vector<certificate_ptr> load_certificates(const std::filesystem::path& pem) {
    return read_all<certificate_ptr>(pem, "certificate",
                                     [](BIO* bio) { return PEM_read_bio_X509(bio, nullptr, no_pass_phrase, nullptr); });
}

std::vector<crl_ptr> load_revocation_lists(const std::filesystem::path& pem) {
    return read_all<crl_ptr>(pem, "revocation list",
                             [](BIO* bio) { return PEM_read_bio_X509_CRL(bio, nullptr, no_pass_phrase, nullptr); });
}

std::vector<certificate_ptr> load_authorities(const std::filesystem::path& pem) {
    auto all = load_certificates(pem);
    for (const auto& one : all)
        if (X509_check_ca(one.get()) != 1)
            throw std::runtime_error(pem.string() + ": " + subject_of(one.get()) +
                                     " is not a certificate of an authority");
    return all;
}

key_ptr load_private_key(const std::filesystem::path& pem) {
    require_owner_only(pem);
    auto text = read_text(pem);
    key_ptr key(PEM_read_bio_PrivateKey(memory_bio(text).get(), nullptr, no_pass_phrase, nullptr));
    OPENSSL_cleanse(text.data(), text.size());
    if (!key) throw_openssl(pem.string() + ": no private key in PEM form, or an encrypted one");
    return key;
}

void require_pair(const X509* certificate, const EVP_PKEY* key, const std::filesystem::path& key_pem) {
    if (X509_check_private_key(certificate, key) != 1) {
        ERR_clear_error();
        throw std::runtime_error(key_pem.string() + ": not the key of the certificate of " + subject_of(certificate));
    }
}

timestamp to_timestamp(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) throw_openssl("a time that cannot be read");
    return timestamp(std::chrono::seconds(::timegm(&parts)));
}

} // namespace truc::trust
