#pragma once
#include "agency_core.hpp"

#include <truc/amqp/session.hpp>

namespace truc::api {

/// What a session with an agency's system does on one of its links. All calls come on the session's strand; work that
/// ends elsewhere comes back to it and finds `over()` true when the link has ended meanwhile.
class agency_part : public std::enable_shared_from_this<agency_part> {
  public:
    agency_part(std::shared_ptr<agency_core> core, std::shared_ptr<amqp::session> session, amqp::link_handle link,
                agency_login login)
        : core_(std::move(core)), amqp_(std::move(session)), link_(link), login_(std::move(login)) {}
    virtual ~agency_part() = default;
    agency_part(const agency_part&) = delete;

    /// The link is there. Once.
    virtual void open() = 0;
    // As in amqp::session_handler.
    virtual void credit_changed() {}
    /// False: the message is not one of this part's.
    virtual bool settled(amqp::message_handle, const amqp::settlement&) { return false; }
    virtual void message_begun(amqp::message_handle, const amqp::message_head&) {}
    virtual void message_data(amqp::message_handle, std::string_view) {}
    virtual void message_complete(amqp::message_handle) {}
    virtual void message_lost(amqp::message_handle) {}

    /// The link has ended. Once.
    void close() {
        over_ = true;
        closed();
    }

    bool over() const { return over_; }

  protected:
    virtual void closed() {}

    agency_core& core() { return *core_; }
    const services& use() const { return core_->use; }
    const agency_login& login() const { return login_; }
    amqp::session& amqp() { return *amqp_; }
    amqp::link_handle link() const { return link_; }
    const net::connection::strand& strand() const { return amqp_->executor(); }
    std::shared_ptr<agency_core> shared_core() const { return core_; }

    /// Ends the link from our side: the client is told why.
    void end_link(amqp::condition why) {
        if (over_) return;
        amqp_->detach(link_, std::move(why));
        close();
    }
    void end_link(const error& why) { end_link(condition_of(why)); }
    template <class Part>
    std::shared_ptr<Part> self() {
        return std::static_pointer_cast<Part>(shared_from_this());
    }

  private:
    const std::shared_ptr<agency_core> core_;
    const std::shared_ptr<amqp::session> amqp_; ///< may outlive its connection; operations then do nothing
    const amqp::link_handle link_;
    const agency_login login_;
    bool over_ = false;
};

} // namespace truc::api
