#include "test_server.hpp"

#include <truc/base/bytes.hpp>

namespace truc::test {

using http::response;

result<std::string_view> alphabet::piece(std::uint64_t offset, std::size_t most) {
    buffer_.clear();
    for (std::size_t i = 0; i < most && offset + i < size_; ++i)
        buffer_.push_back(static_cast<char>('a' + (offset + i) % 26));
    return std::string_view(buffer_);
}

net::awaitable<response> test_application::handle(http::request& r) {
    ++started;
    const auto& head = r.head();
    const std::string name = head.path.empty() ? "" : head.path.front();
    if (name == "echo") co_return co_await echo(r);
    if (name == "count") co_return co_await count(r);
    if (name == "pool") co_return co_await hash_on_pool(r);
    if (name == "thread") co_return co_await answer_from_thread();
    if (name == "wait") co_return co_await wait_for_news(r);
    if (name == "throw") throw std::runtime_error("expected in this test");
    if (name == "refuse") co_return response(403, "text/plain", "no");
    if (name == "hello") co_return response(200, "text/plain", "hello");
    if (name == "peer")
        co_return response(200, "text/plain", r.peer().certificate ? r.peer().certificate->hex() : "nobody");
    if (name == "alphabet") {
        auto content = std::make_shared<alphabet>(std::stoull(std::string(head.parameter("size").value_or("26"))));
        co_return make_ranged(head, std::move(content), "text/plain", "v1");
    }
    if (name == "broken") {
        auto content = std::make_shared<alphabet>(10); // promises more than it has
        response lie(200);
        lie.stream(std::move(content), 0, 100);
        co_return lie;
    }
    if (name == "inject") {
        response r2(200, "text/plain", "x");
        r2.add("X-Value", "a\r\nX-Evil: b");
        co_return r2;
    }
    const error none(errc::not_found, head.target);
    co_return refuse(none, &head);
}

response test_application::refuse(const error& e, const http::request_head*) {
    return response(describe(e.code).http, "text/plain", std::string(describe(e.code).name) + ": " + e.what);
}

net::awaitable<response> test_application::echo(http::request& r) {
    r.limit_body(1 << 20);
    auto body = co_await r.read_all();
    if (!body) co_return refuse(body.error(), nullptr);
    co_return response(200, "application/octet-stream", std::move(*body));
}

net::awaitable<response> test_application::count(http::request& r) {
    r.limit_body(std::uint64_t{1} << 30);
    std::uint64_t total = 0;
    for (;;) {
        const auto piece = co_await r.read();
        if (!piece) co_return refuse(piece.error(), nullptr);
        if (piece->empty()) break;
        total += piece->size();
        body_bytes += piece->size();
        largest_piece = std::max(largest_piece.load(), piece->size());
    }
    co_return response(200, "text/plain", std::to_string(total));
}

net::awaitable<response> test_application::hash_on_pool(http::request& r) {
    auto body = co_await r.read_all();
    if (!body) co_return refuse(body.error(), nullptr);
    auto work = [&body] { return sha256(*body).hex(); };
    auto hex = co_await net::on_pool(pool, std::move(work));
    co_return response(200, "text/plain", std::move(hex));
}

net::awaitable<response> test_application::answer_from_thread() {
    net::pending<std::string> answer;
    std::thread([done = answer.completer()] { done("from afar"); }).detach();
    auto text = co_await answer.wait();
    co_return response(200, "text/plain", std::move(text));
}

net::awaitable<response> test_application::wait_for_news(http::request& r) {
    const auto own = r.bell();
    {
        const std::lock_guard lock(mutex);
        bell = own;
    }
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    const bool rung = co_await own->wait_until(deadline);
    if (r.abandoned()) ++abandoned;
    co_return response(200, "text/plain", r.abandoned() ? "abandoned" : rung ? "news" : "nothing");
}

test_server::test_server(http::server_options options, const net::tls_holder* tls, net::listener_options listening)
    : server_(app_, metrics_, options),
      listener_(loop_, net::endpoint::tcp("127.0.0.1", 0), tls, server_, metrics_, std::move(listening)) {}

test_server::~test_server() { listener_.stop(0ms); }

bool test_server::becomes_empty() const {
    return eventually([this] { return listener_.connections() == 0; });
}

client::http_client test_server::client(client::http_options options) const {
    auto where = client::server_address::parse("http://127.0.0.1:" + std::to_string(port()));
    return client::http_client(*where, std::move(options));
}

client::http_client test_server::tls_client(const std::filesystem::path& authority, const identity* own) const {
    auto where = client::server_address::parse("https://127.0.0.1:" + std::to_string(port()));
    client::http_options options;
    options.authority = authority;
    if (own) {
        options.certificate = own->certificate;
        options.key = own->key;
    }
    return client::http_client(*where, std::move(options));
}

} // namespace truc::test
