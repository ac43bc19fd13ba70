#include "test_server.hpp"

#include <openssl/ssl.h>

namespace truc::test {
namespace {

class http_tls : public testing::Test {
  protected:
    std::shared_ptr<const trust::tls_context> context_of(const identity& own, const std::filesystem::path& clients) {
        trust::tls_files files;
        files.certificate = own.certificate;
        files.key = own.key;
        files.authorities.push_back(clients);
        return trust::tls_context::make_server(files, test_pki::now());
    }
    result<client::http_response> fetch(const identity* own, const std::string& path = "/peer") {
        auto client = server_.tls_client(pki_.node_ca(), own);
        return client.get(path);
    }

    test_pki pki_;
    identity node_ = pki_.node("ninhthuan");
    identity agency_ = pki_.agency("so-tttt");
    net::tls_holder holder_{context_of(node_, pki_.agency_ca())};
    test_server server_{{}, &holder_};
};

TEST_F(http_tls, tells_the_handler_whose_certificate_it_is) {
    const auto answer = fetch(&agency_);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->body, agency_.digest.hex());
}

TEST_F(http_tls, a_client_without_certificate_is_nobody) {
    const auto answer = fetch(nullptr);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->body, "nobody");
}

TEST_F(http_tls, nobody_waits_for_a_stranger_between_requests) {
    http::server_options options;
    options.stranger_time = 50ms;
    test_server server(options, &holder_);
    auto stranger = server.tls_client(pki_.node_ca(), nullptr);
    auto known = server.tls_client(pki_.node_ca(), &agency_);
    ASSERT_TRUE(known.get("/peer"));
    ASSERT_TRUE(stranger.get("/peer"));
    EXPECT_TRUE(eventually([&] { return server.listener().connections() == 1; })) << "it is gone, the other one is not";
    EXPECT_TRUE(known.get("/peer"));
}

/// A TLS client without scruples: any version, any certificate, and it trusts everybody. True: the server answered it.
bool is_served(std::uint16_t port, int version, const identity* own) {
    raw_socket socket(port);
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    if (own) {
        SSL_CTX_use_certificate_file(context.get(), own->certificate.c_str(), SSL_FILETYPE_PEM);
        SSL_CTX_use_PrivateKey_file(context.get(), own->key.c_str(), SSL_FILETYPE_PEM);
    }
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(ssl.get(), socket.fd());
    if (SSL_connect(ssl.get()) != 1) return false;
    const std::string_view request = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    char first = 0;
    SSL_write(ssl.get(), request.data(), static_cast<int>(request.size()));
    return SSL_read(ssl.get(), &first, 1) == 1 && first == 'H';
}

TEST_F(http_tls, speaks_1_2_and_1_3_and_nothing_older) {
    EXPECT_TRUE(is_served(server_.port(), TLS1_3_VERSION, &agency_));
    EXPECT_TRUE(is_served(server_.port(), TLS1_2_VERSION, &agency_));
    EXPECT_FALSE(is_served(server_.port(), TLS1_1_VERSION, &agency_));
}

TEST_F(http_tls, refuses_unknown_and_expired_certificates) {
    auto asked = test_pki::request("hết hạn");
    asked.for_clients = true;
    asked.not_after = test_pki::moment("2021-01-01T00:00:00Z");
    const auto expired = pki_.make(pki_.agency_authority(), "expired", asked);
    const auto stranger = pki_.node("stranger"); // of an authority that vouches for no client here
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        EXPECT_FALSE(is_served(server_.port(), version, &expired));
        EXPECT_FALSE(is_served(server_.port(), version, &stranger));
        EXPECT_TRUE(is_served(server_.port(), version, &agency_));
    }
}

TEST_F(http_tls, garbage_instead_of_a_handshake_is_closed_and_counted) {
    raw_socket socket(server_.port());
    socket.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(socket.is_closed_by_peer());
    EXPECT_TRUE(server_.becomes_empty());
    EXPECT_NE(server_.metrics().find("truc_handshakes_failed_total{listener=\"http\"} 1"), std::string::npos);
}

TEST_F(http_tls, silent_peers_hold_up_each_other_and_not_everybody) {
    net::listener_options tight;
    tight.max_handshakes = 5;
    tight.handshake_patience = 10ms;
    test_server server({}, &holder_, tight);
    std::vector<std::unique_ptr<raw_socket>> silent;
    for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<raw_socket>(server.port()));
    auto client = server.tls_client(pki_.node_ca(), &agency_);
    EXPECT_TRUE(client.get("/hello"));
    EXPECT_TRUE(silent.front()->is_closed_by_peer());
    EXPECT_TRUE(eventually([&] { return server.listener().connections() <= 6; }));
}

TEST_F(http_tls, a_crowd_that_comes_at_once_is_served_to_the_last) {
    net::listener_options tight;
    tight.max_handshakes = 2;
    tight.handshake_patience = 1min;
    test_server server({}, &holder_, tight);
    std::atomic<int> served{0};
    std::vector<std::thread> crowd;
    for (int i = 0; i < 30; ++i)
        crowd.emplace_back([&] {
            auto client = server.tls_client(pki_.node_ca(), &agency_);
            if (client.get("/hello")) ++served;
        });
    for (auto& client : crowd) client.join();
    EXPECT_EQ(served, 30);
}

TEST_F(http_tls, a_silent_peer_meets_the_deadline_of_the_handshake) {
    net::listener_options fast;
    fast.handshake_time = 20ms;
    test_server server({}, &holder_, fast);
    raw_socket silent(server.port());
    EXPECT_TRUE(silent.is_closed_by_peer());
}

TEST_F(http_tls, certificates_are_replaced_while_connections_live) {
    auto kept = server_.tls_client(pki_.node_ca(), &agency_);
    ASSERT_TRUE(kept.get("/hello"));
    auto asked = test_pki::request("máy chủ mới");
    asked.ip_addresses = {"127.0.0.1"};
    asked.for_servers = true;
    const auto renewed = pki_.make(pki_.agency_authority(), "renewed", asked);
    holder_.set(context_of(renewed, pki_.agency_ca()));

    EXPECT_TRUE(kept.get("/hello")) << "goes on with what it began with";
    EXPECT_FALSE(fetch(&agency_))
        << "new connections meet the new certificate, whose authority this client does not know";
    auto informed = server_.tls_client(pki_.agency_ca(), &agency_);
    EXPECT_TRUE(informed.get("/hello"));
}

TEST_F(http_tls, carries_large_bodies_both_ways) {
    auto client = server_.tls_client(pki_.node_ca(), &agency_);
    const std::string body(1 << 20, 'x');
    client::http_request request;
    request.method = "POST";
    request.target = "/echo";
    request.body = body;
    const auto answer = client.send(request);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->body, body);
}

TEST_F(http_tls, a_long_poll_notices_a_client_that_said_good_bye) {
    auto where = client::server_address::parse("https://127.0.0.1:" + std::to_string(server_.port()));
    client::http_options options;
    options.authority = pki_.node_ca();
    options.answer_time = 100ms;
    client::http_client client(*where, options);
    const auto answer = client.get("/wait");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::timeout);
    client.disconnect();
    EXPECT_TRUE(server_.becomes_empty());
    EXPECT_EQ(server_.app().abandoned, 1);
}

} // namespace
} // namespace truc::test
