#pragma once
#include "relay_part.hpp"

#include <truc/deliver/link.hpp>

#include <atomic>
#include <unordered_map>

namespace truc::api {

/// The way on which the forwarder's legs leave. Contents are opened on the pool and sent from where they lie.
/// Threads: the members of deliver::link from any thread, the others on the session's strand.
class relay_leg_sender final : public relay_part, public deliver::link {
  public:
    relay_leg_sender(std::shared_ptr<relay_core> core, relay_session& owner);

    std::size_t room() const override;
    void offer(store::outgoing_leg leg, std::function<void(deliver::leg_answer)> done) override;

    /// Asks for the link; the forwarder is told when it is there.
    void open();
    /// The forwarder must not offer any more.
    void disconnect(const std::string& why);

    /// The neighbour owes an answer for so long that it will hardly come.
    bool waits_too_long() const;

    void attached(amqp::link_handle link) override;
    void detached(amqp::link_handle link, const std::optional<amqp::condition>& why) override;
    void credit_changed(amqp::link_handle link, std::size_t credit) override;
    bool settled(amqp::message_handle message, amqp::outcome result,
                 const std::optional<amqp::condition>& why) override;

  private:
    struct offered;
    using offered_ptr = std::shared_ptr<offered>;

    void closed() override;
    void send(const offered_ptr& o, result<amqp::message> message);
    void end(const offered_ptr& o, deliver::leg_answer answer);
    std::shared_ptr<deliver::link> as_link();

    amqp::link_handle link_{};
    bool connected_ = false;
    std::unordered_map<amqp::message_handle, offered_ptr> under_way_;
    std::atomic<std::size_t> credit_{0};    ///< granted by the neighbour
    std::atomic<std::size_t> preparing_{0}; ///< offered, not given to the session yet
    std::atomic<std::size_t> bytes_{0};     ///< of contents under way
};

/// Its content could not be read, which no neighbour can help: a leg that never can be sent is refused like one that
/// nobody takes, and says nothing of how much the neighbour carries.
deliver::leg_answer answer_without_content(const error& e);
/// What the outcome of a leg means. A code of the catalogue that may go away by itself comes with `rejected`, as
/// everything does that has a code: AMQP's `released` carries none.
deliver::leg_answer leg_answer_of(amqp::outcome result, const std::optional<amqp::condition>& why);

} // namespace truc::api
