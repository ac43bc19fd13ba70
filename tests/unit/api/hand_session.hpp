#pragma once
#include <truc/amqp/session.hpp>

#include <map>
#include <vector>

namespace truc::api {

/// A connection on which nothing moves by itself: the test looks at what was sent, and says what the peer does.
class hand_session final : public amqp::session {
  public:
    struct sent {
        amqp::message_handle handle;
        amqp::link_handle link;
        amqp::message what;
    };

    explicit hand_session(net::connection::strand strand) : strand_(std::move(strand)) {}

    net::awaitable<void> run(amqp::session_handler&) override { co_return; }
    const net::connection::strand& executor() const override { return strand_; }
    const net::peer_info& peer() const override { return peer_; }
    void close(std::optional<amqp::condition> why) override { end = std::move(why); }
    void drain() override {}
    amqp::link_handle attach_sender(std::string, std::string target, amqp::property_map) override {
        return links[target] = new_link();
    }
    amqp::link_handle attach_receiver(std::string, std::string source, amqp::property_map) override {
        return links[source] = new_link();
    }
    void accept_link(amqp::link_handle, amqp::property_map) override {}
    void refuse_link(amqp::link_handle, amqp::condition) override {}
    void detach(amqp::link_handle, std::optional<amqp::condition>) override {}
    void set_window(amqp::link_handle, std::size_t) override {}
    void accept(amqp::message_handle) override {}
    void release(amqp::message_handle) override {}
    void reject(amqp::message_handle, amqp::condition) override {}
    void modify(amqp::message_handle, amqp::modification) override {}
    void pause_reading() override {}
    void resume_reading() override {}
    std::size_t credit(amqp::link_handle link) const override {
        const auto at = credits.find(link);
        return at == credits.end() ? 0 : at->second;
    }
    std::optional<amqp::message_handle> send(amqp::link_handle link, amqp::message m) override {
        if (credits[link] > 0) --credits[link];
        out.push_back({new_message(), link, std::move(m)});
        return out.back().handle;
    }
    bool withdraw(amqp::message_handle) override { return false; }
    high_water most_held() const override { return {}; }

    amqp::link_handle new_link() { return amqp::link_handle{++number_}; }
    amqp::message_handle new_message() { return amqp::message_handle{++number_}; }

    std::map<std::string, amqp::link_handle> links; ///< ours, by address
    std::map<amqp::link_handle, std::size_t> credits;
    std::vector<sent> out;
    std::optional<amqp::condition> end;

  private:
    net::connection::strand strand_;
    net::peer_info peer_;
    std::uint64_t number_ = 0;
};

} // namespace truc::api
