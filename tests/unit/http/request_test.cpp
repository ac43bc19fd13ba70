// What well-behaved clients do.
#include "test_server.hpp"

namespace truc::test {
namespace {

std::string get(const std::string& path, const std::string& fields = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

std::string post(const std::string& path, const std::string& body, const std::string& fields = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields +
           "\r\n" + body;
}

TEST(http_server, answers_and_keeps_the_connection) {
    test_server server;
    raw_socket client(server.port());
    for (int i = 0; i < 3; ++i) {
        client.send(get("/hello"));
        const auto head = client.read_until("\r\n\r\n");
        EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << head;
        EXPECT_NE(head.find("\r\nContent-Length: 5\r\nConnection: keep-alive\r\n"), std::string::npos) << head;
        EXPECT_EQ(client.read(5), "hello");
    }
    EXPECT_NE(server.metrics().find("truc_http_responses_total{class=\"2xx\"} 3"), std::string::npos);
}

TEST(http_server, answers_pipelined_requests_in_their_order) {
    test_server server;
    raw_socket client(server.port());
    client.send(get("/hello") + post("/echo", "one") + "\r\n" + post("/pool", "two") + get("/wrong") +
                get("/hello", "Connection: close\r\n"));
    const auto all = client.read_all();
    const auto one = all.find("hello");
    const auto two = all.find("\r\n\r\none");
    const auto three = all.find(sha256("two").hex());
    const auto four = all.find("not_found: /wrong");
    EXPECT_LT(one, two);
    EXPECT_LT(two, three);
    EXPECT_LT(three, four);
    EXPECT_LT(four, all.rfind("hello"));
    EXPECT_NE(all.rfind("hello"), std::string::npos);
}

TEST(http_server, http_1_0_is_closed_unless_it_asks_otherwise) {
    test_server server;
    raw_socket plain(server.port());
    plain.send("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(plain.read_all().ends_with("hello"));
    raw_socket kept(server.port());
    kept.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    kept.read_until("hello");
    kept.send("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(kept.read_all().ends_with("hello"));
}

TEST(http_server, head_has_the_length_and_no_body) {
    test_server server;
    raw_socket client(server.port());
    client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto all = client.read_all();
    EXPECT_NE(all.find("Content-Length: 5\r\n"), std::string::npos);
    EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

TEST(http_server, takes_chunked_bodies_even_byte_by_byte) {
    test_server server;
    const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    raw_socket client(server.port());
    for (const std::string body : {"5\r\ntruc \r\nA;x=y\r\nlien thong\r\n0\r\n\r\n", "0\r\n\r\n"}) {
        for (const char c : head + body) client.send(std::string(1, c));
        const auto answer = client.read_until("\r\n\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
        EXPECT_NE(answer.find("keep-alive"), std::string::npos);
        const std::string content = body.size() > 5 ? "truc lien thong" : "";
        EXPECT_EQ(client.read(content.size()), content);
    }
}

TEST(http_server, streams_large_bodies_in_bounded_pieces) {
    test_server server;
    auto client = server.client();
    const std::string body(20 << 20, 'x');
    client::http_request request;
    request.method = "POST";
    request.target = "/count";
    request.body = body;
    const auto answer = client.send(request);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, std::to_string(body.size()));
    EXPECT_LE(server.app().largest_piece, 65536u);
}

TEST(http_server, says_continue_only_after_the_handler_agreed) {
    test_server server;
    raw_socket agreed(server.port());
    agreed.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(agreed.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    agreed.send("truc");
    EXPECT_TRUE(agreed.read_until("truc").starts_with("HTTP/1.1 200"));

    raw_socket refused(server.port());
    refused.send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    const auto answer = refused.read_until("\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);

    raw_socket large(server.port());
    large.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(large.read_until("\r\n\r\n").starts_with("HTTP/1.1 413"));
}

TEST(http_server, serves_ranges) {
    test_server server;
    auto client = server.client();
    const auto ask = [&](const std::string& range) {
        client::http_request request;
        request.target = "/alphabet?size=100";
        request.fields.push_back(client::http_field{"Range", range});
        return *client.send(request);
    };
    EXPECT_EQ(ask("bytes=0-3").body, "abcd");
    EXPECT_EQ(ask("bytes=0-3").status, 206u);
    EXPECT_EQ(ask("bytes=26-29").header("Content-Range"), "bytes 26-29/100");
    EXPECT_EQ(ask("bytes=98-").body, "uv");
    EXPECT_EQ(ask("bytes=98-5000").body, "uv");
    EXPECT_EQ(ask("bytes=-2").body, "uv");
    EXPECT_EQ(ask("bytes=-1000").body.size(), 100u);
    EXPECT_EQ(ask("bytes=100-").status, 416u);
    EXPECT_EQ(ask("bytes=-0").status, 416u);
    EXPECT_EQ(ask("bytes=100-").header("Content-Range"), "bytes */100");
    for (const auto* ignored : {"bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=x-y", "bytes=1"})
        EXPECT_EQ(ask(ignored).status, 200u) << ignored;
}

TEST(http_server, sends_only_what_the_client_does_not_have) {
    test_server server;
    auto client = server.client();
    const auto ask = [&](const std::string& tags, const std::string& condition = "", const std::string& range = "") {
        client::http_request request;
        request.target = "/alphabet?size=100";
        request.fields.push_back(client::http_field{"If-None-Match", tags});
        if (!condition.empty()) request.fields.push_back(client::http_field{"If-Range", condition});
        if (!range.empty()) request.fields.push_back(client::http_field{"Range", range});
        return *client.send(request);
    };
    EXPECT_EQ(ask("\"v0\"").header("ETag"), "\"v1\"");
    for (const auto* known : {"\"v1\"", "W/\"v1\"", "*", "\"v0\", \"v1\"", "\"v0\",\"v1\" "}) {
        const auto answer = ask(known, "", "bytes=0-3");
        EXPECT_EQ(answer.status, 304u) << known;
        EXPECT_EQ(answer.body, "");
        EXPECT_EQ(answer.header("ETag"), "\"v1\"");
    }
    for (const auto* other : {"", "v1", "\"v0\"", "\"v1", "\"V1\""}) EXPECT_EQ(ask(other).status, 200u) << other;
    EXPECT_EQ(ask("", "\"v1\"", "bytes=0-3").body, "abcd");
    EXPECT_EQ(ask("", "\"v0\"", "bytes=0-3").body.size(), 100u) << "the beginning that it has is of another version";
    EXPECT_EQ(ask("", "W/\"v1\"", "bytes=0-3").status, 200u) << "only the very same bytes may be put together";
    EXPECT_EQ(ask("").status, 200u) << "the connection is still in step";
}

TEST(http_server, streams_large_answers) {
    test_server server;
    auto client = server.client();
    const auto answer = client.get("/alphabet?size=5000000");
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->body.size(), 5'000'000u);
    alphabet expected(5'000'000);
    EXPECT_EQ(sha256(answer->body), sha256(*expected.piece(0, 5'000'000)));
}

TEST(http_server, handlers_complete_on_other_threads) {
    test_server server;
    auto client = server.client();
    for (int i = 0; i < 200; ++i) {
        const auto far = client.get("/thread");
        ASSERT_TRUE(far);
        EXPECT_EQ(far->body, "from afar");
        client::http_request request;
        request.method = "POST";
        request.target = "/pool";
        request.body = "truc";
        EXPECT_EQ(client.send(request)->body, sha256("truc").hex());
    }
}

TEST(http_server, an_exception_becomes_an_internal_error_and_the_connection_lives) {
    test_server server;
    auto client = server.client();
    EXPECT_EQ(client.get("/throw")->status, 500u);
    EXPECT_EQ(client.get("/hello")->body, "hello");
    EXPECT_NE(server.metrics().find("truc_connections_total{listener=\"http\"} 1\n"), std::string::npos);
}

TEST(http_server, a_value_cannot_smuggle_in_a_field) {
    test_server server;
    auto client = server.client();
    const auto answer = client.get("/inject");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->header("X-Evil"), "");
    EXPECT_EQ(answer->header("X-Value"), "a  X-Evil: b");
}

TEST(http_server, closes_after_the_last_request_of_a_connection) {
    http::server_options options;
    options.max_requests = 2;
    test_server server(options);
    raw_socket client(server.port());
    client.send(get("/hello") + get("/hello") + get("/hello"));
    const auto all = client.read_all();
    EXPECT_EQ(server.app().started, 2);
    EXPECT_NE(all.find("Connection: close"), std::string::npos);
}

TEST(http_server, carries_many_connections_at_once) {
    test_server server;
    raw_socket early(server.port());
    std::vector<std::unique_ptr<raw_socket>> clients;
    for (int i = 0; i < 400; ++i) clients.push_back(std::make_unique<raw_socket>(server.port()));
    for (int round = 0; round < 2; ++round) {
        for (auto& c : clients) c->send(get("/hello"));
        for (auto& c : clients) ASSERT_TRUE(c->read_until("hello").starts_with("HTTP/1.1 200"));
    }
    EXPECT_EQ(server.listener().connections(), 401u);
    early.send(get("/hello"));
    EXPECT_TRUE(early.read_until("hello").ends_with("hello"));
}

} // namespace
} // namespace truc::test
