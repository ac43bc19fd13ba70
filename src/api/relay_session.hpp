#pragma once
#include "relay_part.hpp"

namespace truc::api {

class relay_leg_sender;
class relay_feed_reader;
class relay_talk;

/// One AMQP connection with a neighbour, whoever dialled it; the roles of both sides are the same afterwards. Routes
/// what happens on links to the parts: legs out and in, feed out and in, talk (announcements and sections).
///
/// Lifecycle: held by shared_ptr; made, then `run` once. Threads: on the connection's strand, but for the members that
/// say otherwise.
class relay_session final : public amqp::session_handler, public std::enable_shared_from_this<relay_session> {
  public:
    /// `neighbour` is the node that the connection's certificate names.
    static std::shared_ptr<relay_session> make(std::shared_ptr<relay_core> core, std::shared_ptr<net::connection> peer,
                                               std::string neighbour, bool dialled_by_us);
    relay_session(std::shared_ptr<relay_core> core, std::shared_ptr<amqp::session> way, std::string neighbour,
                  bool dialled_by_us);
    ~relay_session() override;

    /// Returns when the connection is over.
    net::awaitable<void> run();

    // Any thread.
    const std::string& neighbour() const { return neighbour_; }
    const std::string& dialler() const { return dialler_; }
    const std::string& address() const { return address_; }
    timestamp since() const { return since_; }
    void end(amqp::condition why);
    void offer_sections();
    void ping(neighbourhood::ping_completion done);

    // For the parts.
    const std::shared_ptr<amqp::session>& amqp() const { return amqp_; }
    /// What happens on the link is that part's business from now on.
    void adopt(amqp::link_handle link, std::shared_ptr<relay_part> part);
    /// The link was detached by us.
    void forget(amqp::link_handle link) { links_.erase(link); }
    /// A name for a link of ours to this neighbour, never used before.
    std::string link_name(std::string_view address);
    /// Ends the session with a neighbour that is there and does not answer; said from time to time.
    void look_at_legs();
    /// The neighbour told its log: its feed can be read.
    void learned_log(const std::string& log);

  private:
    struct open_link {
        std::shared_ptr<relay_part> part;
        std::optional<amqp::message_handle> arriving; ///< messages of one link follow each other
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

    std::optional<amqp::condition> examine(const amqp::peer_open& peer);
    bool is_capable(const amqp::peer_open& peer);
    std::shared_ptr<relay_part> part_of(amqp::link_handle link) const;
    open_link* link_of(amqp::message_handle message);
    std::shared_ptr<relay_part> make_receiver(const std::string& address);

    std::shared_ptr<relay_core> core_;
    std::string neighbour_;
    std::string dialler_;
    std::string address_;
    timestamp since_;
    std::shared_ptr<amqp::session> amqp_;
    std::map<amqp::link_handle, open_link> links_;
    std::shared_ptr<relay_leg_sender> legs_out_; ///< null: legs wait, for the neighbour lacks an ability
    std::shared_ptr<relay_feed_reader> feed_in_;
    std::shared_ptr<relay_talk> talk_;
    unsigned links_named_ = 0;
    bool admitted_ = false;
    bool over_ = false;
};

/// What this version can do.
std::vector<std::string> own_abilities();
/// The options of our side of the connection.
amqp::session_options relay_session_options(const std::string& node, bool dialled_by_us);

} // namespace truc::api
