#include <truc/base/durable.hpp>
#include <truc/client/http_client.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <deque>
#include <functional>
#include <thread>

namespace truc::client {
namespace {

using namespace std::chrono_literals;

/// Answers each request with the next text of a script, whatever was asked; an empty text closes the connection.
class scripted_server {
  public:
    explicit scripted_server(std::vector<std::vector<std::string>> connections)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), size);
        ::getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&address), &size);
        ::listen(socket_.fd(), 5);
        url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        thread_ = std::thread([this, script = std::move(connections)] { run(script); });
    }
    ~scripted_server() {
        ::shutdown(socket_.fd(), SHUT_RDWR);
        thread_.join();
    }

    http_client client(std::chrono::milliseconds answer_time = 10s) const {
        http_options options;
        options.answer_time = answer_time;
        options.body_limit = 1000;
        return http_client(*server_address::parse(url), options);
    }

    std::string url;
    std::vector<std::string> heard; ///< read it after the script is done

  private:
    void run(const std::vector<std::vector<std::string>>& connections) {
        for (const auto& texts : connections) {
            const file_handle peer(::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!peer) return;
            for (const auto& text : texts) {
                const auto request = read_request(peer.fd());
                if (!request.empty()) heard.push_back(request);
                if (text.empty() || request.empty()) break;
                ::send(peer.fd(), text.data(), text.size(), MSG_NOSIGNAL);
            }
        }
    }
    static std::string read_request(int fd) {
        std::string text;
        char c = 0;
        while (!text.ends_with("\r\n\r\n") && ::recv(fd, &c, 1, 0) == 1) text.push_back(c);
        return text;
    }

    file_handle socket_;
    std::thread thread_;
};

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(server_address, is_taken_apart) {
    const auto plain = server_address::parse("http://127.0.0.1:18080/vxp/");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->host(), "127.0.0.1");
    EXPECT_EQ(plain->port(), "18080");
    EXPECT_EQ(plain->base(), "/vxp");
    EXPECT_FALSE(plain->is_tls());
    const auto tls = server_address::parse("https://truc.example");
    ASSERT_TRUE(tls);
    EXPECT_EQ(tls->port(), "443");
    EXPECT_EQ(tls->base(), "");
    EXPECT_TRUE(tls->is_tls());
    const auto v6 = server_address::parse("https://[::1]:8443");
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->host(), "::1");
    EXPECT_EQ(v6->host_field(), "[::1]:8443");
    const auto local = server_address::parse("unix:/run/truc/admin.sock");
    ASSERT_TRUE(local);
    EXPECT_TRUE(local->is_local());
    EXPECT_EQ(local->socket(), "/run/truc/admin.sock");
    for (const auto* bad :
         {"", "127.0.0.1:80", "ftp://x", "http://", "http://:80", "http://x:", "http://x:http", "unix:", "http://[::1"})
        EXPECT_FALSE(server_address::parse(bad)) << bad;
}

TEST(percent_encode, leaves_only_what_is_plain) {
    EXPECT_EQ(percent_encode("a-B_9.~ +/ở%"), "a-B_9.~%20%2B%2F%E1%BB%9F%25");
}

TEST(http_client, keeps_its_connection) {
    scripted_server server({{ok, ok, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nX-Why: it is not there\r\n\r\n"}});
    auto client = server.client();
    EXPECT_EQ(client.get("/a")->body, "ok");
    EXPECT_EQ(client.get("/b?c=d")->body, "ok");
    const auto missing = client.get("/e");
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->status, 404u);
    EXPECT_EQ(missing->header("x-why"), "it is not there");
    EXPECT_TRUE(server.heard.at(1).starts_with("GET /b?c=d HTTP/1.1\r\nHost: 127.0.0.1:"));
}

TEST(http_client, reads_chunks_and_bodies_that_end_with_the_connection) {
    scripted_server server(
        {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nX-Trailer: y\r\n\r\n",
          "HTTP/1.1 200 OK\r\n\r\nto the end"},
         {ok}});
    auto client = server.client();
    EXPECT_EQ(client.get("/")->body, "abcde");
    EXPECT_EQ(client.get("/")->body, "to the end");
}

TEST(http_client, a_connection_closed_meanwhile_is_made_anew) {
    scripted_server server({{ok}, {ok}, {ok, ""}, {ok}});
    auto client = server.client();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.get("/")) << i;
    EXPECT_TRUE(client.get("/")) << "closed instead of an answer: a GET is sent again";
}

TEST(http_client, what_must_not_be_repeated_is_not) {
    scripted_server server({{ok, ""}, {ok}});
    auto client = server.client();
    ASSERT_TRUE(client.get("/"));
    http_request request;
    request.method = "POST";
    const auto answer = client.send(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::unreachable);
}

TEST(http_client, answers_that_are_none_are_errors) {
    const std::vector<std::pair<std::string, errc>> answers = {
        {"SSH-2.0-OpenSSH\r\n\r\n", errc::bad_request},
        {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", errc::bad_request},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", errc::unreachable},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", errc::unreachable},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\nab\r\n", errc::bad_request},
        {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), errc::bad_request},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x'), errc::too_large},
        {"HTTP/1.1 200", errc::unreachable},
    };
    for (const auto& [text, code] : answers) {
        scripted_server server({{text}});
        const auto answer = server.client().get("/");
        ASSERT_FALSE(answer) << text.substr(0, 60);
        EXPECT_EQ(answer.error().code, code) << text.substr(0, 60);
    }
}

TEST(http_client, a_silent_server_is_a_timeout_and_none_is_unreachable) {
    scripted_server server({{"HTTP/1.1 100 Continue\r\n\r\n", ok}});
    auto client = server.client(50ms);
    const auto silent = client.get("/");
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().code, errc::timeout);
    client.disconnect();

    http_client nobody(*server_address::parse("unix:/nonexistent/socket"), {});
    EXPECT_EQ(nobody.get("/").error().code, errc::unreachable);
}

TEST(http_client, a_sink_takes_good_bodies_and_can_end_them) {
    scripted_server server({{ok, "HTTP/1.1 500 No\r\nContent-Length: 3\r\n\r\nbad", ok}});
    auto client = server.client();
    std::string taken;
    http_request request;
    request.sink = [&](std::string_view piece) -> result<void> {
        taken += piece;
        return {};
    };
    EXPECT_EQ(client.send(request)->body, "");
    EXPECT_EQ(taken, "ok");
    EXPECT_EQ(client.send(request)->body, "bad") << "an error is for the caller, not for the sink";
    request.sink = [](std::string_view) -> result<void> { return fail(errc::no_space); };
    EXPECT_EQ(client.send(request).error().code, errc::no_space);
}

TEST(http_client, waits_for_the_servers_consent_when_asked_to) {
    scripted_server server({{"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n"}, {ok}});
    auto client = server.client();
    http_request request;
    request.method = "POST";
    request.body = "never sent";
    request.expect_continue = true;
    const auto answer = client.send(request);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 413u);
    EXPECT_TRUE(client.get("/")) << "on another connection";
    EXPECT_EQ(server.heard.at(1).substr(0, 5), "GET /");
}

} // namespace
} // namespace truc::client
