// Where long headers can be in order, they cost strangers' requests nothing, and memory has a bound.
#include "test_server.hpp"

namespace truc::test {
namespace {

http::server_options one_long_header() {
    http::server_options options;
    options.long_header_limit = 64 * 1024;
    options.long_headers = 1;
    options.linger_time = 30ms;
    return options;
}

std::string request(std::size_t padding) {
    return "GET /hello HTTP/1.1\r\nHost: x\r\nX: " + std::string(padding, 'x') + "\r\n\r\n";
}
const std::string begun = request(30'000).substr(0, 25'000);

std::string first_line(raw_socket& client) { return client.read_until("\r\n").substr(0, 12); }

TEST(long_header, is_read_however_it_is_cut_and_the_connection_goes_on) {
    test_server server(one_long_header());
    raw_socket client(server.port());
    for (const std::size_t size : {60'000, 10, 20'000}) {
        const auto text = request(size);
        for (std::size_t at = 0; at < text.size(); at += 7'001) client.send(std::string_view(text).substr(at, 7'001));
        EXPECT_TRUE(client.read_until("hello").starts_with("HTTP/1.1 200")) << size;
    }
    const auto pipelined = request(40'000) + request(10) + request(40'000);
    client.send(pipelined);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.read_until("hello").starts_with("HTTP/1.1 200")) << i;
}

TEST(long_header, has_its_own_limit) {
    test_server server(one_long_header());
    for (const std::size_t size : {66'000, 500'000}) {
        raw_socket client(server.port());
        client.send(request(size));
        EXPECT_EQ(first_line(client), "HTTP/1.1 431");
    }
}

TEST(long_header, waits_when_too_many_are_under_way_and_disturbs_no_short_one) {
    test_server server(one_long_header());
    raw_socket first(server.port());
    first.send(begun);
    raw_socket second(server.port());
    // The first may not have been read yet.
    EXPECT_TRUE(eventually([&] {
        raw_socket another(server.port());
        another.send(begun + std::string(60'000, 'y'));
        return first_line(another) == "HTTP/1.1 503";
    }));
    EXPECT_EQ(server.client().get("/hello")->body, "hello");
    first.send(request(30'000).substr(25'000));
    EXPECT_TRUE(first.read_until("hello").starts_with("HTTP/1.1 200"));
    second.send(request(30'000));
    EXPECT_TRUE(second.read_until("hello").starts_with("HTTP/1.1 200"));
}

TEST(long_header, is_given_back_by_a_connection_that_ends) {
    test_server server(one_long_header());
    for (int i = 0; i < 3; ++i) {
        raw_socket client(server.port());
        client.send(begun);
        client.reset();
        ASSERT_TRUE(server.becomes_empty());
    }
    raw_socket client(server.port());
    client.send(request(30'000));
    EXPECT_EQ(first_line(client), "HTTP/1.1 200");
}

} // namespace
} // namespace truc::test
