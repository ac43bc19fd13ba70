#include "tls_case.hpp"

#include <truc/base/durable.hpp>

#include <gmock/gmock.h>
#include <openssl/err.h>

namespace truc::trust {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class handshake_fault_test : public tls_case {
  protected:
    test::identity agency(const std::string& name, timestamp from, timestamp until, bool for_servers = false) const {
        auto asked = test::test_pki::request(name);
        asked.not_before = from, asked.not_after = until;
        asked.for_clients = !for_servers, asked.for_servers = for_servers;
        return pki.make(pki.agency_authority(), "agency", asked);
    }

    /// What the server makes of the first thing that a client of its own says.
    static handshake_fault judge(const tls_context& server, const std::string& said) {
        const connection there(server);
        BIO* const in = BIO_new_mem_buf(said.data(), static_cast<int>(said.size()));
        SSL_set_bio(there.ssl, in, BIO_new(BIO_s_mem()));
        ERR_clear_error();
        EXPECT_LE(SSL_accept(there.ssl), 0);
        return fault_of(there.ssl);
    }
    /// Of a handshake that must fail at the server.
    handshake_fault refused(const tls_files& server_side, const tls_files& client_side,
                            void (*prepare)(SSL*) = nullptr) {
        const auto server = tls_context::make_server(server_side, now),
                   client = tls_context::make_client(client_side, client_starts);
        const connection there(*server), here(*client);
        if (prepare) prepare(here.ssl);
        BIO *one = nullptr, *other = nullptr;
        BIO_new_bio_pair(&one, 0, &other, 0);
        SSL_set_bio(there.ssl, one, one);
        SSL_set_bio(here.ssl, other, other);
        for (int i = 0; i < 20; ++i) {
            SSL_connect(here.ssl);
            ERR_clear_error();
            const int rc = SSL_accept(there.ssl);
            if (rc > 0) break;
            if (SSL_get_error(there.ssl, rc) == SSL_ERROR_WANT_READ) continue;
            auto fault = fault_of(there.ssl);
            EXPECT_EQ(ERR_peek_error(), 0u);
            listen_to_alert(here.ssl);
            return fault;
        }
        ADD_FAILURE() << "it was let in";
        return {};
    }
    void listen_to_alert(SSL* client) {
        char byte;
        EXPECT_LE(SSL_read(client, &byte, 1), 0);
        alert = ERR_GET_REASON(ERR_peek_error()) - SSL_AD_REASON_OFFSET;
        ERR_clear_error();
    }

    timestamp client_starts = now;
    int alert = 0; ///< what the client was told
};

TEST_F(handshake_fault_test, an_expired_certificate) {
    const auto who = agency("Sở Thông tin", test::test_pki::moment("2020-01-01T00:00:00Z"),
                            test::test_pki::moment("2021-01-01T00:00:00Z"));
    client_starts = test::test_pki::moment("2020-06-01T00:00:00Z"); // later it would not
    const auto fault = refused(server_files(), client_files(who));
    EXPECT_EQ(fault.reason, "expired");
    EXPECT_EQ(alert, SSL_AD_CERTIFICATE_EXPIRED);
    EXPECT_EQ(fault.certificate, who.digest.hex());
    EXPECT_THAT(fault.text, AllOf(HasSubstr("\"Sở Thông tin\""), HasSubstr("\"CA của các cơ quan\""),
                                  HasSubstr(who.digest.hex()), HasSubstr("expired on 2021-01-01T07:00:00.000+07:00")));
}

TEST_F(handshake_fault_test, a_revoked_certificate) {
    const auto who = pki.agency("so-tttt");
    auto files = server_files();
    files.revocation_lists = {pki.revoke(who, test::test_pki::moment("2026-02-03T04:05:06Z"))};
    const auto fault = refused(files, client_files(who));
    EXPECT_EQ(fault.reason, "revoked");
    EXPECT_THAT(fault.text, HasSubstr("revoked by \"CA của các cơ quan\" on 2026-02-03T11:05:06.000+07:00"));
    EXPECT_EQ(alert, SSL_AD_CERTIFICATE_REVOKED);
}

TEST_F(handshake_fault_test, a_certificate_of_an_unknown_authority) {
    auto files = server_files();
    files.authorities = {pki.agency_ca()};
    const auto fault = refused(files, client_files(pki.node("thuannam")));
    EXPECT_EQ(fault.reason, "unknown_authority");
    EXPECT_THAT(fault.text, HasSubstr("agency_ca"));
    EXPECT_EQ(alert, SSL_AD_UNKNOWN_CA);
}

TEST_F(handshake_fault_test, a_certificate_for_another_use) {
    const auto who = agency("máy chủ", now - 1h, now + 1h, true);
    const auto fault = refused(server_files(), client_files(who));
    EXPECT_EQ(fault.reason, "wrong_usage");
    EXPECT_THAT(fault.text, HasSubstr("does not allow client authentication"));
    EXPECT_EQ(alert, SSL_AD_UNSUPPORTED_CERTIFICATE);
}

TEST_F(handshake_fault_test, what_strangers_write_into_a_certificate_cannot_deceive_the_reader_of_a_log) {
    const auto self = authority::make("x\n2026 well\x1b[2J\"\xe2\x80\xae\xc2\x85", now - 1h, now + 1h);
    write_credentials(pki.dir(), "stranger", self.own());
    auto files = client_files();
    files.certificate = pki.dir() / "stranger.pem", files.key = pki.dir() / "stranger-key.pem";
    const auto fault = refused(server_files(), files);
    EXPECT_EQ(fault.reason, "unknown_authority");
    EXPECT_THAT(fault.text,
                AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\x1b")), Not(HasSubstr("\xe2\x80\xae")),
                      Not(HasSubstr("\xc2\x85")), HasSubstr("x\\x0a2026 well\\x1b[2J\\x22\\xe2\\x80\\xae\\xc2\\x85")));
}

TEST_F(handshake_fault_test, tls_1_1_and_what_is_no_tls) {
    const auto fault = refused(server_files(), client_files(), [](SSL* client) {
        SSL_set_security_level(client, 0);
        SSL_set_min_proto_version(client, TLS1_VERSION);
        SSL_set_max_proto_version(client, TLS1_1_VERSION);
        SSL_set_cipher_list(client, "DEFAULT");
    });
    EXPECT_EQ(fault.reason, "old_protocol");
    EXPECT_EQ(alert, SSL_AD_PROTOCOL_VERSION);
    const auto server = tls_context::make_server(server_files(), now);
    const auto http = judge(*server, "GET /v1/inbox HTTP/1.1\r\nHost: truc\r\n\r\n");
    EXPECT_EQ(http.reason, "not_tls");
    EXPECT_THAT(http.text, HasSubstr("https://"));
    EXPECT_EQ(judge(*server, "AMQP, but without TLS").reason, "not_tls");
    EXPECT_EQ(judge(*server, "").reason, "broken_off");
}

TEST_F(handshake_fault_test, a_client_that_has_only_weak_ciphers) {
    const auto fault = refused(server_files(), client_files(), [](SSL* client) {
        SSL_set_security_level(client, 0);
        SSL_set_max_proto_version(client, TLS1_2_VERSION);
        SSL_set_cipher_list(client, "AES128-SHA:ECDHE-ECDSA-AES128-SHA");
    });
    EXPECT_EQ(fault.reason, "no_common_cipher");
    EXPECT_EQ(alert, SSL_AD_HANDSHAKE_FAILURE);
}

} // namespace
} // namespace truc::trust
