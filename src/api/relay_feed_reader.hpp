#pragma once
#include "relay_part.hpp"

namespace truc::api {

/// Reads the evidence that a neighbour has for us. What has come is checked and stored together with the cursor behind
/// it, while the next receipts arrive; accepting them afterwards only tells the neighbour so. What cannot be judged yet
/// is given back, and the feed is asked for again after a while.
class relay_feed_reader final : public relay_part {
  public:
    relay_feed_reader(std::shared_ptr<relay_core> core, relay_session& owner);

    /// The neighbour's log is known: positions in its feed belong to it.
    void open(const std::string& log);

    void attached(amqp::link_handle link) override;
    void detached(amqp::link_handle link, const std::optional<amqp::condition>& why) override;
    void message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head& head) override;
    void message_data(amqp::message_handle message, std::size_t section, std::string_view bytes) override;
    void message_complete(amqp::message_handle message) override;
    void message_lost(amqp::message_handle message) override;

  private:
    struct arrived {
        amqp::message_handle message{};
        intake::transit::fed_receipt receipt;
    };
    using batch = std::vector<arrived>;

    void closed() override;
    void ask();
    void attach(std::uint64_t cursor);
    void stop_and_ask_later();
    void take_batch();
    void taken(const batch& b, const result<std::uint64_t>& next);

    std::string log_;
    std::optional<amqp::link_handle> link_;
    std::uint64_t cursor_ = 0; ///< stored, or being stored
    std::uint64_t seen_ = 0;   ///< cursor of what arrived last
    std::optional<arrived> arriving_;
    batch waiting_;
    bool busy_ = false;
    std::chrono::milliseconds pause_{0};
    net::asio::steady_timer later_;
};

} // namespace truc::api
