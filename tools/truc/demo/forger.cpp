#include "forger.hpp"

#include "actor.hpp"

#include <truc/base/bytes.hpp>
#include <truc/dsig/signer.hpp>
#include <truc/trust/pki.hpp>

#include <openssl/core_names.h>

#include <stdlib.h>

namespace truc::cli::demo {

namespace {

/// Gone with what is in it when the forger has finished.
class scratch_directory {
  public:
    scratch_directory() {
        auto name = (std::filesystem::temp_directory_path() / "truc-forger-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary directory");
        path_ = name;
    }
    ~scratch_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;

    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::shared_ptr<const trust::signing_key> attackers_key() {
    const auto now = system_clock().now();
    const auto until = now + std::chrono::hours(24);
    trust::certificate_request wanted;
    wanted.common_name = "Văn phòng Chính phủ";
    wanted.not_before = now - std::chrono::hours(1);
    wanted.not_after = until;
    const auto both =
        trust::authority::make("Nobody", wanted.not_before, until).issue(wanted, trust::key_kind::rsa_2048);
    const scratch_directory dir;
    trust::write_credentials(dir.path(), "attacker", both);
    return trust::signing_key::load(dir.path() / "attacker.pem", dir.path() / "attacker-key.pem");
}

std::string number_of(EVP_PKEY* key, const char* part) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, part, &number) != 1) throw std::runtime_error("not an RSA key");
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(number);
    return to_base64(bytes);
}

} // namespace

std::string sign_with_enclosed_key(std::string_view edxml) {
    constexpr std::string_view begin = "<X509Data>";
    constexpr std::string_view end = "</X509Data>";
    const auto key = attackers_key();
    auto text = must(dsig::sign(edxml, *key));
    const auto from = text.find(begin);
    const auto to = text.find(end) + end.size();
    return text.replace(
        from, to - from,
        fmt::format("<KeyValue><RSAKeyValue><Modulus>{}</Modulus><Exponent>{}</Exponent></RSAKeyValue></KeyValue>",
                    number_of(key->key(), OSSL_PKEY_PARAM_RSA_N), number_of(key->key(), OSSL_PKEY_PARAM_RSA_E)));
}

} // namespace truc::cli::demo
