#include "scripted_node.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace truc::client::test {
namespace {

using outcome = submission_answer::outcome;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto patience = 30s;

const truc::test::test_pki& pki() {
    static const truc::test::test_pki one;
    return one;
}

class an_exchange_link : public testing::Test {
  protected:
    exchange_options options(std::vector<std::string> evidence_of = {}) const {
        static const auto who = pki().agency("000.00.12.H43");
        exchange_options o;
        o.host = "127.0.0.1";
        o.port = node.port();
        o.authority = pki().node_ca();
        o.certificate = who.certificate;
        o.key = who.key;
        o.name = "tdoffice";
        o.evidence_of = std::move(evidence_of);
        return o;
    }
    void connect(std::vector<std::string> evidence_of = {}, std::size_t window = 32) {
        auto o = options(std::move(evidence_of));
        o.window = window;
        link = std::make_unique<exchange_link>(std::move(o));
        ASSERT_TRUE(node.saw("inbox"));
        ASSERT_TRUE(becomes([&] { return link->is_connected(); }));
    }
    /// The connection is lost, and the next one is there.
    void reconnect() {
        node.cut();
        ASSERT_TRUE(node.saw("lost"));
        ASSERT_TRUE(node.saw("inbox"));
    }
    template <class F>
    static bool becomes(F condition) {
        for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
        return condition();
    }
    static std::vector<outcome> results(const std::vector<submission_answer>& answers) {
        std::vector<outcome> all;
        for (const auto& a : answers) all.push_back(a.result);
        return all;
    }
    std::vector<uuid> receive(std::size_t max = 100, std::chrono::milliseconds wait = patience) {
        std::vector<uuid> ids;
        for (const auto& d : link->receive(max, wait)) ids.push_back(d.delivery_id);
        return ids;
    }
    static uuid id(std::uint8_t n) {
        uuid u;
        u.bytes.fill(n);
        return u;
    }
    /// A turn of the connection's thread: the client has done what it was about to do.
    void settle_down() { std::this_thread::sleep_for(100ms); }

    truc::test::identity identity_ = pki().node("ninhthuan");
    scripted_node node{pki(), identity_};
    std::unique_ptr<exchange_link> link;
};

submission say(std::string name, std::string_view content) { return {std::move(name), content, false}; }

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

// --- receiving ---------------------------------------------------------------------------------------------------

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

// --- the connection ----------------------------------------------------------------------------------------------

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
