#include "test_pki.hpp"

#include <truc/base/durable.hpp>
#include <truc/trust/expiry.hpp>

#include <gtest/gtest.h>

namespace truc::trust {
namespace {

TEST(expiry, is_read_from_certificates_with_their_digest_and_name) {
    const test::test_pki pki;
    const auto node = certificates_in(pki.node("ninhthuan").certificate);
    ASSERT_EQ(node.size(), 1u);
    EXPECT_EQ(node[0].subject, "urn:truc:node:ninhthuan");
    EXPECT_EQ(node[0].ends, test::test_pki::request("").not_after);

    const auto agency = pki.agency("Sở Y tế");
    const auto shown = expiry_of(agency.der);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->sha256, agency.digest);
    EXPECT_NE(shown->subject.find("Sở Y tế"), std::string::npos) << shown->subject;
    EXPECT_FALSE(expiry_of("no certificate"));
}

TEST(expiry, of_a_revocation_list_is_when_the_next_one_was_promised) {
    const test::test_pki pki;
    const auto until = test::test_pki::moment("2027-03-01T00:00:00Z");
    const auto file = pki.dir() / "list.pem";
    ASSERT_TRUE(write_file(file, pki.agency_authority().revocation_list({}, test::test_pki::now(),
                                                                        test::test_pki::moment("2026-01-01T00:00:00Z"),
                                                                        until)));
    const auto lists = revocation_lists_in(file);
    ASSERT_EQ(lists.size(), 1u);
    EXPECT_EQ(lists[0].ends, until);
    EXPECT_FALSE(lists[0].sha256);
    EXPECT_FALSE(lists[0].subject.empty());
    EXPECT_THROW(certificates_in(file), std::runtime_error);
}

TEST(expiry, each_certificate_that_was_found_good_is_told_once_until_it_is_used_again) {
    const test::test_pki pki;
    const auto agency = pki.agency("A");
    const certificate_store store(pki.agency_ca(), {});
    EXPECT_TRUE(store.take_used().empty());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(store.check(agency.der, test::test_pki::now()));
    const auto used = store.take_used();
    ASSERT_EQ(used.size(), 1u);
    EXPECT_EQ(used[0]->digest, agency.digest);
    EXPECT_TRUE(store.take_used().empty());
    ASSERT_FALSE(store.check(agency.der, test::test_pki::moment("2060-01-01T00:00:00Z")));
    EXPECT_TRUE(store.take_used().empty()) << "it was refused";
    ASSERT_TRUE(store.check(agency.der, test::test_pki::now()));
    EXPECT_EQ(store.take_used().size(), 1u);
}

} // namespace
} // namespace truc::trust
