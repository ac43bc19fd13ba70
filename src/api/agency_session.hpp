#pragma once
#include "agency_part.hpp"
#include "agency_submission.hpp"

#include <map>

namespace truc::api {

/// One AMQP connection of an agency's system. Finds out which client it is, gives each link to the part that its
/// address names, and routes to it what happens there.
///
/// Lifecycle: held by shared_ptr; made, then `run` once. Threads: on the connection's strand.
class agency_session final : public amqp::session_handler, public std::enable_shared_from_this<agency_session> {
  public:
    agency_session(std::shared_ptr<agency_core> core, std::shared_ptr<net::connection> peer);
    ~agency_session() override;

    /// Returns when the connection is over.
    net::awaitable<void> run();

  private:
    struct open_link {
        std::shared_ptr<agency_part> part;
        std::optional<amqp::message_handle> arriving; ///< messages of one link follow each other
    };

    void opened(const amqp::peer_open& peer) override;
    void closed(const std::optional<amqp::condition>& why) override;
    void link_requested(amqp::link_handle link, const amqp::link_request& request) override;
    void link_attached(amqp::link_handle) override {} // we ask for none
    void link_detached(amqp::link_handle link, const std::optional<amqp::condition>& why) override;
    void credit_changed(amqp::link_handle link, std::size_t credit) override;
    void settled(amqp::message_handle message, const amqp::settlement& how) override;
    void message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head& head) override;
    void message_data(amqp::message_handle message, std::size_t section, std::string_view bytes) override;
    void message_complete(amqp::message_handle message) override;
    void message_lost(amqp::message_handle message) override;

    result<agency_login> identify(const amqp::peer_open& peer) const;
    using making = tl::expected<std::shared_ptr<agency_part>, amqp::condition>;
    making make_part(amqp::link_handle link, const amqp::link_request& request);
    std::optional<amqp::condition> objection(const std::string& named, bool one) const;
    open_link* link_of(amqp::message_handle message);

    std::shared_ptr<agency_core> core_;
    std::string address_;
    std::shared_ptr<amqp::session> amqp_;
    std::shared_ptr<reading_gate> gate_;
    std::optional<agency_login> login_; ///< once it was admitted: its connection counts
    std::map<amqp::link_handle, open_link> links_;
};

} // namespace truc::api
