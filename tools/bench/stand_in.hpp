#pragma once
#include <truc/amqp/session.hpp>
#include <truc/trust/tls_context.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace truc::bench {

/// A leg as bytes: envelope, receipt of the origin, content.
struct prepared_leg {
    std::string envelope;
    std::string receipt;
    std::string content;
};

/// A neighbour of the node under load that keeps nothing: it gives legs as fast as it gets credit, and takes legs and
/// accepts them at once; it reads the node's feed and throws it away. Its members are called on the strand on which it
/// runs, but for those that say so.
class stand_in final : public amqp::session_handler {
  public:
    /// `name` is the neighbour it plays; `legs` may be empty.
    stand_in(std::string name, std::deque<prepared_leg> legs) : name_(std::move(name)), legs_(std::move(legs)) {}

    /// Dials the node; returns when the session is over.
    net::awaitable<void> run(net::connection::strand executor, std::uint16_t port,
                             std::shared_ptr<const trust::tls_context> tls);

    // From any thread:
    /// When each leg was accepted: by the node, or from the node.
    std::vector<std::chrono::steady_clock::time_point> moments() const;
    std::size_t moved() const { return moved_; }
    bool is_open() const { return open_; }
    std::string fault() const; ///< what went wrong first; empty if nothing did

    void opened(const amqp::peer_open& peer) override;
    void closed(const std::optional<amqp::condition>& why) override;
    void link_requested(amqp::link_handle link, const amqp::link_request& request) override;
    void link_attached(amqp::link_handle link) override;
    void link_detached(amqp::link_handle link, const std::optional<amqp::condition>& why) override;
    void credit_changed(amqp::link_handle link, std::size_t credit) override;
    void settled(amqp::message_handle message, amqp::outcome result,
                 const std::optional<amqp::condition>& why) override;
    void message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head& head) override;
    void message_data(amqp::message_handle message, std::size_t section, std::string_view bytes) override;
    void message_complete(amqp::message_handle message) override;
    void message_lost(amqp::message_handle message) override;

  private:
    void give();
    void note();
    void fail(std::string what);

    std::string name_;
    std::deque<prepared_leg> legs_;
    std::shared_ptr<amqp::session> session_;
    std::optional<amqp::link_handle> giving_;
    std::optional<amqp::link_handle> taking_; ///< the node's link that carries legs
    std::optional<amqp::message_handle> leg_; ///< the one that arrives on it
    mutable std::mutex mutex_;
    std::string fault_;
    std::vector<std::chrono::steady_clock::time_point> moments_;
    std::atomic<std::size_t> moved_{0};
    std::atomic<bool> open_{false};
};

} // namespace truc::bench
