#include <truc/base/bytes.hpp>
#include <truc/trust/private_file.hpp>
#include <truc/trust/sealing_key.hpp>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <stdexcept>

namespace truc::trust {

namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t most = 4096; ///< of a secret; far from what an int of OpenSSL holds

using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes_of(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }
const unsigned char* bytes_of(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

void require(bool done) {
    if (done) return;
    ERR_clear_error();
    throw std::runtime_error("AES-256-GCM failed");
}

} // namespace

sealing_key::~sealing_key() { OPENSSL_cleanse(key_.data(), key_.size()); }

std::string sealing_key::make_text() {
    std::string key(sizeof key_, '\0');
    if (RAND_bytes(bytes_of(key), static_cast<int>(key.size())) != 1) throw std::runtime_error("no random bytes");
    auto text = to_hex(key) + "\n";
    OPENSSL_cleanse(key.data(), key.size());
    return text;
}

result<sealing_key> sealing_key::load(const std::filesystem::path& file) {
    auto text = read_private_file(file);
    if (!text) return fail(text.error());
    auto key = parse(*text);
    OPENSSL_cleanse(text->data(), text->size());
    if (!key) return fail(errc::bad_configuration, file.string() + ": " + key.error().what);
    return key;
}

result<sealing_key> sealing_key::parse(std::string_view text) {
    const auto end = text.find_last_not_of(" \t\r\n");
    auto bytes = from_hex(text.substr(0, end + 1)); // npos + 1 = 0: nothing but white space
    sealing_key key;
    if (!bytes || bytes->size() != key.key_.size())
        return fail(errc::bad_configuration, "expected a key of 64 hexadecimal digits");
    std::copy(bytes->begin(), bytes->end(), key.key_.begin());
    OPENSSL_cleanse(bytes->data(), bytes->size());
    return key;
}

std::string sealing_key::seal(std::string_view secret, std::string_view belongs_to) const {
    if (secret.size() > most || belongs_to.size() > most) throw std::runtime_error("too long a secret to be sealed");
    std::string out(nonce_size + secret.size() + tag_size, '\0');
    auto* const nonce = bytes_of(out);
    auto* const tag = nonce + nonce_size + secret.size();
    const cipher_context c(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int size = 0;
    require(
        c && RAND_bytes(nonce, nonce_size) == 1 &&
        EVP_EncryptInit_ex2(c.get(), EVP_aes_256_gcm(), key_.data(), nonce, nullptr) == 1 &&
        EVP_EncryptUpdate(c.get(), nullptr, &size, bytes_of(belongs_to), static_cast<int>(belongs_to.size())) == 1 &&
        EVP_EncryptUpdate(c.get(), nonce + nonce_size, &size, bytes_of(secret), static_cast<int>(secret.size())) == 1 &&
        EVP_EncryptFinal_ex(c.get(), tag, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag) == 1);
    return to_base64(out);
}

result<std::string> sealing_key::open(std::string_view sealed, std::string_view belongs_to) const {
    auto bytes = from_base64(sealed);
    if (!bytes || bytes->size() < nonce_size + tag_size || bytes->size() > nonce_size + most + tag_size)
        return fail(errc::bad_configuration, "nothing that was sealed");
    auto* const nonce = bytes_of(*bytes);
    const auto length = bytes->size() - nonce_size - tag_size;
    auto* const tag = nonce + nonce_size + length;
    std::string secret(length, '\0');
    const cipher_context c(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int size = 0;
    require(c && EVP_DecryptInit_ex2(c.get(), EVP_aes_256_gcm(), key_.data(), nonce, nullptr) == 1 &&
            EVP_DecryptUpdate(c.get(), nullptr, &size, bytes_of(belongs_to), static_cast<int>(belongs_to.size())) ==
                1 &&
            EVP_DecryptUpdate(c.get(), bytes_of(secret), &size, nonce + nonce_size, static_cast<int>(length)) == 1 &&
            EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag) == 1);
    if (EVP_DecryptFinal_ex(c.get(), tag, &size) != 1) {
        ERR_clear_error();
        OPENSSL_cleanse(secret.data(), secret.size());
        return fail(errc::bad_configuration, "changed, sealed with another key, or another's");
    }
    return secret;
}

} // namespace truc::trust
