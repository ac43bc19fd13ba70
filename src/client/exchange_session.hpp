#pragma once
#include "exchange_core.hpp"

#include <truc/amqp/session.hpp>

#include <unordered_map>

namespace truc::client {

/// One connection to the node: carries between the desks and the node's links. Everything on its strand.
///
/// A link that the node ends is asked for again after a pause; the others go on.
class exchange_session final : public amqp::session_handler, public std::enable_shared_from_this<exchange_session> {
  public:
    exchange_session(std::shared_ptr<exchange_core> core, std::shared_ptr<net::connection> peer);
    ~exchange_session() override;

    net::awaitable<void> run();
    /// Callers have left something on the desks.
    void pump();
    /// In order: what was settled goes out first.
    void close();
    /// The node has let us in.
    bool was_connected() const { return was_connected_; }

  private:
    using steady = std::chrono::steady_clock;

    enum class service : std::uint8_t { submit, inbox, receipts };
    struct own_link {
        explicit own_link(service w, std::string a = {}) : what(w), agency(std::move(a)) {}

        service what;
        std::string agency; ///< of receipts
        amqp::link_handle handle{};
        bool asked = false;
        bool attached = false;
        unsigned failures = 0;
        steady::time_point since{}; ///< attached, or to be asked for no sooner
        std::string fault;
    };
    /// A message of the inbox or of a feed, until it is complete.
    struct arrival {
        std::optional<inbox_delivery> delivery;
        std::optional<truc::client::evidence> evidence;
        bool parked = false;
        std::string content;
    };

    void opened(const amqp::peer_open& peer) override;
    void closed(const std::optional<amqp::condition>& why) override;
    void link_requested(amqp::link_handle link, const amqp::link_request& request) override;
    void link_attached(amqp::link_handle link) override;
    void link_detached(amqp::link_handle link, const std::optional<amqp::condition>& why) override;
    void credit_changed(amqp::link_handle link, std::size_t credit) override;
    void settled(amqp::message_handle message, const amqp::settlement& how) override;
    void message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head& head) override;
    void message_data(amqp::message_handle message, std::size_t section, std::string_view bytes) override;
    void message_complete(amqp::message_handle message) override;
    void message_lost(amqp::message_handle message) override;

    own_link* find(amqp::link_handle link);
    void attach_what_is_missing();
    void attach(own_link& link);
    void forget(own_link& link);
    void attach_later(steady::time_point at);
    void tell_state();
    void make_inbox_anew();
    void settle_deliveries();
    void withdraw();
    void send();
    void begin_delivery(amqp::message_handle message, const amqp::message_head& head);
    void begin_evidence(amqp::message_handle message, const amqp::message_head& head, const std::string& agency);
    void refuse(amqp::message_handle message, const std::string& why);

    const std::shared_ptr<exchange_core> core_;
    const std::shared_ptr<amqp::session> amqp_;
    std::vector<own_link> links_;
    unsigned links_made_ = 0;
    std::unordered_map<amqp::message_handle, submission_desk::job> sent_;
    std::unordered_map<amqp::message_handle, arrival> arriving_;
    net::asio::steady_timer timer_;
    bool open_ = false;
    bool was_connected_ = false;
};

} // namespace truc::client
