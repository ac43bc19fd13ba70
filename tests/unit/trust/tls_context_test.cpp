#include "tls_case.hpp"

#include <truc/base/durable.hpp>

namespace truc::trust {
namespace {

using test::test_pki;

class tls_context_test : public tls_case {
  protected:
    bool connects(const tls_files& server_side, const tls_files& client_side, const std::string& host = "127.0.0.1") {
        const auto server = tls_context::make_server(server_side, now),
                   client = tls_context::make_client(client_side, now);
        connection there(*server), here(*client);
        expect_server(here.ssl, host);
        if (!handshake(there, here)) return false;
        if (const X509* peer = SSL_get0_peer_certificate(there.ssl)) peer_digest = digest_of(peer);
        version = SSL_version(there.ssl);
        return true;
    }

    std::optional<sha256_digest> peer_digest;
    int version = 0;
};

TEST_F(tls_context_test, a_client_is_known_by_its_certificates_digest) {
    const auto agency = pki.agency("so-tttt", key_kind::rsa_2048);
    ASSERT_TRUE(connects(server_files(), client_files(agency)));
    EXPECT_EQ(peer_digest, agency.digest);
    EXPECT_EQ(version, TLS1_3_VERSION);
}

TEST_F(tls_context_test, a_client_may_come_without_a_certificate) {
    ASSERT_TRUE(connects(server_files(), client_files(), "localhost"));
    EXPECT_FALSE(peer_digest);
}

TEST_F(tls_context_test, a_client_of_an_unknown_authority_is_refused) {
    auto files = server_files();
    files.authorities = {pki.node_ca()};
    EXPECT_FALSE(connects(files, client_files(pki.agency("so-tttt"))));
}

TEST_F(tls_context_test, a_server_of_an_unknown_authority_is_refused) {
    auto files = client_files();
    files.authorities = {pki.agency_ca()};
    EXPECT_FALSE(connects(server_files(), files));
}

TEST_F(tls_context_test, a_server_with_another_name_is_refused) {
    EXPECT_FALSE(connects(server_files(), client_files(), "127.0.0.2"));
    EXPECT_FALSE(connects(server_files(), client_files(), "truc.example.vn"));
}

TEST_F(tls_context_test, a_certificate_for_clients_does_not_make_a_server) {
    auto files = server_files();
    auto asked = test_pki::request("not a server");
    asked.for_clients = true;
    asked.ip_addresses = {"127.0.0.1"};
    const auto not_a_server = pki.make(pki.node_authority(), "not-a-server", asked);
    files.certificate = not_a_server.certificate, files.key = not_a_server.key;
    EXPECT_FALSE(connects(files, client_files()));
}

TEST_F(tls_context_test, a_revoked_client_is_refused_by_an_old_list_too) {
    const auto good = pki.agency("good"), bad = pki.agency("bad");
    auto files = server_files();
    files.revocation_lists = {pki.dir() / "list.pem"};
    for (const auto next_update : {now + std::chrono::hours(1), now - std::chrono::hours(1)}) {
        const auto made = now - std::chrono::hours(2);
        const auto list = pki.agency_authority().revocation_list({bad.pem.certificate_pem}, made, made, next_update);
        ASSERT_TRUE(write_file(files.revocation_lists.front(), list));
        EXPECT_FALSE(connects(files, client_files(bad)));
        EXPECT_TRUE(connects(files, client_files(good)));
        EXPECT_TRUE(connects(files, client_files(pki.node("thuannam")))) << "its authority has no list";
    }
}

TEST_F(tls_context_test, tls_1_1_is_not_spoken) {
    const auto server = tls_context::make_server(server_files(), now),
               client = tls_context::make_client(client_files(), now);
    connection there(*server), here(*client);
    SSL_set_security_level(here.ssl, 0);
    SSL_set_min_proto_version(here.ssl, TLS1_VERSION);
    SSL_set_max_proto_version(here.ssl, TLS1_1_VERSION);
    EXPECT_FALSE(handshake(there, here));
}

TEST_F(tls_context_test, refuses_to_start_with_unusable_files) {
    auto files = server_files();
    files.key = pki.node("thuannam").key;
    EXPECT_THROW(tls_context::make_server(files, now), std::runtime_error);
    files = server_files();
    files.authorities.clear();
    EXPECT_THROW(tls_context::make_server(files, now), std::runtime_error);
    EXPECT_THROW(tls_context::make_server(server_files(), test_pki::moment("2049-01-01T00:00:00Z")),
                 std::runtime_error);
    EXPECT_THROW(tls_context::make_server(server_files(), test_pki::moment("2019-01-01T00:00:00Z")),
                 std::runtime_error);
    files = server_files();
    std::filesystem::permissions(files.key, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
    EXPECT_THROW(tls_context::make_server(files, now), std::runtime_error);
}

TEST_F(tls_context_test, shares_references_that_are_freed_one_by_one) {
    auto context = tls_context::make_client(client_files(), now);
    SSL_CTX* const shared = context->share();
    EXPECT_EQ(shared, context->get());
    context.reset();
    SSL* const usable = SSL_new(shared);
    EXPECT_TRUE(usable);
    SSL_free(usable);
    SSL_CTX_free(shared);
}

} // namespace
} // namespace truc::trust
