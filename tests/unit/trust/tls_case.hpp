#pragma once
#include "test_pki.hpp"

#include <truc/trust/handshake_fault.hpp>
#include <truc/trust/tls_context.hpp>

#include <gtest/gtest.h>

namespace truc::trust {

/// One side of a connection in memory.
struct connection {
    SSL* ssl;
    explicit connection(const tls_context& context) : ssl(SSL_new(context.get())) {}
    connection(const connection&) = delete;
    ~connection() { SSL_free(ssl); }
};

/// Shakes hands in memory; true when both sides are content.
inline bool handshake(connection& server, connection& client) {
    BIO *one = nullptr, *other = nullptr;
    BIO_new_bio_pair(&one, 0, &other, 0);
    SSL_set_bio(server.ssl, one, one);
    SSL_set_bio(client.ssl, other, other);
    SSL_set_accept_state(server.ssl);
    SSL_set_connect_state(client.ssl);
    char byte;
    for (int i = 0; i < 20; ++i) {
        // A server of TLS 1.3 hears of the client's certificate after the client thinks all is done: read on both
        // sides.
        SSL_read(client.ssl, &byte, 1);
        SSL_read(server.ssl, &byte, 1);
    }
    return SSL_is_init_finished(server.ssl) && SSL_is_init_finished(client.ssl) && SSL_get_shutdown(client.ssl) == 0 &&
           SSL_get_verify_result(client.ssl) == X509_V_OK && SSL_get_verify_result(server.ssl) == X509_V_OK;
}

/// A node as server, agencies as clients.
class tls_case : public testing::Test {
  protected:
    tls_files server_files() const {
        tls_files files;
        const auto node = pki.node("ninhthuan");
        files.certificate = node.certificate, files.key = node.key;
        files.authorities = {pki.agency_ca(), pki.node_ca()};
        return files;
    }
    tls_files client_files() const {
        tls_files files;
        files.authorities = {pki.node_ca()};
        return files;
    }
    tls_files client_files(const test::identity& who) const {
        auto files = client_files();
        files.certificate = who.certificate, files.key = who.key;
        return files;
    }

    test::test_pki pki;
    timestamp now = test::test_pki::now();
};

} // namespace truc::trust
