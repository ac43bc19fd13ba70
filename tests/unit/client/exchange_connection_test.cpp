#include "linked_case.hpp"

namespace truc::client::test {
namespace {

TEST_F(an_exchange_link, asks_again_for_a_link_that_was_refused_while_the_others_go_on) {
    node.refused["receipts/A"] = amqp::condition{"truc:sender_not_yours", "not A"};
    connect({"A"});
    EXPECT_EQ(link->last_fault(), "");
    EXPECT_THAT(link->read_evidence(1, 0ms), IsEmpty());
    ASSERT_TRUE(node.saw("refused receipts/A"));
    EXPECT_TRUE(becomes([&] { return link->last_fault() == "truc:sender_not_yours: not A"; }));
    EXPECT_TRUE(link->is_connected());
    EXPECT_THAT(results(link->submit({say("a", "x")}, patience)), ElementsAre(outcome::accepted));
    node.ask([&](served&) {
        node.refused.clear();
        return 0;
    });
    EXPECT_TRUE(node.saw("receipts/A"));
    EXPECT_TRUE(becomes([&] { return link->last_fault().empty(); }));
}

TEST_F(an_exchange_link, is_not_connected_without_the_inbox) {
    node.refused["inbox"] = amqp::condition{"truc:not_permitted", "no AMQP"};
    link = std::make_unique<exchange_link>(options());
    EXPECT_TRUE(becomes([&] { return link->last_fault() == "truc:not_permitted: no AMQP"; }));
    EXPECT_FALSE(link->is_connected());
}

TEST_F(an_exchange_link, says_why_it_is_down_and_connects_when_the_node_is_there_again) {
    connect();
    node.cut();
    ASSERT_TRUE(becomes([&] { return !link->is_connected() || link->last_fault().empty(); }));
    ASSERT_TRUE(node.saw("lost"));
    ASSERT_TRUE(node.saw("inbox"));
    EXPECT_TRUE(becomes([&] { return link->is_connected() && link->last_fault().empty(); }));
}

TEST_F(an_exchange_link, speaks_with_nodes_only) {
    auto asked = truc::test::test_pki::request("máy chủ khác");
    asked.for_servers = true;
    const auto other = pki().make(pki().node_authority(), "other", asked);
    scripted_node impostor(pki(), other);
    auto o = options();
    o.port = impostor.port();
    link = std::make_unique<exchange_link>(std::move(o));
    EXPECT_TRUE(becomes([&] { return link->last_fault() == "its certificate is not that of a node"; }));
    EXPECT_THAT(results(link->submit({say("a", "x")}, 50ms)), ElementsAre(outcome::later));
    EXPECT_THAT(impostor.lines(), testing::Each("lost")) << "it heard nothing of us";
}

TEST_F(an_exchange_link, shows_a_certificate_that_was_replaced_on_the_next_connection) {
    const auto before = pki().agency("trước");
    const auto after = pki().agency("sau");
    auto o = options();
    o.certificate = before.certificate;
    o.key = before.key;
    link = std::make_unique<exchange_link>(std::move(o));
    const auto shown = [&] { return node.ask([](served& s) { return *s.peer->peer().certificate; }); };
    ASSERT_TRUE(node.saw("inbox"));
    EXPECT_EQ(shown(), before.digest);
    const auto replace = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(after.certificate, before.certificate, replace);
    reconnect(); // the key is not the certificate's yet
    EXPECT_EQ(shown(), before.digest);
    std::filesystem::copy_file(after.key, before.key, replace);
    reconnect();
    EXPECT_EQ(shown(), after.digest);
}

TEST_F(an_exchange_link, wants_files_that_can_be_used) {
    auto o = options();
    o.key = "/nowhere/key.pem";
    EXPECT_THROW(exchange_link{std::move(o)}, std::runtime_error);
    EXPECT_THROW(exchange_link{options(std::vector<std::string>(14, "A"))}, std::runtime_error);
}

TEST_F(an_exchange_link, lets_go_those_who_wait_when_it_is_interrupted) {
    node.submit_window = 0;
    connect({"A"});
    std::vector<submission_answer> answers;
    std::thread receiver([&] { EXPECT_THAT(link->receive(1, 1h), IsEmpty()); });
    std::thread reader([&] { EXPECT_THAT(link->read_evidence(1, 1h), IsEmpty()); });
    std::thread submitter([&] { answers = link->submit({say("a", "x")}, 1h); });
    settle_down();
    link->interrupt();
    receiver.join();
    reader.join();
    submitter.join();
    EXPECT_THAT(results(answers), ElementsAre(outcome::later));
    EXPECT_THAT(results(link->submit({say("b", "x")}, 1h)), ElementsAre(outcome::later));
    EXPECT_THAT(receive(1, 1h), IsEmpty());
}

TEST_F(an_exchange_link, says_what_was_settled_before_it_goes) {
    connect();
    for (std::uint8_t n = 1; n <= 3; ++n) node.deliver(id(n), "x");
    for (std::size_t have = 0; have < 3;) have += receive().size();
    link->accept(id(1));
    link->accept(id(2));
    link.reset();
    EXPECT_TRUE(node.saw(id(1).str() + " accepted"));
    EXPECT_TRUE(node.saw(id(2).str() + " accepted"));
    EXPECT_TRUE(node.saw(id(3).str() + " lost"));
    EXPECT_TRUE(node.saw("closed"));
}

TEST_F(an_exchange_link, ends_whatever_it_is_about) {
    { exchange_link at_once(options()); }
    auto o = options();
    o.port = 1;
    {
        exchange_link dialling(o);
        settle_down();
    }
    connect({"A"});
    node.ask([](served& s) {
        s.session->pause_reading(); // it does not hear that we go
        return 0;
    });
    link->read_evidence(1, 0ms);
    const auto begun = std::chrono::steady_clock::now();
    link.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

} // namespace
} // namespace truc::client::test
