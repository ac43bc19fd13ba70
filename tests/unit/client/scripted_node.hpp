#pragma once
#include "test_pki.hpp"

#include <truc/amqp/session.hpp>
#include <truc/client/exchange_link.hpp>
#include <truc/net/listener.hpp>

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <mutex>

namespace truc::client::test {

using namespace std::chrono_literals;

class scripted_node;

/// One connection of a client, at the node's end.
class served final : public amqp::session_handler {
  public:
    served(scripted_node& node, std::shared_ptr<net::connection> peer);

    void opened(const amqp::peer_open& peer) override;
    void closed(const std::optional<amqp::condition>& why) override;
    void link_requested(amqp::link_handle link, const amqp::link_request& request) override;
    void link_attached(amqp::link_handle) override {}
    void link_detached(amqp::link_handle link, const std::optional<amqp::condition>& why) override;
    void credit_changed(amqp::link_handle, std::size_t) override {}
    void settled(amqp::message_handle message, const amqp::settlement& how) override;
    void message_begun(amqp::link_handle link, amqp::message_handle message, const amqp::message_head& head) override;
    void message_data(amqp::message_handle message, std::size_t section, std::string_view bytes) override;
    void message_complete(amqp::message_handle message) override;
    void message_lost(amqp::message_handle message) override;

    scripted_node& node;
    const std::shared_ptr<net::connection> peer;
    const std::shared_ptr<amqp::session> session;
    std::map<std::string, amqp::link_handle> links; ///< by address
    std::map<amqp::message_handle, std::string> sent;
    std::map<amqp::message_handle, std::pair<amqp::message_head, std::string>> submissions; ///< not settled

  private:
    std::map<amqp::message_handle, std::pair<amqp::message_head, std::string>> arriving_;
};

/// A node as the test wants it. It writes down what the client does, in words; what it does itself the test says.
class scripted_node : public net::connection_handler {
  public:
    explicit scripted_node(const truc::test::test_pki& pki, const truc::test::identity& as);
    ~scripted_node() override;

    std::uint16_t port() const { return listener_->port(); }

    // Set before there is a client.
    std::size_t submit_window = 10;
    std::map<std::string, amqp::condition> refused; ///< links, by address
    /// What becomes of a submission; the default accepts it.
    std::function<void(served&, amqp::message_handle, const std::string& content)> judge;

    /// True once the line was written (30 s at most); a line is found once.
    bool saw(const std::string& line);
    bool never_saw(const std::string& line, std::chrono::milliseconds within = 200ms);
    std::vector<std::string> lines() const;

    // On the connection that is there, which a test knows by the lines that it saw:
    void deliver(const uuid& id, std::string content, const std::string& subject = "edoc");
    void feed(const std::string& agency, std::int64_t cursor, std::string submission = {});
    void cut(); ///< as if the node was killed
    template <class F>
    auto ask(F f) {
        const auto s = current();
        std::packaged_task<std::invoke_result_t<F, served&>()> task([&] { return f(*s); });
        auto answer = task.get_future();
        net::asio::post(s->session->executor(), [&] { task(); });
        return answer.get();
    }

  private:
    friend class served;
    net::awaitable<void> serve(std::shared_ptr<net::connection> peer) override;
    void write(std::string line);
    std::shared_ptr<served> current() const;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<std::string> lines_;
    std::multimap<std::string, bool> unseen_;
    std::shared_ptr<served> current_;
    net::tls_holder tls_;
    metrics_registry metrics_;
    net::io_loop loop_;
    std::unique_ptr<net::listener> listener_;
};

} // namespace truc::client::test
