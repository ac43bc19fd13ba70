#pragma once
#include "test_pki.hpp"

#include <truc/amqp/session.hpp>
#include <truc/net/dial.hpp>
#include <truc/net/listener.hpp>

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace truc::amqp::test {

using namespace std::chrono_literals;

/// A handler that writes down what happens, in words, and does what the test told it. Its functions are set before the
/// session runs, or on its strand.
class recorder : public session_handler {
  public:
    /// True once the line was written (30 s at most); a line is found once.
    bool saw(const std::string& line);
    /// All that was written, for messages of failures and for looking at the order.
    std::vector<std::string> lines() const;
    std::size_t count(const std::string& line) const;

    void use(std::shared_ptr<session> s);
    std::shared_ptr<session> get(); ///< waits for it
    /// Runs `f(session)` on the strand and waits for its value.
    template <class F>
    auto ask(F f) {
        const auto s = get();
        std::packaged_task<std::invoke_result_t<F, session&>()> task([&] { return f(*s); });
        auto answer = task.get_future();
        net::asio::post(s->executor(), [&] { task(); });
        return answer.get();
    }

    void opened(const peer_open& peer) override;
    void closed(const std::optional<condition>& why) override;
    void link_requested(link_handle link, const link_request& request) override;
    void link_attached(link_handle link) override;
    void link_detached(link_handle link, const std::optional<condition>& why) override;
    void credit_changed(link_handle link, std::size_t credit) override;
    void settled(message_handle message, const settlement& how) override;
    void message_begun(link_handle link, message_handle message, const message_head& head) override;
    void message_data(message_handle message, std::size_t section, std::string_view bytes) override;
    void message_complete(message_handle message) override;
    void message_lost(message_handle message) override;

    // What to do; the defaults accept links and open a window of 10, and leave messages unsettled.
    std::function<void(session&)> on_opened;
    std::function<void(session&, link_handle, const link_request&)> on_link = accept_all;
    std::function<void(session&, link_handle, std::size_t)> on_credit;
    std::function<void(session&, message_handle, std::string_view)> on_data;
    std::function<void(session&, message_handle)> on_complete;
    std::function<void(session&, message_handle, outcome)> on_settled;
    static void accept_all(session& s, link_handle link, const link_request& request);

    bool quiet = false; ///< for many messages: nothing is written about those that go well
    std::map<message_handle, std::vector<std::string>> bodies; ///< kept unless quiet; on the strand only
    std::map<message_handle, message_head> heads;
    message_handle last{}; ///< complete most recently

  private:
    void write(std::string line);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
    std::multimap<std::string, bool> unseen_;
    std::shared_ptr<session> session_;
};

/// Two sessions over TLS on the loopback: node "a" listens, node "b" dials.
class two_sessions : public testing::Test, public net::connection_handler {
  protected:
    two_sessions();
    ~two_sessions() override;

    net::awaitable<void> serve(std::shared_ptr<net::connection> peer) override;
    void listen();
    void connect();
    /// Both are open.
    void open();
    /// A sender of the client to `relay`, attached and with credit.
    link_handle sender(const std::string& target = "relay");
    std::shared_ptr<const trust::tls_context> client_tls(const truc::test::identity& who) const;
    std::shared_ptr<const trust::tls_context> client_tls_without_certificate() const;

    truc::test::test_pki pki_;
    truc::test::identity node_a_ = pki_.node("a");
    truc::test::identity node_b_ = pki_.node("b");
    std::unique_ptr<net::tls_holder> server_tls_;
    std::shared_ptr<const trust::tls_context> client_tls_;
    session_options server_options_;
    session_options client_options_;
    recorder server_;
    recorder client_;
    std::mutex mutex_;
    std::weak_ptr<net::connection> dialled_;
    std::atomic<int> running_{0};
    metrics_registry metrics_;
    net::io_loop loop_;
    std::unique_ptr<net::listener> listener_;
};

message text_message(std::string id, std::string body);

} // namespace truc::amqp::test
