#include "dialled_session.hpp"

#include <truc/net/dial.hpp>

#include <boost/asio/detached.hpp>
#include <fmt/format.h>

namespace truc::bench {

namespace {

constexpr auto time_to_dial = std::chrono::seconds(20);

} // namespace

std::string in_words(const std::optional<amqp::condition>& why) {
    return why ? fmt::format("{} {}", why->name, why->description) : "without a reason";
}

void dialled_session::start(net::io_loop& loop, std::uint16_t port, std::shared_ptr<const trust::tls_context> tls) {
    auto strand = net::asio::make_strand(loop.context().get_executor());
    auto session = run(strand, port, std::move(tls));
    net::asio::co_spawn(strand, std::move(session), net::asio::detached);
}

net::awaitable<void> dialled_session::run(net::connection::strand executor, std::uint16_t port,
                                          std::shared_ptr<const trust::tls_context> tls) {
    const auto deadline = std::chrono::steady_clock::now() + time_to_dial;
    auto connection = co_await net::dial(executor, std::string("127.0.0.1"), port, tls, deadline);
    if (!connection) {
        fail("cannot dial the node: " + explain(connection.error(), language::english));
        co_return;
    }
    amqp::session_options options;
    options.role = amqp::session_options::side::client;
    options.container = name_;
    options.properties = properties();
    const auto session = amqp::session::make(*connection, std::move(options));
    session_ = session.get();
    co_await session->run(*this);
    session_ = nullptr;
}

void dialled_session::opened(const amqp::peer_open&) {
    begin();
    open_ = true;
}

void dialled_session::closed(const std::optional<amqp::condition>& why) {
    if (why) fail("the session ended: " + in_words(why));
    open_ = false;
}

void dialled_session::link_requested(amqp::link_handle link, const amqp::link_request&) {
    session_->refuse_link(link, amqp::condition{std::string(amqp::not_allowed), "not here"});
}

void dialled_session::link_attached(amqp::link_handle) {}

void dialled_session::link_detached(amqp::link_handle, const std::optional<amqp::condition>& why) {
    fail("a link ended: " + in_words(why));
}

void dialled_session::fail(std::string what) {
    const std::scoped_lock lock(mutex_);
    if (fault_.empty()) fault_ = std::move(what);
}

std::string dialled_session::fault() const {
    const std::scoped_lock lock(mutex_);
    return fault_;
}

} // namespace truc::bench
