#pragma once
#include "relay_part.hpp"

namespace truc::api {

/// Legs that a neighbour offers: into spools while they arrive, examined on the pool, accepted after the commit. What
/// is wrong with one of them is answered to it alone. Memory is bounded by the window and, in bytes, by not reading.
class relay_leg_receiver final : public relay_part {
  public:
    relay_leg_receiver(std::shared_ptr<relay_core> core, relay_session& owner);

    void attached(amqp::link_handle link) override;
    void message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head& head) override;
    void message_data(amqp::message_handle message, std::size_t section, std::string_view bytes) override;
    void message_complete(amqp::message_handle message) override;
    void message_lost(amqp::message_handle message) override;

  private:
    struct leg;
    using leg_ptr = std::shared_ptr<leg>;

    void feed(const leg_ptr& l);
    void fed(const leg_ptr& l, bool last);
    void answer(const leg_ptr& l, const result<void>& outcome);
    void refuse(const leg_ptr& l, const error& why);
    void hold(leg& l, std::size_t bytes);

    leg_ptr arriving_;
    std::size_t held_ = 0; ///< bytes of all legs that are in memory
    bool paused_ = false;
};

} // namespace truc::api
