#include "test_pki.hpp"

#include <truc/base/durable.hpp>
#include <truc/trust/certificate_store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/rsa.h>

#include <fstream>
#include <thread>

namespace truc::trust {
namespace {

using test::test_pki;
using testing::HasSubstr;

class certificate_store_test : public testing::Test {
  protected:
    certificate_store store(const std::filesystem::path& crl = {}) const { return {pki.agency_ca(), crl}; }
    errc code_of(std::string_view der, timestamp at) const { return store().check(der, at).error().code; }
    /// A certificate for a given key, as DER.
    std::string certify(const certificate_request& asked, EVP_PKEY* key) const {
        const auto path = pki.dir() / "odd.pem";
        EXPECT_TRUE(write_file(path, pki.agency_authority().certify(asked, key)));
        return load(path);
    }
    static std::string load(const std::filesystem::path& pem) {
        std::ifstream file(pem);
        std::string line, base64;
        while (std::getline(file, line))
            if (line.rfind("-----", 0) != 0) base64 += line;
        return from_base64(base64).value();
    }

    test_pki pki;
    timestamp now = test_pki::now();
};

TEST_F(certificate_store_test, vouches_for_agencies_of_its_authority) {
    for (const auto kind : {key_kind::ec_p256, key_kind::rsa_2048}) {
        const auto agency = pki.agency("so-tttt", kind);
        const auto checked = store().check(agency.der, now);
        ASSERT_TRUE(checked) << checked.error().what;
        EXPECT_EQ((*checked)->digest, agency.digest);
        EXPECT_EQ((*checked)->digest, digest_of((*checked)->certificate.get()));
        EXPECT_EQ((*checked)->not_before, test_pki::moment("2020-01-01T00:00:00Z"));
        EXPECT_EQ((*checked)->not_after, test_pki::moment("2049-01-01T00:00:00Z"));
        EXPECT_TRUE((*checked)->key);
    }
}

TEST_F(certificate_store_test, gives_the_same_object_when_asked_again) {
    const auto agencies = store();
    const auto agency = pki.agency("so-tttt");
    EXPECT_EQ(agencies.check(agency.der, now).value(), agencies.check(agency.der, now).value());
}

TEST_F(certificate_store_test, follows_a_newer_one) {
    certificate_store shared(pki.agency_ca(), {});
    const auto agency = pki.agency("so-tttt");
    ASSERT_TRUE(shared.check(agency.der, now));
    shared.follow(certificate_store(pki.node_ca(), {}));
    EXPECT_EQ(shared.check(agency.der, now).error().code, errc::certificate_unknown); // also what was cached
    EXPECT_TRUE(shared.check(pki.node("vpcp").der, now));
}

TEST_F(certificate_store_test, does_not_vouch_for_another_authoritys_certificates) {
    EXPECT_EQ(code_of(pki.node("ninhthuan").der, now), errc::certificate_unknown);
}

TEST_F(certificate_store_test, does_not_vouch_for_a_lookalike_authority) {
    const auto forged = authority::make("CA của các cơ quan", test_pki::moment("2020-01-01T00:00:00Z"),
                                        test_pki::moment("2049-01-01T00:00:00Z"));
    EXPECT_EQ(code_of(pki.make(forged, "forged", test_pki::request("Sở Nội vụ")).der, now), errc::certificate_unknown);
}

TEST_F(certificate_store_test, judges_validity_at_the_moment_asked_for) {
    auto asked = test_pki::request("Sở Nội vụ");
    asked.not_before = test_pki::moment("2024-01-01T00:00:00Z");
    asked.not_after = test_pki::moment("2025-01-01T00:00:00Z");
    const auto agency = pki.make(pki.agency_authority(), "so-noi-vu", asked);
    const auto agencies = store();
    for (int round = 0; round < 2; ++round) { // before and after it is cached
        EXPECT_EQ(agencies.check(agency.der, asked.not_before - milliseconds(1)).error().code,
                  errc::certificate_expired);
        EXPECT_EQ(agencies.check(agency.der, asked.not_after).error().code, errc::certificate_expired);
        EXPECT_TRUE(agencies.check(agency.der, asked.not_before));
        EXPECT_TRUE(agencies.check(agency.der, asked.not_after - milliseconds(1)));
    }
}

TEST_F(certificate_store_test, a_certificate_lives_no_longer_than_its_authority) {
    const auto short_lived = authority::make("CA ngắn hạn", test_pki::moment("2020-01-01T00:00:00Z"),
                                             test_pki::moment("2021-01-01T00:00:00Z"));
    write_credentials(pki.dir(), "short", short_lived.own());
    const certificate_store agencies(pki.dir() / "short.pem", {});
    const auto agency = pki.make(short_lived, "old", test_pki::request("Sở Nội vụ"));
    EXPECT_TRUE(agencies.check(agency.der, test_pki::moment("2020-06-01T00:00:00Z")));
    EXPECT_EQ(agencies.check(agency.der, test_pki::moment("2022-01-01T00:00:00Z")).error().code,
              errc::certificate_expired);
}

TEST_F(certificate_store_test, an_intermediate_authority_must_stand_in_the_file) {
    auto asked = test_pki::request("CA trung gian");
    asked.is_authority = true;
    const auto intermediate = pki.make(pki.agency_authority(), "intermediate", asked);
    const auto agency = pki.make(authority::from(intermediate.pem), "below", test_pki::request("Sở Y tế"));
    EXPECT_EQ(code_of(agency.der, now), errc::certificate_unknown);
    EXPECT_TRUE(certificate_store(intermediate.certificate, {}).check(agency.der, now));
}

TEST_F(certificate_store_test, an_authority_may_not_sign) {
    auto asked = test_pki::request("CA trung gian");
    asked.is_authority = true;
    const auto intermediate = pki.make(pki.agency_authority(), "intermediate", asked);
    const auto refused = store().check(intermediate.der, now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::certificate_unknown);
    EXPECT_THAT(refused.error().what, HasSubstr("authority"));
}

TEST_F(certificate_store_test, key_usage_must_allow_signatures) {
    auto asked = test_pki::request("Máy chủ");
    asked.for_signatures = false;
    const auto refused = store().check(pki.make(pki.agency_authority(), "server", asked).der, now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::certificate_unknown);
    EXPECT_THAT(refused.error().what, HasSubstr("key usage"));
}

TEST_F(certificate_store_test, weak_and_strange_keys_are_refused) {
    const key_ptr weak(EVP_RSA_gen(1024));
    const key_ptr strange(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    for (const auto& key : {weak.get(), strange.get()}) {
        const auto refused = store().check(certify(test_pki::request("Sở Nội vụ"), key), now);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::certificate_unknown);
        EXPECT_THAT(refused.error().what, HasSubstr("RSA of 2048"));
    }
}

TEST_F(certificate_store_test, a_revoked_certificate_is_refused_from_its_revocation_on) {
    const auto agency = pki.agency("so-tttt");
    const auto revoked_at = test_pki::moment("2025-03-01T00:00:00Z");
    const auto agencies = store(pki.revoke(agency, revoked_at));
    for (int round = 0; round < 2; ++round) {
        EXPECT_TRUE(agencies.check(agency.der, revoked_at - milliseconds(1)));
        EXPECT_EQ(agencies.check(agency.der, revoked_at).error().code, errc::certificate_revoked);
        EXPECT_EQ(agencies.check(agency.der, now).error().code, errc::certificate_revoked);
    }
    EXPECT_TRUE(agencies.check(pki.agency("so-noi-vu").der, now)) << "the list names one certificate only";
}

TEST_F(certificate_store_test, what_is_below_a_revoked_authority_is_revoked) {
    auto asked = test_pki::request("CA trung gian");
    asked.is_authority = true;
    const auto intermediate = pki.make(pki.agency_authority(), "intermediate", asked);
    const auto both = pki.dir() / "both.pem";
    ASSERT_TRUE(write_file(both, intermediate.pem.certificate_pem + pki.agency_authority().own().certificate_pem));
    const certificate_store agencies(both, pki.revoke(intermediate, test_pki::moment("2025-03-01T00:00:00Z")));
    const auto agency = pki.make(authority::from(intermediate.pem), "below", test_pki::request("Sở Y tế"));
    EXPECT_EQ(agencies.check(agency.der, now).error().code, errc::certificate_revoked);
}

TEST_F(certificate_store_test, bytes_that_are_no_certificate_are_unknown) {
    const auto der = pki.agency("so-tttt").der;
    EXPECT_EQ(code_of("", now), errc::certificate_unknown);
    EXPECT_EQ(code_of("MIIC…", now), errc::certificate_unknown);
    EXPECT_EQ(code_of(der + '\0', now), errc::certificate_unknown);
    EXPECT_EQ(code_of(std::string_view(der).substr(0, der.size() - 1), now), errc::certificate_unknown);
    EXPECT_EQ(code_of(std::string(17 * 1024, '0'), now), errc::certificate_unknown);
}

TEST_F(certificate_store_test, a_validity_that_is_no_time_is_refused) {
    auto der = pki.agency("time").der;
    const auto not_before = der.find("200101000000Z"); // a UTCTime, RFC 5280, 4.1.2.5.1
    ASSERT_NE(not_before, std::string::npos);
    der[not_before + 2] = 'x';
    const auto answer = store().check(der, now);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::certificate_unknown);
    EXPECT_THAT(answer.error().what, HasSubstr("validity"));
}

TEST_F(certificate_store_test, a_long_subject_is_cut_between_characters) {
    const certificate_ptr certificate(X509_new());
    std::string name = "a";
    for (int i = 0; i < 200; ++i) name += "Đ";
    X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()), NID_description, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1,
                               0);
    const auto subject = subject_of(certificate.get());
    EXPECT_LE(subject.size(), 256 + std::string_view("…").size());
    EXPECT_THAT(subject, testing::EndsWith("Đ…"));
}

TEST_F(certificate_store_test, forgets_when_the_cache_is_full_and_still_answers) {
    const certificate_store agencies(pki.agency_ca(), {}, 2);
    std::vector<test::identity> many;
    for (int i = 0; i < 5; ++i) many.push_back(pki.agency("agency" + std::to_string(i)));
    for (int round = 0; round < 2; ++round)
        for (const auto& agency : many) EXPECT_EQ(agencies.check(agency.der, now).value()->digest, agency.digest);
}

TEST_F(certificate_store_test, threads_may_ask_at_the_same_time) {
    const certificate_store agencies(pki.agency_ca(), {}, 2);
    const std::vector<test::identity> some = {pki.agency("a"), pki.agency("b"), pki.agency("c")};
    std::atomic<int> good = 0;
    const auto ask = [&] {
        for (int i = 0; i < 60; ++i) good += agencies.check(some[static_cast<unsigned>(i) % 3].der, now).has_value();
    };
    std::thread first(ask), second(ask);
    first.join(), second.join();
    EXPECT_EQ(good, 120);
}

TEST_F(certificate_store_test, refuses_to_start_with_unusable_files) {
    const auto text = pki.dir() / "text.pem";
    ASSERT_TRUE(write_file(text, "no PEM at all\n"));
    EXPECT_THROW(certificate_store("/nonexistent.pem", {}), std::runtime_error);
    EXPECT_THROW(certificate_store(text, {}), std::runtime_error);
    EXPECT_THROW(certificate_store(pki.agency_ca(), text), std::runtime_error);
    EXPECT_THROW(certificate_store(pki.agency("so-tttt").certificate, {}), std::runtime_error) << "not an authority";
}

TEST_F(certificate_store_test, refuses_a_revocation_list_of_somebody_else) {
    const auto foreign = pki.dir() / "foreign.crl.pem";
    ASSERT_TRUE(write_file(foreign, pki.node_authority().revocation_list({}, now, now, now + std::chrono::hours(1))));
    EXPECT_THROW(store(foreign), std::runtime_error);
}

} // namespace
} // namespace truc::trust
