#include "test_pki.hpp"

#include <truc/net/dial.hpp>
#include <truc/net/listener.hpp>

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace truc::net {
namespace {

using namespace std::chrono_literals;

auto soon() { return std::chrono::steady_clock::now() + 30s; }

/// Says one word and waits for the other side's end.
class greeter final : public connection_handler {
  public:
    awaitable<void> serve(std::shared_ptr<connection> peer) override {
        co_await peer->write_some("welcome", soon());
        std::array<char, 1> byte;
        co_await peer->read_some(byte, soon());
    }
};

class net_tls_listener : public testing::Test {
  protected:
    net_tls_listener() : holder_(trust::tls_context::make_server(server_files(), test::test_pki::now())) {
        options_.max_connections = 8;
    }
    trust::tls_files server_files() {
        const auto node = pki_.node("ninhthuan");
        return {node.certificate, node.key, {pki_.agency_ca()}, {}};
    }
    trust::tls_files client_files(const std::string& name) {
        if (name.empty()) return {{}, {}, {pki_.node_ca()}, {}};
        const auto agency = pki_.agency(name);
        return {agency.certificate, agency.key, {pki_.node_ca()}, {}};
    }
    std::shared_ptr<const trust::tls_context> client(const std::string& name) {
        return trust::tls_context::make_client(client_files(name), test::test_pki::now());
    }

    using outcome = std::promise<std::shared_ptr<connection>>;
    static awaitable<void> try_to_come_in(connection::strand strand, std::uint16_t port,
                                          std::shared_ptr<const trust::tls_context> tls, std::shared_ptr<outcome> o) {
        auto dialled = co_await dial(strand, "127.0.0.1", port, tls, soon());
        std::array<char, 7> word;
        bool welcome = false;
        if (dialled) {
            const auto read = co_await (*dialled)->read_some(word, soon());
            welcome = read && *read == word.size();
        }
        o->set_value(welcome ? *dialled : nullptr);
    }
    /// Null: it was not let in.
    std::shared_ptr<connection> come_in(const listener& l, const std::shared_ptr<const trust::tls_context>& tls) {
        auto strand = asio::make_strand(loop_.context());
        auto o = std::make_shared<outcome>();
        auto seen = o->get_future();
        asio::co_spawn(strand, try_to_come_in(strand, l.port(), tls, o), asio::detached);
        return seen.get();
    }
    /// Whether the other side still holds it.
    bool is_open(const std::shared_ptr<connection>& c) {
        std::promise<bool> seen;
        asio::post(c->executor(), [&] {
            std::array<char, 1> byte;
            const auto read = c->read_now(byte);
            seen.set_value(read && !*read);
        });
        return seen.get_future().get();
    }
    void leave(std::shared_ptr<connection>& c) {
        c->abort();
        c.reset();
    }

    test::test_pki pki_;
    metrics_registry metrics_;
    listener_options options_;
    tls_holder holder_;
    greeter greeter_;
    io_loop loop_;
};

TEST_F(net_tls_listener, neither_strangers_nor_one_client_can_keep_the_others_out) {
    const listener l(loop_, endpoint::tcp("127.0.0.1", 0), &holder_, greeter_, metrics_, options_);
    const auto nobody = client(""), greedy = client("greedy"), other = client("other");
    std::vector<std::shared_ptr<connection>> strangers, own;
    for (int i = 0; i < 2; ++i) strangers.push_back(come_in(l, nobody));
    for (int i = 0; i < 2; ++i) own.push_back(come_in(l, greedy));
    for (const auto& c : strangers) EXPECT_TRUE(c);
    for (const auto& c : own) EXPECT_TRUE(c);
    EXPECT_FALSE(come_in(l, nobody));
    EXPECT_FALSE(come_in(l, greedy));
    EXPECT_TRUE(come_in(l, other));

    leave(own.front());
    for (int i = 0; i < 1000 && !own.front(); ++i) own.front() = come_in(l, greedy);
    EXPECT_TRUE(own.front()) << "a place is given back";
}

TEST_F(net_tls_listener, a_reload_ends_the_connections_of_those_who_are_revoked_and_no_others) {
    listener l(loop_, endpoint::tcp("127.0.0.1", 0), &holder_, greeter_, metrics_, options_);
    const auto lost = pki_.agency("lost");
    const auto of_lost =
        trust::tls_context::make_client({lost.certificate, lost.key, {pki_.node_ca()}, {}}, test::test_pki::now());
    const auto bad = come_in(l, of_lost), good = come_in(l, client("good")), nobody = come_in(l, client(""));
    ASSERT_TRUE(bad && good && nobody);
    auto files = server_files();
    files.revocation_lists = {pki_.revoke(lost, test::test_pki::now() - 1h)};
    holder_.set(trust::tls_context::make_server(files, test::test_pki::now()));
    EXPECT_EQ(l.connections(), 3u);
    l.reexamine();
    for (int i = 0; i < 1000 && l.connections() > 2; ++i) std::this_thread::sleep_for(5ms);
    EXPECT_EQ(l.connections(), 2u);
    EXPECT_TRUE(is_open(good) && is_open(nobody));
    EXPECT_FALSE(is_open(bad));
    l.stop(0ms);
}

TEST_F(net_tls_listener, a_certificate_that_expires_ends_its_connections_without_a_reload) {
    listener l(loop_, endpoint::tcp("127.0.0.1", 0), &holder_, greeter_, metrics_, options_);
    auto asked = test::test_pki::request("a brief one");
    asked.for_clients = true;
    asked.not_after = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now() + 2s);
    const auto brief = pki_.make(pki_.agency_authority(), "brief", asked);
    const auto of_brief =
        trust::tls_context::make_client({brief.certificate, brief.key, {pki_.node_ca()}, {}}, test::test_pki::now());
    const auto ends = come_in(l, of_brief), stays = come_in(l, client("good"));
    ASSERT_TRUE(ends && stays);
    l.reexamine();
    EXPECT_TRUE(is_open(ends));
    for (int i = 0; i < 1000 && l.connections() > 1; ++i) {
        std::this_thread::sleep_for(10ms);
        l.reexamine();
    }
    EXPECT_EQ(l.connections(), 1u);
    EXPECT_TRUE(is_open(stays));
}

TEST_F(net_tls_listener, counts_why_a_handshake_was_refused) {
    const listener l(loop_, endpoint::tcp("127.0.0.1", 0), &holder_, greeter_, metrics_, options_);
    const auto node = pki_.node("thuannam");
    const auto of_another_authority =
        trust::tls_context::make_client({node.certificate, node.key, {pki_.node_ca()}, {}}, test::test_pki::now());
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(come_in(l, of_another_authority));
    EXPECT_NE(metrics_.expose().find("truc_tls_refused_total{listener=\"http\",reason=\"unknown_authority\"} 3"),
              std::string::npos);
}

} // namespace
} // namespace truc::net
