// What broken and hostile clients do. Each must meet its own end and disturb nobody.
#include "test_server.hpp"

namespace truc::test {
namespace {

struct dialogue {
    const char* what;
    std::string says;
    const char* hears; ///< beginning of the answer
};

const std::string host = "Host: x\r\n";

std::vector<dialogue> dialogues() {
    const std::string post = "POST /echo HTTP/1.1\r\n" + host;
    return {
        {"no request line", "\x16\x03\x01\x02\x04garbage", "HTTP/1.1 400"},
        {"lower-case garbage", "hello\r\n\r\n", "HTTP/1.1 400"},
        {"no version", "GET /hello\r\n" + host + "\r\n", "HTTP/1.1 400"},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400"},
        {"HTTP/3.7", "GET /hello HTTP/3.7\r\n" + host + "\r\n", "HTTP/1.1 400"},
        {"space in the target", "GET /hel lo HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 400"},
        {"bad escape", "GET /%zz HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 400"},
        {"no Host", "GET /hello HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
        {"two Hosts", "GET /hello HTTP/1.1\r\n" + host + host + "\r\n", "HTTP/1.1 400"},
        {"space before the colon", "GET /hello HTTP/1.1\r\nHost : x\r\n\r\n", "HTTP/1.1 400"},
        {"field without colon", "GET /hello HTTP/1.1\r\n" + host + "nonsense\r\n\r\n", "HTTP/1.1 400"},
        {"NUL in a value", "GET /hello HTTP/1.1\r\nHost: x" + std::string(1, '\0') + "y\r\n\r\n", "HTTP/1.1 400"},
        {"two lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "HTTP/1.1 400"},
        {"negative length", post + "Content-Length: -1\r\n\r\n", "HTTP/1.1 400"},
        {"length of letters", post + "Content-Length: abc\r\n\r\n", "HTTP/1.1 400"},
        {"length beyond 64 bits", post + "Content-Length: 99999999999999999999999\r\n\r\n", "HTTP/1.1 400"},
        {"length and chunks", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "HTTP/1.1 400"},
        {"chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
         "HTTP/1.1 400"},
        {"unknown coding", post + "Transfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 400"},
        {"coding over chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400"},
        {"chunked not last", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "HTTP/1.1 400"},
        {"empty coding", post + "Transfer-Encoding:\r\n\r\n", "HTTP/1.1 400"},
        {"two codings", post + "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400"},
        {"chunks in 1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400"},
        {"trailers", post + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Late: y\r\n\r\n", "HTTP/1.1 400"},
        {"trailer that lies", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 7\r\n\r\n",
         "HTTP/1.1 400"},
        {"chunk size of letters", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n", "HTTP/1.1 400"},
        {"chunk size beyond 64 bits", post + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\nabc",
         "HTTP/1.1 400"},
        {"chunk longer than it says", post + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", "HTTP/1.1 400"},
        {"length over the limit", post + "Content-Length: 99999999\r\n\r\n", "HTTP/1.1 413"},
        {"chunks over the limit",
         post + "Transfer-Encoding: chunked\r\n\r\n200000\r\n" + std::string(0x200000, 'x') + "\r\n0\r\n\r\n",
         "HTTP/1.1 413"},
        {"endless chunk extension", post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(100'000, 'x'),
         "HTTP/1.1 400"},
        {"huge field", "GET /hello HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", "HTTP/1.1 431"},
        {"endless request line", "GET /" + std::string(40'000, 'x'), "HTTP/1.1 431"},
    };
}

TEST(hostile, every_bad_request_gets_its_answer_and_is_closed) {
    test_server server;
    for (const auto& d : dialogues()) {
        raw_socket client(server.port());
        client.send(d.says);
        const auto answer = client.read_all();
        EXPECT_TRUE(answer.starts_with(d.hears)) << d.what << ": " << answer;
        EXPECT_NE(answer.find("Connection: close"), std::string::npos) << d.what;
        EXPECT_EQ(answer.find("HTTP/1.1", 8), std::string::npos) << d.what << ": one answer only";
    }
    EXPECT_TRUE(server.becomes_empty());
    EXPECT_EQ(server.client().get("/hello")->body, "hello");
}

TEST(hostile, many_small_fields_are_too_many) {
    test_server server;
    raw_socket client(server.port());
    std::string head = "GET /hello HTTP/1.1\r\n" + host;
    for (int i = 0; i < 200; ++i) head += "X: y\r\n";
    client.send(head + "\r\n");
    EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 400"));
}

TEST(hostile, a_header_that_never_ends_is_cut_off_however_it_is_cut) {
    http::server_options options;
    options.linger_time = 30ms;
    test_server server(options);
    raw_socket client(server.port());
    client.send("GET /hello HTTP/1.1\r\n");
    bool alive = true;
    for (int i = 0; alive && i < 5000; ++i) alive = client.send("X-Field: one whole line at a time\r\n");
    const auto answer = client.read_all();
    EXPECT_TRUE(!alive || answer.starts_with("HTTP/1.1 431")) << answer;
    EXPECT_TRUE(server.becomes_empty());
}

TEST(hostile, a_slow_header_is_cut_off) {
    http::server_options options;
    options.header_time = 30ms;
    test_server server(options);
    raw_socket client(server.port());
    client.send("GET /hello HT");
    EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 408"));
}

TEST(hostile, an_idle_connection_is_closed_without_a_word) {
    http::server_options options;
    options.idle_time = options.stranger_time = 30ms;
    test_server server(options);
    raw_socket fresh(server.port());
    EXPECT_EQ(fresh.read_all(), "");
}

TEST(hostile, a_slow_body_is_cut_off) {
    http::server_options options;
    options.upload.grace = 30ms;
    test_server server(options);
    raw_socket client(server.port());
    client.send("POST /echo HTTP/1.1\r\n" + host + "Content-Length: 1000\r\n\r\nabc");
    const auto answer = client.read_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408")) << answer;
}

TEST(hostile, a_slow_reader_is_cut_off) {
    http::server_options options;
    options.download.stall = 30ms;
    test_server server(options);
    raw_socket client(server.port());
    client.send("GET /alphabet?size=500000000 HTTP/1.1\r\n" + host + "\r\n");
    ASSERT_TRUE(eventually([&] { return server.app().started == 1; }));
    EXPECT_TRUE(server.becomes_empty());
}

TEST(hostile, half_a_body_and_gone) {
    test_server server;
    raw_socket orderly(server.port());
    orderly.send("POST /count HTTP/1.1\r\n" + host + "Content-Length: 1000\r\n\r\nabc");
    ASSERT_TRUE(eventually([&] { return server.app().body_bytes == 3; }));
    orderly.close();
    EXPECT_TRUE(server.becomes_empty());
    raw_socket rude(server.port());
    rude.send("POST /count HTTP/1.1\r\n" + host + "Content-Length: 1000\r\n\r\nabcd");
    ASSERT_TRUE(eventually([&] { return server.app().body_bytes == 7; }));
    rude.reset();
    EXPECT_TRUE(server.becomes_empty());
}

TEST(hostile, a_refused_body_is_not_taken_for_a_request) {
    test_server server;
    raw_socket client(server.port());
    client.send("POST /refuse HTTP/1.1\r\n" + host +
                "Content-Length: 40\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto all = client.read_all();
    EXPECT_TRUE(all.starts_with("HTTP/1.1 403"));
    EXPECT_EQ(server.app().started, 1);
}

TEST(hostile, a_refusal_reaches_a_client_that_is_still_sending) {
    test_server server;
    auto client = server.client();
    const std::string body(4 << 20, 'x');
    client::http_request request;
    request.method = "POST";
    request.target = "/refuse";
    request.body = body;
    for (int i = 0; i < 20; ++i) {
        const auto answer = client.send(request);
        ASSERT_TRUE(answer) << answer.error().what;
        EXPECT_EQ(answer->status, 403u);
    }
}

TEST(hostile, a_content_that_breaks_its_promise_breaks_the_connection_off) {
    test_server server;
    raw_socket client(server.port());
    client.send("GET /broken HTTP/1.1\r\n" + host + "\r\n");
    const auto answer = client.read_all();
    EXPECT_NE(answer.find("Content-Length: 100\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("abcdefghij")) << answer;
}

TEST(hostile, half_open_connections_hold_nobody_up) {
    test_server server;
    std::vector<std::unique_ptr<raw_socket>> idlers;
    for (int i = 0; i < 50; ++i) {
        idlers.push_back(std::make_unique<raw_socket>(server.port()));
        idlers.back()->send(i % 2 ? "GET / HT" : "POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx");
    }
    EXPECT_EQ(server.client().get("/hello")->body, "hello");
}

} // namespace
} // namespace truc::test
