#pragma once
#include "agency_part.hpp"

#include <chrono>
#include <unordered_map>

namespace truc::api {

/// What waits for a client's agencies, sent urgent first as credit allows, and ended as the client settles it. What is
/// under way on one link is claimed, so that no other gets it; the claim ends with the link. What is given back rests
/// for a while on this link; modified with delivery-failed counts an attempt, with undeliverable-here (part 3, 3.4.5)
/// the delivery does not come on this link again.
class agency_inbox final : public agency_part {
  public:
    /// `named`: the one agency that the link is for; empty: all for which the client acts here.
    agency_inbox(std::shared_ptr<agency_core> core, std::shared_ptr<amqp::session> session, amqp::link_handle link,
                 agency_login login, std::string named);
    ~agency_inbox() override;

    void open() override;
    void credit_changed() override { pump(); }
    bool settled(amqp::message_handle message, const amqp::settlement& how) override;

  private:
    struct item {
        uuid delivery;
        std::string to;
        std::uint64_t size = 0;
    };
    /// What one look into the inbox brought: claimed, and opened as far as memory allows.
    struct batch {
        std::vector<std::string> keys; ///< to wait under for more
        std::vector<store::inbox_item> items;
        std::vector<store::content> contents; ///< of each item
        std::vector<uuid> unreadable;
        bool crowded = false; ///< the client has too much that it does not settle
    };
    struct rest {
        std::chrono::steady_clock::time_point until;
        std::chrono::seconds length{};
    };

    void pump();
    static result<batch> look(agency_core& core, const agency_login& login, const std::string& named,
                              deliver::inbox::query q);
    static void open_contents(agency_core& core, const std::string& client, batch& b);
    static bool open_content(agency_core& core, const std::string& client, const store::inbox_item& i, batch& b);
    void take(result<batch> looked, std::size_t asked);
    bool watch(std::vector<std::string> keys);
    bool send(const store::inbox_item& i, store::content bytes);
    void modified(const item& i, const amqp::settlement& how);
    void acknowledge(const item& i, bool accepted, std::string reason);
    void report_failure(const item& i, std::string reason);
    using answered = std::function<void(const result<void>&)>;
    void tell_store(const item& i, bool ends, std::function<void(const answered&)> tell);
    std::string channel_name() const;
    void give_back(const item& i);
    void let_rest(const uuid& delivery, std::chrono::seconds at_least);
    std::vector<uuid> left_out();
    void look_later(std::chrono::seconds at_most);
    void return_item(const store::inbox_item& i);
    void closed() override;

    const std::string named_;
    std::vector<std::string> keys_;
    std::shared_ptr<std::atomic<bool>> rung_ = std::make_shared<std::atomic<bool>>(false);
    std::unique_ptr<deliver::waiting_room::place> place_;
    std::unordered_map<amqp::message_handle, item> under_way_;
    std::size_t ending_ = 0;               ///< what the client said of them is not committed yet
    std::uint64_t bytes_ = 0;              ///< of what is under way
    std::unordered_map<uuid, rest> rests_; ///< what the client gave back
    std::vector<uuid> not_here_;           ///< what it wants on another link
    net::asio::basic_waitable_timer<std::chrono::steady_clock, net::asio::wait_traits<std::chrono::steady_clock>,
                                    net::connection::strand>
        timer_;
    bool reading_ = false;
    bool news_ = false; ///< while reading
};

} // namespace truc::api
