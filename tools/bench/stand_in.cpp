#include "stand_in.hpp"

#include <truc/net/dial.hpp>

#include <fmt/format.h>

namespace truc::bench {

namespace {

constexpr std::size_t window = 512; // messages
constexpr auto time_to_dial = std::chrono::seconds(20);

std::string in_words(const std::optional<amqp::condition>& why) {
    return why ? fmt::format("{} {}", why->name, why->description) : "without a reason";
}

} // namespace

net::awaitable<void> stand_in::run(net::connection::strand executor, std::uint16_t port,
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
    options.properties["truc-node"] = name_;
    options.properties["truc-version"] = std::int64_t{1};
    options.properties["truc-abilities"] = std::vector<std::string>(1, "custody-1");
    session_ = amqp::session::make(*connection, std::move(options));
    co_await session_->run(*this);
    session_.reset();
}

void stand_in::opened(const amqp::peer_open&) {
    giving_ = session_->attach_sender("relay", "relay");
    session_->attach_receiver("receipts", "receipts", {{"truc-after", std::int64_t{0}}});
    open_ = true;
}

void stand_in::closed(const std::optional<amqp::condition>& why) {
    if (why) fail("the session ended: " + in_words(why));
    open_ = false;
}

void stand_in::link_requested(amqp::link_handle link, const amqp::link_request& request) {
    session_->accept_link(link);
    if (request.role != amqp::link_role::we_receive) return;
    if (request.address == "relay") taking_ = link;
    session_->set_window(link, window);
}

void stand_in::link_attached(amqp::link_handle link) {
    if (link != giving_) session_->set_window(link, window);
}

void stand_in::link_detached(amqp::link_handle, const std::optional<amqp::condition>& why) {
    fail("a link ended: " + in_words(why));
}

void stand_in::credit_changed(amqp::link_handle link, std::size_t) {
    if (link == giving_) give();
}

void stand_in::give() {
    while (!legs_.empty() && session_->credit(*giving_) > 0) {
        auto& leg = legs_.front();
        amqp::message m;
        m.body = {std::move(leg.envelope), std::move(leg.receipt), std::move(leg.content)};
        legs_.pop_front();
        if (!session_->send(*giving_, std::move(m))) return fail("a leg could not be sent");
    }
}

void stand_in::settled(amqp::message_handle, amqp::outcome result, const std::optional<amqp::condition>& why) {
    if (result == amqp::outcome::accepted)
        note();
    else
        fail(fmt::format("a leg was not accepted ({}): {}", static_cast<int>(result), in_words(why)));
}

void stand_in::message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head&) {
    if (link == taking_) leg_ = message;
}

void stand_in::message_data(amqp::message_handle, std::size_t, std::string_view) {}
void stand_in::message_lost(amqp::message_handle) {}

void stand_in::message_complete(amqp::message_handle message) {
    session_->accept(message);
    if (message == leg_) note();
}

void stand_in::note() {
    const std::scoped_lock lock(mutex_);
    moments_.push_back(std::chrono::steady_clock::now());
    ++moved_;
}

void stand_in::fail(std::string what) {
    const std::scoped_lock lock(mutex_);
    if (fault_.empty()) fault_ = std::move(what);
}

std::string stand_in::fault() const {
    const std::scoped_lock lock(mutex_);
    return fault_;
}

std::vector<std::chrono::steady_clock::time_point> stand_in::moments() const {
    const std::scoped_lock lock(mutex_);
    return moments_;
}

} // namespace truc::bench
