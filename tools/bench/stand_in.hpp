#pragma once
#include "dialled_session.hpp"

#include <chrono>
#include <deque>
#include <vector>

namespace truc::bench {

/// A leg as bytes: envelope, receipt of the origin, content.
struct prepared_leg {
    std::string envelope;
    std::string receipt;
    std::string content;
};

/// A neighbour of the node under load that keeps nothing: it gives legs as fast as it gets credit, and takes legs and
/// accepts them at once; it reads the node's feed and throws it away.
class stand_in final : public dialled_session {
  public:
    /// `name` is the neighbour it plays; `legs` may be empty.
    stand_in(std::string name, std::deque<prepared_leg> legs)
        : dialled_session(std::move(name)), legs_(std::move(legs)) {}

    // From any thread:
    /// When each leg was accepted: by the node, or from the node.
    std::vector<std::chrono::steady_clock::time_point> moments() const;
    std::size_t count() const; ///< of those legs

    void link_requested(amqp::link_handle link, const amqp::link_request& request) override;
    void link_attached(amqp::link_handle link) override;
    void credit_changed(amqp::link_handle link, std::size_t credit) override;
    void settled(amqp::message_handle message, const amqp::settlement& how) override;
    void message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head& head) override;
    void message_complete(amqp::message_handle message) override;

  private:
    void begin() override;
    amqp::property_map properties() const override;
    void give();
    void note();

    std::deque<prepared_leg> legs_;
    std::optional<amqp::link_handle> giving_;
    std::optional<amqp::link_handle> taking_; ///< the node's link that carries legs
    std::optional<amqp::message_handle> leg_; ///< the one that arrives on it
    mutable std::mutex mutex_;
    std::vector<std::chrono::steady_clock::time_point> moments_;
};

} // namespace truc::bench
