#pragma once
#include "conditions.hpp"
#include "relay_core.hpp"

#include <truc/amqp/session.hpp>

namespace truc::api {

class relay_session;

/// What a session does on one or more of its links. All calls come on the session's strand; work that ends elsewhere
/// comes back to it and finds `over()` true when the session has ended meanwhile.
class relay_part : public std::enable_shared_from_this<relay_part> {
  public:
    relay_part(std::shared_ptr<relay_core> core, relay_session& owner);
    virtual ~relay_part() = default;
    relay_part(const relay_part&) = delete;

    // As in amqp::session_handler.
    virtual void attached(amqp::link_handle) {}
    virtual void detached(amqp::link_handle, const std::optional<amqp::condition>&) {}
    virtual void credit_changed(amqp::link_handle, std::size_t) {}
    /// False: the message is not one of this part's.
    virtual bool settled(amqp::message_handle, amqp::outcome, const std::optional<amqp::condition>&) { return false; }
    virtual void message_begun(amqp::link_handle, amqp::message_handle, const amqp::message_head&) {}
    virtual void message_data(amqp::message_handle, std::size_t, std::string_view) {}
    virtual void message_complete(amqp::message_handle) {}
    virtual void message_lost(amqp::message_handle) {}

    /// The session has ended. Once.
    void close() {
        over_ = true;
        closed();
    }

  protected:
    virtual void closed() {}

    bool over() const { return over_; }
    const relay_core& core() const { return *core_; }
    relay_core& core() { return *core_; }
    const relay::options& use() const { return core_->use; }
    const std::string& neighbour() const { return neighbour_; }
    const net::connection::strand& strand() const { return amqp_->executor(); }
    amqp::session& amqp() { return *amqp_; }
    const amqp::session& amqp() const { return *amqp_; }
    /// Only while not over().
    relay_session& owner() { return owner_; }

    template <class Part>
    std::shared_ptr<Part> self() {
        return std::static_pointer_cast<Part>(shared_from_this());
    }

  private:
    std::shared_ptr<relay_core> core_;
    relay_session& owner_;
    std::shared_ptr<amqp::session> amqp_; ///< may outlive its connection; operations then do nothing
    std::string neighbour_;
    bool over_ = false;
};

} // namespace truc::api
