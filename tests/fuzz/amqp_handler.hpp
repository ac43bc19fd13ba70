#pragma once
/// A handler for sessions with a peer that does anything at all.

#include <truc/amqp/session.hpp>

#include <cstdlib>
#include <map>

namespace truc::fuzz {

/// Answers in every way there is, and checks that each message is told of in order.
class answering : public amqp::session_handler {
  public:
    explicit answering(amqp::session& s) : session_(s) {}

    void opened(const amqp::peer_open&) override {
        session_.attach_sender("own", "relay");
        session_.set_window(session_.attach_receiver("feed", "receipts"), 4);
    }
    void closed(const std::optional<amqp::condition>&) override {
        if (!arriving_.empty() || sent_ != 0) std::abort(); // something was not reported
    }
    void link_requested(amqp::link_handle link, const amqp::link_request& request) override {
        if (request.address == "no") return session_.refuse_link(link, amqp::condition{"amqp:not-found", {}});
        session_.accept_link(link);
        session_.set_window(link, 3);
    }
    void link_attached(amqp::link_handle) override {}
    void link_detached(amqp::link_handle, const std::optional<amqp::condition>&) override {}
    void credit_changed(amqp::link_handle link, std::size_t credit) override {
        for (std::size_t i = 0; i < credit && i < 4; ++i) {
            amqp::message m;
            m.head.message_id = "id";
            m.body.emplace_back(std::string(100, 'x'));
            if (session_.send(link, std::move(m))) ++sent_;
        }
    }
    void settled(amqp::message_handle, const amqp::settlement&) override { --sent_; }
    void message_begun(amqp::link_handle link, amqp::message_handle m, const amqp::message_head& head) override {
        if (head.subject == "refuse") return session_.reject(m, amqp::condition{"truc:too_large", "too large"});
        arriving_[m] = 0;
        if (head.subject == "detach") session_.detach(link);
    }
    void message_data(amqp::message_handle m, std::size_t section, std::string_view) override {
        auto& sections = arriving_.at(m);
        if (section != sections && section + 1 != sections) std::abort();
        sections = section + 1;
    }
    void message_complete(amqp::message_handle m) override {
        arriving_.erase(m);
        if (++complete_ % 3 == 0) session_.accept(m);
        if (complete_ % 3 == 1) session_.release(m);
    }
    void message_lost(amqp::message_handle m) override {
        if (arriving_.erase(m) == 0) std::abort();
    }

  private:
    amqp::session& session_;
    std::map<amqp::message_handle, std::size_t> arriving_; ///< sections seen
    std::size_t complete_ = 0;
    long sent_ = 0;
};

} // namespace truc::fuzz
