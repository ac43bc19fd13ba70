// Long polls, and stopping with requests under way.
#include "test_server.hpp"

#include <future>

namespace truc::test {
namespace {

const std::string ask = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";

std::shared_ptr<net::wakeup> bell_of(test_server& server) {
    std::shared_ptr<net::wakeup> bell;
    EXPECT_TRUE(eventually([&] {
        const std::lock_guard lock(server.app().mutex);
        bell = std::exchange(server.app().bell, nullptr);
        return bell != nullptr;
    }));
    return bell;
}

TEST(long_poll, ends_with_news_from_another_thread_and_the_connection_goes_on) {
    test_server server;
    raw_socket client(server.port());
    for (int i = 0; i < 20; ++i) {
        client.send(ask);
        bell_of(server)->notify();
        EXPECT_TRUE(client.read_until("news").ends_with("news"));
    }
    EXPECT_EQ(server.app().abandoned, 0);
}

TEST(long_poll, notices_that_the_client_went_away) {
    test_server server;
    for (const bool orderly : {true, false}) {
        raw_socket client(server.port());
        client.send(ask);
        bell_of(server);
        orderly ? client.close() : client.reset();
        EXPECT_TRUE(server.becomes_empty());
    }
    EXPECT_EQ(server.app().abandoned, 2);
}

TEST(long_poll, keeps_requests_that_come_meanwhile) {
    test_server server;
    raw_socket client(server.port());
    client.send(ask);
    const auto bell = bell_of(server);
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    bell->notify();
    const auto all = client.read_all();
    EXPECT_NE(all.find("news"), std::string::npos);
    EXPECT_TRUE(all.ends_with("hello")) << all;
}

TEST(long_poll, a_late_notification_harms_nobody) {
    test_server server;
    std::shared_ptr<net::wakeup> bell;
    {
        raw_socket client(server.port());
        client.send(ask);
        bell = bell_of(server);
    }
    EXPECT_TRUE(server.becomes_empty());
    bell->notify();
    EXPECT_EQ(server.client().get("/hello")->body, "hello");
}

TEST(stopping, answers_those_who_wait_and_closes_the_idle) {
    test_server server;
    raw_socket idle(server.port());
    idle.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    idle.read_until("hello");
    raw_socket waiting(server.port());
    waiting.send(ask);
    const auto bell = bell_of(server);
    server.listener().stop(1min);
    EXPECT_EQ(idle.read_all(), "");
    const auto answer = waiting.read_all();
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("abandoned")) << answer;
}

TEST(stopping, lets_a_request_under_way_finish) {
    test_server server;
    raw_socket client(server.port());
    client.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
    ASSERT_TRUE(eventually([&] { return server.app().body_bytes == 3; }));
    auto stopped = std::async(std::launch::async, [&] { server.listener().stop(1min); });
    ASSERT_TRUE(eventually([&] {
        try {
            raw_socket late(server.port());
            return false;
        } catch (const std::system_error&) {
            return true;
        }
    }));
    client.send("def");
    const auto answer = client.read_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n6")) << answer;
    stopped.get();
}

TEST(stopping, has_a_hard_limit) {
    test_server server;
    raw_socket client(server.port());
    client.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
    ASSERT_TRUE(eventually([&] { return server.app().body_bytes == 3; }));
    server.listener().stop(10ms);
    EXPECT_EQ(server.listener().connections(), 0u);
}

} // namespace
} // namespace truc::test
