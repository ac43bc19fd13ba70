#pragma once
#include "relay_part.hpp"

#include <atomic>

namespace truc::api {

/// The evidence about what a neighbour handed us, sent as it comes from the cursor that the neighbour named. Nothing is
/// kept of it here: the neighbour's cursor is the neighbour's.
class relay_feed_sender final : public relay_part {
  public:
    relay_feed_sender(std::shared_ptr<relay_core> core, relay_session& owner, amqp::link_handle link,
                      std::uint64_t after);
    ~relay_feed_sender() override;

    void open();
    void credit_changed(amqp::link_handle link, std::size_t credit) override;
    void detached(amqp::link_handle link, const std::optional<amqp::condition>& why) override;

  private:
    void closed() override;
    void end();
    void pump();
    void send(const std::vector<store::feed_entry>& entries, std::size_t asked);

    amqp::link_handle link_;
    std::uint64_t position_;
    std::string reader_;
    std::shared_ptr<std::atomic<bool>> rung_ = std::make_shared<std::atomic<bool>>(false);
    std::unique_ptr<deliver::waiting_room::place> place_;
    bool reading_ = false;
    bool news_ = false; ///< while reading
    bool ended_ = false;
};

} // namespace truc::api
