#include "linked_case.hpp"

namespace truc::client::test {
namespace {

// --- submitting --------------------------------------------------------------------------------------------------

TEST_F(an_exchange_link, submits_and_tells_what_became_of_each) {
    node.judge = [](served& s, amqp::message_handle m, const std::string& content) {
        if (content == "good") return s.session->accept(m);
        if (content == "bad") return s.session->reject(m, amqp::condition{"truc:not_xml", "no XML"});
        if (content == "odd") return s.session->reject(m, amqp::condition{"amqp:decode-error", ""});
        if (content == "busy") return s.session->release(m);
        s.session->modify(m, {});
    };
    connect();
    auto behalf = say("e", "good");
    behalf.signed_on_behalf = true;
    const auto answers = link->submit(
        {say("a", "good"), say("b", "bad"), say("c", "odd"), say("d", "busy"), behalf, say("f", "modified")}, patience);
    EXPECT_THAT(results(answers), ElementsAre(outcome::accepted, outcome::refused, outcome::refused, outcome::later,
                                              outcome::accepted, outcome::later));
    EXPECT_EQ(answers[1].code, "not_xml");
    EXPECT_EQ(answers[1].why, "no XML");
    EXPECT_EQ(answers[2].code, "");
    EXPECT_EQ(answers[2].why, "amqp:decode-error");
    EXPECT_TRUE(node.saw("a good"));
    EXPECT_TRUE(node.saw("e good on behalf"));
    EXPECT_THAT(link->submit({}, patience), IsEmpty());
}

TEST_F(an_exchange_link, has_no_more_under_way_than_the_node_grants) {
    node.submit_window = 3;
    std::size_t most = 0;
    std::promise<void> full;
    node.judge = [&](served& s, amqp::message_handle, const std::string&) {
        most = std::max(most, s.submissions.size());
        if (s.submissions.size() < 3 && most < 3) return;
        for (const auto& [message, what] : std::exchange(s.submissions, {})) s.session->accept(message);
    };
    connect();
    std::vector<submission> all;
    for (int i = 0; i < 30; ++i) all.push_back(say(std::to_string(i), "x"));
    EXPECT_EQ(results(link->submit(all, patience)), std::vector<outcome>(30, outcome::accepted));
    EXPECT_EQ(most, 3u);
    std::vector<std::string> order;
    for (const auto& line : node.lines())
        if (line.ends_with(" x")) order.push_back(line.substr(0, line.size() - 2));
    for (int i = 0; i < 30; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(an_exchange_link, tells_what_it_never_sent_from_what_has_no_answer) {
    node.submit_window = 2;
    node.judge = [](served&, amqp::message_handle, const std::string&) {};
    connect();
    const auto answers = link->submit({say("a", "x"), say("b", "x"), say("c", "x")}, 300ms);
    EXPECT_THAT(results(answers), ElementsAre(outcome::unknown, outcome::unknown, outcome::later));
    EXPECT_TRUE(node.never_saw("c x"));
    node.ask([&](served& s) {
        node.judge = nullptr;
        for (const auto& [message, what] : s.submissions) s.session->accept(message);
        return 0;
    });
    EXPECT_THAT(results(link->submit({say("c", "x")}, patience)), ElementsAre(outcome::accepted));
}

TEST_F(an_exchange_link, gives_up_in_the_middle_of_a_large_message_before_its_bytes_are_gone) {
    connect();
    node.ask([](served& s) {
        s.session->pause_reading();
        return 0;
    });
    {
        const std::string large(50'000'000, 'x');
        EXPECT_THAT(results(link->submit({say("large", large)}, 300ms)), ElementsAre(outcome::later));
    }
    node.ask([](served& s) {
        s.session->resume_reading();
        return 0;
    });
    EXPECT_TRUE(node.saw("incomplete large"));
    EXPECT_THAT(results(link->submit({say("b", "x")}, patience)), ElementsAre(outcome::accepted));
}

TEST_F(an_exchange_link, does_not_know_what_became_of_what_was_under_way_when_the_node_died) {
    node.judge = [this](served& s, amqp::message_handle, const std::string&) {
        if (s.submissions.size() < 2) return;
        node.judge = nullptr;
        s.peer->abort();
    };
    node.submit_window = 2;
    connect();
    const auto answers = link->submit({say("a", "x"), say("b", "x"), say("c", "x")}, patience);
    EXPECT_THAT(results(answers), ElementsAre(outcome::unknown, outcome::unknown, outcome::accepted))
        << "what was not sent waits for the next connection";
}

TEST_F(an_exchange_link, serves_many_submitters_at_once) {
    connect();
    std::vector<std::thread> threads;
    std::atomic<int> accepted{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i)
                for (const auto& a : link->submit({say("a", "x"), say("b", "y")}, patience))
                    accepted += a.result == outcome::accepted;
        });
    for (auto& t : threads) t.join();
    EXPECT_EQ(accepted, 160);
}

// --- evidence ----------------------------------------------------------------------------------------------------

TEST_F(an_exchange_link, reads_evidence_from_where_it_is_told_and_goes_on_from_there) {
    connect({"A", "B"});
    link->follow_evidence("A", "7");
    link->follow_evidence("nobody", "8");
    EXPECT_TRUE(node.never_saw("receipts/A after 7")) << "nobody reads yet";
    EXPECT_THAT(link->read_evidence(1, 0ms), IsEmpty());
    ASSERT_TRUE(node.saw("receipts/A after 7"));
    ASSERT_TRUE(node.saw("receipts/B"));
    node.feed("A", 9, "td:17");
    const auto first = link->read_evidence(10, patience);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].agency, "A");
    EXPECT_EQ(first[0].submission, "td:17");
    EXPECT_EQ(first[0].receipt, "<Receipt>9</Receipt>");
    EXPECT_EQ(first[0].cursor, "9");
    EXPECT_TRUE(node.saw("A 9 accepted"));
    node.feed("A", 12);
    settle_down();
    reconnect();
    EXPECT_TRUE(node.saw("receipts/A after 9")) << "12 was not read";
    EXPECT_TRUE(node.saw("receipts/B"));
    EXPECT_THAT(link->read_evidence(10, 0ms), IsEmpty());
    node.feed("B", 3);
    EXPECT_EQ(link->read_evidence(10, patience).at(0).cursor, "3");
}

TEST_F(an_exchange_link, holds_no_more_evidence_than_a_window) {
    connect({"A"});
    EXPECT_THAT(link->read_evidence(1, 0ms), IsEmpty());
    ASSERT_TRUE(node.saw("receipts/A"));
    for (int n = 1; n <= 200; ++n) node.feed("A", n);
    settle_down();
    std::size_t count = link->read_evidence(1000, patience).size();
    EXPECT_LE(count, 64u);
    while (count < 200) count += link->read_evidence(1000, patience).size();
    EXPECT_EQ(count, 200u);
}

} // namespace
} // namespace truc::client::test
