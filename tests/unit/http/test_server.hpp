#pragma once
#include "raw_socket.hpp"
#include "test_pki.hpp"

#include <truc/client/http_client.hpp>
#include <truc/http/server.hpp>
#include <truc/net/io_loop.hpp>
#include <truc/net/listener.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace truc::test {

using namespace std::chrono_literals;

/// Content made up while it is read: the byte at offset n is 'a' + n % 26.
class alphabet : public http::content {
  public:
    explicit alphabet(std::uint64_t size) : size_(size) {}
    std::uint64_t size() const override { return size_; }
    result<std::string_view> piece(std::uint64_t offset, std::size_t most) override;

  private:
    std::uint64_t size_;
    std::string buffer_;
};

/// An application with one path for each thing a handler can do.
class test_application : public http::application {
  public:
    net::awaitable<http::response> handle(http::request& r) override;
    http::response refuse(const error& e, const http::request_head* head) override;

    net::work_pool pool{1};
    std::atomic<int> started{0};
    std::atomic<int> abandoned{0};
    std::atomic<std::uint64_t> body_bytes{0};
    std::atomic<std::size_t> largest_piece{0};
    std::mutex mutex;
    std::shared_ptr<net::wakeup> bell; ///< of the request that waits; under the mutex

  private:
    net::awaitable<http::response> echo(http::request& r);
    net::awaitable<http::response> count(http::request& r);
    net::awaitable<http::response> hash_on_pool(http::request& r);
    net::awaitable<http::response> answer_from_thread();
    net::awaitable<http::response> wait_for_news(http::request& r);
};

/// A server on 127.0.0.1 in a loop of its own.
class test_server {
  public:
    explicit test_server(http::server_options options = {}, const net::tls_holder* tls = nullptr,
                         net::listener_options listening = {});
    ~test_server();

    std::uint16_t port() const { return listener_.port(); }
    test_application& app() { return app_; }
    net::listener& listener() { return listener_; }
    std::string metrics() const { return metrics_.expose(); }
    /// Waits until no connection is left (or ten seconds have passed); false: some are left.
    bool becomes_empty() const;

    client::http_client client(client::http_options options = {}) const;
    client::http_client tls_client(const std::filesystem::path& authority, const identity* own) const;

  private:
    metrics_registry metrics_;
    test_application app_;
    net::io_loop loop_;
    http::server server_;
    net::listener listener_;
};

/// The same waiting everywhere: ten seconds at most, for what happens on other threads.
template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 2000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(5ms);
    }
    return condition();
}

} // namespace truc::test
