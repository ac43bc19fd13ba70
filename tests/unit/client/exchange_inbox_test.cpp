#include "linked_case.hpp"

namespace truc::client::test {
namespace {

TEST_F(an_exchange_link, receives_what_the_node_sends_and_settles_it) {
    connect();
    for (std::uint8_t n = 1; n <= 5; ++n)
        node.deliver(id(n), "content " + std::to_string(n), n == 2 ? "status" : "edoc");
    std::vector<inbox_delivery> all;
    while (all.size() < 5)
        for (auto& d : link->receive(2, patience)) all.push_back(std::move(d));
    EXPECT_EQ(all[0].delivery_id, id(1));
    EXPECT_EQ(all[0].content, "content 1");
    EXPECT_EQ(all[0].kind, dispatch_kind::edoc);
    EXPECT_EQ(all[1].kind, dispatch_kind::status);
    EXPECT_EQ(all[0].from, "000.00.00.G22");
    EXPECT_EQ(all[0].to, "000.00.12.H43");
    EXPECT_EQ(all[0].priority, priority::express);
    EXPECT_EQ(all[0].document_id, "000.00.00.G22,2026/07/15,17/VPCP");
    link->accept(id(1));
    link->release(id(2));
    link->fail(id(3), "đĩa đầy");
    link->set_aside(id(4), "không đọc được");
    link->reject(id(5), "nhầm nơi nhận");
    EXPECT_TRUE(node.saw(id(1).str() + " accepted"));
    EXPECT_TRUE(node.saw(id(2).str() + " released"));
    EXPECT_TRUE(node.saw(id(3).str() + " modified failed đĩa đầy"));
    EXPECT_TRUE(node.saw(id(4).str() + " modified failed not_here không đọc được"));
    EXPECT_TRUE(node.saw(id(5).str() + " rejected truc:legacy_refused: nhầm nơi nhận"));
    link->accept(id(1)); // it is over
    EXPECT_THAT(receive(1, 0ms), IsEmpty());
}

TEST_F(an_exchange_link, holds_no_more_deliveries_than_its_window) {
    connect({}, 4);
    for (std::uint8_t n = 1; n <= 10; ++n) node.deliver(id(n), "x");
    for (std::size_t have = 0; have < 4;) have += receive().size();
    EXPECT_THAT(receive(100, 200ms), IsEmpty()) << "four are being worked on";
    for (std::uint8_t n = 1; n <= 4; ++n) link->accept(id(n));
    EXPECT_FALSE(receive().empty());
}

TEST_F(an_exchange_link, gets_again_what_nobody_had_received_when_the_connection_was_lost) {
    connect();
    node.deliver(id(1), "x");
    node.deliver(id(2), std::string(5'000'000, 'y'));
    settle_down();
    reconnect();
    node.deliver(id(2), "z");
    EXPECT_THAT(receive(), ElementsAre(id(2))) << "and each once";
    EXPECT_THAT(receive(100, 100ms), IsEmpty());
}

TEST_F(an_exchange_link, parks_what_comes_again_while_it_is_being_worked_on) {
    connect();
    node.deliver(id(1), "x");
    ASSERT_THAT(receive(), ElementsAre(id(1)));
    reconnect();
    node.deliver(id(1), "x");
    node.deliver(id(2), "y");
    EXPECT_THAT(receive(), ElementsAre(id(2)));
    link->accept(id(1));
    EXPECT_TRUE(node.saw(id(1).str() + " accepted")) << "the one that came again";
    node.deliver(id(1), "x");
    EXPECT_THAT(receive(), ElementsAre(id(1))) << "it is a new one now";
}

TEST_F(an_exchange_link, parks_it_on_every_connection_until_the_caller_is_done) {
    connect();
    node.deliver(id(1), "x");
    ASSERT_THAT(receive(), ElementsAre(id(1)));
    for (int i = 0; i < 2; ++i) {
        reconnect();
        node.deliver(id(1), "x");
        EXPECT_THAT(receive(100, 100ms), IsEmpty());
    }
    link->fail(id(1), "later");
    EXPECT_TRUE(node.saw(id(1).str() + " modified failed later"));
}

TEST_F(an_exchange_link, settles_what_waits_here_when_its_caller_knows_it_from_before) {
    connect();
    node.deliver(id(1), "x");
    ASSERT_THAT(receive(), ElementsAre(id(1)));
    node.cut();
    ASSERT_TRUE(node.saw("lost"));
    link->release(id(1)); // its connection is lost: it comes again
    ASSERT_TRUE(node.saw("inbox"));
    node.deliver(id(1), "x");
    node.deliver(id(2), "y");
    settle_down();
    link->accept(id(1)); // not received a second time, but its caller has it
    EXPECT_TRUE(node.saw(id(1).str() + " accepted"));
    EXPECT_THAT(receive(), ElementsAre(id(2)));
}

TEST_F(an_exchange_link, gives_back_what_comes_twice_on_one_link) {
    connect();
    node.deliver(id(1), "x");
    node.deliver(id(1), "x");
    EXPECT_TRUE(node.saw(id(1).str() + " released"));
    EXPECT_THAT(receive(), ElementsAre(id(1)));
}

TEST_F(an_exchange_link, leaves_alone_what_it_does_not_understand) {
    connect();
    node.deliver(id(1), "x", "letter");
    EXPECT_TRUE(node.saw(id(1).str() + " modified failed not_here it is no delivery"));
    node.deliver(id(2), "x");
    EXPECT_THAT(receive(), ElementsAre(id(2)));
}

TEST_F(an_exchange_link, asks_again_for_what_was_set_aside) {
    connect();
    node.deliver(id(1), "x");
    node.deliver(id(2), "y");
    for (std::size_t have = 0; have < 2;) have += receive().size();
    link->set_aside(id(1), "no room");
    link->ask_again();
    ASSERT_TRUE(node.saw(id(1).str() + " modified failed not_here no room"));
    ASSERT_TRUE(node.saw("detached"));
    ASSERT_TRUE(node.saw("inbox"));
    node.deliver(id(2), "y");
    node.deliver(id(1), "x");
    EXPECT_THAT(receive(), ElementsAre(id(1))) << "the other one is being worked on";
    link->accept(id(2));
    EXPECT_TRUE(node.saw(id(2).str() + " accepted"));
    EXPECT_TRUE(becomes([&] { return link->is_connected(); }));
}

} // namespace
} // namespace truc::client::test
