#include "test_pki.hpp"

#include <gtest/gtest.h>
#include <openssl/ecdsa.h>

namespace truc::trust {
namespace {

using test::test_pki;

class signing_key_test : public testing::Test {
  protected:
    test_pki pki;
};

bool verifies(EVP_PKEY* key, std::string_view message, std::string_view signature) {
    EVP_MD_CTX* const ctx = EVP_MD_CTX_new();
    const bool good = EVP_DigestVerifyInit(ctx, nullptr, EVP_sha256(), nullptr, key) == 1 &&
                      EVP_DigestVerify(ctx, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

std::string to_asn1(std::string_view raw) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(raw.data());
    ECDSA_SIG* const pair = ECDSA_SIG_new();
    ECDSA_SIG_set0(pair, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair, &der);
    std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    return text;
}

TEST_F(signing_key_test, signs_with_p256_in_two_halves_of_32_bytes) {
    const auto key = pki.node("ninhthuan").signing_key();
    EXPECT_FALSE(key->is_rsa());
    // Halves with leading zeros are one in 128; all must keep their width.
    for (int i = 0; i < 300; ++i) {
        const auto raw = key->sign_ecdsa_p256("head " + std::to_string(i)).value();
        ASSERT_EQ(raw.size(), 64u);
        ASSERT_TRUE(verifies(X509_get0_pubkey(key->certificate()), "head " + std::to_string(i), to_asn1(raw)));
    }
    EXPECT_EQ(key->sign_rsa_sha256("head").error().code, errc::not_ready);
}

TEST_F(signing_key_test, its_signatures_verify_and_no_others_do) {
    const auto identity = pki.node("ninhthuan");
    const auto key = identity.signing_key();
    EVP_PKEY* const own = X509_get0_pubkey(key->certificate());
    const auto raw = key->sign_ecdsa_p256("section").value();
    EXPECT_TRUE(verify_ecdsa_p256(own, "section", raw));
    EXPECT_FALSE(verify_ecdsa_p256(own, "Section", raw));
    for (const std::size_t i : {0u, 31u, 32u, 63u}) {
        auto changed = raw;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(verify_ecdsa_p256(own, "section", changed)) << i;
    }
    EXPECT_FALSE(verify_ecdsa_p256(own, "section", raw.substr(0, 63)));
    EXPECT_FALSE(verify_ecdsa_p256(own, "section", raw + raw[0]));
    EXPECT_FALSE(verify_ecdsa_p256(own, "section", std::string(64, '\0')));
    EXPECT_FALSE(verify_ecdsa_p256(own, "section", std::string(64, '\xFF')));
    EXPECT_FALSE(verify_ecdsa_p256(own, "section", ""));
    EXPECT_FALSE(verify_ecdsa_p256(nullptr, "section", raw));
    const auto other = pki.node("cana").signing_key();
    EXPECT_FALSE(verify_ecdsa_p256(X509_get0_pubkey(other->certificate()), "section", raw));
    const auto rsa = pki.agency("so-tttt", key_kind::rsa_2048).signing_key();
    EXPECT_FALSE(verify_ecdsa_p256(X509_get0_pubkey(rsa->certificate()), "section", raw));
}

std::string with_other_s(const std::string& raw) {
    BIGNUM* order = nullptr;
    BN_hex2bn(&order, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"); // FIPS 186-4, D.1.2.3
    BIGNUM* const s = BN_bin2bn(reinterpret_cast<const unsigned char*>(raw.data()) + 32, 32, nullptr);
    BN_sub(s, order, s);
    std::string other = raw;
    BN_bn2binpad(s, reinterpret_cast<unsigned char*>(other.data()) + 32, 32);
    BN_free(s);
    BN_free(order);
    return other;
}

TEST_F(signing_key_test, of_two_signatures_that_are_good_only_the_signers_counts) {
    const auto key = pki.node("ninhthuan").signing_key();
    EVP_PKEY* const own = X509_get0_pubkey(key->certificate());
    for (int i = 0; i < 20; ++i) { // OpenSSL gives either s at random
        const auto raw = key->sign_ecdsa_p256("section").value();
        const auto other = with_other_s(raw);
        EXPECT_TRUE(verify_ecdsa_p256(own, "section", raw));
        EXPECT_TRUE(verifies(own, "section", to_asn1(other))); // for the mathematics it is good
        EXPECT_FALSE(verify_ecdsa_p256(own, "section", other));
    }
}

TEST_F(signing_key_test, signs_with_rsa) {
    const auto key = pki.agency("so-tttt", key_kind::rsa_2048).signing_key();
    EXPECT_TRUE(key->is_rsa());
    EXPECT_TRUE(verifies(X509_get0_pubkey(key->certificate()), "head", key->sign_rsa_sha256("head").value()));
    EXPECT_EQ(key->sign_ecdsa_p256("head").error().code, errc::not_ready);
}

TEST_F(signing_key_test, knows_its_certificate) {
    const auto agency = pki.agency("so-tttt");
    EXPECT_EQ(agency.signing_key()->certificate_der(), agency.der);
    EXPECT_EQ(agency.signing_key()->digest(), agency.digest);
    EXPECT_EQ(subject_of(agency.signing_key()->certificate()), "CN=Sở Thông tin và Truyền thông so-tttt");
}

TEST_F(signing_key_test, refuses_a_key_that_others_may_read) {
    const auto agency = pki.agency("so-tttt");
    using std::filesystem::perms;
    for (const auto extra : {perms::group_read, perms::others_read, perms::group_write}) {
        std::filesystem::permissions(agency.key, perms::owner_read | extra);
        EXPECT_THROW(agency.signing_key(), std::runtime_error);
    }
    std::filesystem::permissions(agency.key, perms::owner_read);
    EXPECT_NO_THROW(agency.signing_key());
}

TEST_F(signing_key_test, refuses_what_does_not_belong_together) {
    const auto one = pki.agency("one"), other = pki.agency("other");
    EXPECT_THROW(signing_key::load(one.certificate, other.key), std::runtime_error);
    EXPECT_THROW(signing_key::load(one.key, one.key), std::runtime_error);
    EXPECT_THROW(signing_key::load(one.certificate, pki.dir() / "missing.pem"), std::runtime_error);
}

TEST_F(signing_key_test, reads_the_node_from_the_alternative_name) {
    EXPECT_EQ(node_name_of(pki.node("ninhthuan").signing_key()->certificate()), "ninhthuan");
    EXPECT_EQ(node_name_of(pki.agency("so-tttt").signing_key()->certificate()), "");
    auto asked = test_pki::request("two names");
    asked.uris = {"urn:truc:node:a", "urn:truc:node:b"};
    EXPECT_EQ(node_name_of(pki.make(pki.node_authority(), "two", asked).signing_key()->certificate()), "");
    asked.uris = {"https://example.vn/", "urn:truc:node:a"};
    EXPECT_EQ(node_name_of(pki.make(pki.node_authority(), "one", asked).signing_key()->certificate()), "a");
}

} // namespace
} // namespace truc::trust
