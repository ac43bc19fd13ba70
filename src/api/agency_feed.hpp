#pragma once
#include "agency_part.hpp"

#include <map>

namespace truc::api {

/// The evidence about what an agency sent, from the cursor that the client named. Settling moves the link's cursor;
/// where a receipt is given back it reads on from there. The client keeps the cursor, which each message tells.
class agency_feed final : public agency_part {
  public:
    /// `named` as in agency_inbox.
    agency_feed(std::shared_ptr<agency_core> core, std::shared_ptr<amqp::session> session, amqp::link_handle link,
                agency_login login, std::string named, std::uint64_t after);
    ~agency_feed() override;

    void open() override;
    void credit_changed() override { pump(); }
    bool settled(amqp::message_handle message, const amqp::settlement& how) override;

  private:
    struct page {
        std::vector<std::string> codes; ///< whose feed it is
        std::vector<store::feed_entry> entries;
    };
    void pump();
    void take(const result<page>& read, std::size_t asked, unsigned turn);
    bool watch(std::vector<std::string> codes);
    void read_again();
    void closed() override;

    const std::string named_;
    std::uint64_t position_; ///< of what is read next
    std::vector<std::string> codes_;
    std::shared_ptr<std::atomic<bool>> rung_ = std::make_shared<std::atomic<bool>>(false);
    std::unique_ptr<deliver::waiting_room::place> place_;
    std::map<amqp::message_handle, std::uint64_t> under_way_; ///< position of each receipt
    net::asio::basic_waitable_timer<std::chrono::steady_clock, net::asio::wait_traits<std::chrono::steady_clock>,
                                    net::connection::strand>
        timer_;
    std::optional<std::uint64_t> again_; ///< the first receipt that was given back
    unsigned turn_ = 0;                  ///< counts the times it went back
    bool reading_ = false;
    bool news_ = false; ///< while reading
};

} // namespace truc::api
