#pragma once
#include "failure.hpp"

#include <truc/amqp/session.hpp>
#include <truc/net/io_loop.hpp>
#include <truc/trust/tls_context.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace truc::bench {

/// Somebody who dials the node and speaks AMQP with it. What one does not care about is taken calmly; what must not
/// happen is a fault. Members are called on the strand on which it runs, but for those that say so.
class dialled_session : public amqp::session_handler {
  public:
    /// `name` is its container id.
    explicit dialled_session(std::string name) : name_(std::move(name)) {}

    // From any thread:
    /// Dials the node on a strand of that loop. The loop has stopped before this object ends. Once.
    void start(net::io_loop& loop, std::uint16_t port, std::shared_ptr<const trust::tls_context> tls);
    bool is_open() const { return open_; }
    std::string fault() const; ///< what went wrong first; empty if nothing did

    void opened(const amqp::peer_open& peer) override;
    void closed(const std::optional<amqp::condition>& why) override;
    void link_requested(amqp::link_handle link, const amqp::link_request& request) override;
    void link_attached(amqp::link_handle link) override;
    void link_detached(amqp::link_handle link, const std::optional<amqp::condition>& why) override;
    void credit_changed(amqp::link_handle, std::size_t) override {}
    void settled(amqp::message_handle, const amqp::settlement&) override {}
    void message_begun(amqp::link_handle, amqp::message_handle, const amqp::message_head&) override {}
    void message_data(amqp::message_handle, std::size_t, std::string_view) override {}
    void message_complete(amqp::message_handle message) override { session_->accept(message); }
    void message_lost(amqp::message_handle) override {}

  protected:
    /// The session is open: ask for links.
    virtual void begin() = 0;
    virtual amqp::property_map properties() const { return {}; }

    const std::string& name() const { return name_; }
    amqp::session& session() { return *session_; }
    void fail(std::string what);

  private:
    net::awaitable<void> run(net::connection::strand executor, std::uint16_t port,
                             std::shared_ptr<const trust::tls_context> tls);

    const std::string name_;
    amqp::session* session_ = nullptr; ///< while it runs; owned by the coroutine, which ends with the loop
    std::atomic<bool> open_{false};
    mutable std::mutex mutex_;
    std::string fault_;
};

/// Throws failure when one of them has a fault, or somebody wants to stop.
template <class Sessions>
void demand_health(const Sessions& sessions) {
    check_interrupted();
    for (const auto& one : sessions)
        if (const auto fault = one->fault(); !fault.empty()) throw failure(fault);
}

/// "amqp:not-found no such address", for people.
std::string in_words(const std::optional<amqp::condition>& why);

} // namespace truc::bench
