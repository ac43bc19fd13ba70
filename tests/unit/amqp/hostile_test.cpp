#include "../../../src/amqp/message_decoder.hpp"
#include "raw_amqp.hpp"
#include "two_sessions.hpp"

namespace truc::amqp::test {
namespace {

/// A whole message, as it goes into a transfer.
std::string encoded(const std::string& id, const std::string& body) {
    message_head head;
    head.message_id = id;
    return encode_head(head) + encode_data_prefix(body.size()) + body;
}

class hostile_amqp : public two_sessions {
  protected:
    hostile_amqp() { server_options_.limits.closing_time = 50ms; } // the raw client does not answer a close
    raw_amqp raw() { return {listener_->port(), *client_tls_}; }
    /// The server still serves others.
    void expect_alive() {
        connect();
        EXPECT_TRUE(client_.saw("opened node-a EXTERNAL"));
    }
    /// A link to send on, with credit.
    raw_amqp raw_sender() {
        auto client = raw();
        client.send(greeting() + attach(0));
        EXPECT_TRUE(client.sees("link-0"));
        return client;
    }
    bool opened() const { return server_.count("opened raw EXTERNAL") > 0; }
};

TEST_F(hostile_amqp, a_client_without_sasl_is_turned_away) {
    listen();
    auto client = raw();
    std::string bytes(amqp_header);
    bytes += performative(0x10).text("raw").frame();
    client.send(bytes);
    EXPECT_TRUE(client.is_closed());
    EXPECT_FALSE(opened());
    expect_alive();
}

TEST_F(hostile_amqp, garbage_is_turned_away) {
    listen();
    for (const std::string bytes : {"GET / HTTP/1.1\r\n\r\n", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "AMQP1234"}) {
        auto client = raw();
        client.send(bytes);
        EXPECT_TRUE(client.is_closed()) << bytes;
    }
    auto client = raw();
    client.send(greeting() + std::string(100, '\xff'));
    EXPECT_TRUE(client.is_closed());
    expect_alive();
}

TEST_F(hostile_amqp, a_silent_client_has_a_deadline) {
    server_options_.limits.opening_time = 50ms;
    listen();
    auto client = raw();
    client.send(sasl_header);
    EXPECT_TRUE(client.is_closed());
    EXPECT_TRUE(server_.saw("closed amqp:connection:forced the connection was not opened in time"));
}

TEST_F(hostile_amqp, a_client_that_falls_silent_later_is_given_up) {
    server_options_.limits.idle_time = 200ms;
    listen();
    auto client = raw();
    client.send(greeting());
    EXPECT_TRUE(client.is_closed());
    EXPECT_TRUE(server_.saw("closed amqp:resource-limit-exceeded local-idle-timeout expired"))
        << testing::PrintToString(server_.lines());
}

TEST_F(hostile_amqp, sessions_keep_each_other_alive) {
    server_options_.limits.idle_time = client_options_.limits.idle_time = 200ms;
    open();
    std::this_thread::sleep_for(700ms);
    sender();
}

TEST_F(hostile_amqp, little_is_read_before_the_connection_is_open) {
    server_options_.limits.opening_bytes = 200;
    listen();
    auto client = raw();
    std::string bytes(sasl_header);
    bytes += performative(0x41).symbol("EXTERNAL").binary("").sasl_frame();
    bytes += amqp_header;
    client.send(bytes + performative(0x10).text(std::string(1000, 'x')).frame());
    EXPECT_TRUE(client.is_closed());
    EXPECT_TRUE(server_.saw("closed amqp:resource-limit-exceeded too much before the connection is open"));
    EXPECT_EQ(server_.lines().size(), 1u);
}

TEST_F(hostile_amqp, without_a_certificate_nobody_gets_in) {
    client_tls_ = client_tls_without_certificate();
    listen();
    connect();
    EXPECT_TRUE(client_.saw("closed amqp:unauthorized-access the server accepts none of our identities"))
        << testing::PrintToString(client_.lines());
    auto client = raw();
    client.send(greeting());
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(server_.count("opened raw "), 0u);
    EXPECT_FALSE(opened());
}

TEST_F(hostile_amqp, other_mechanisms_and_other_identities_are_refused) {
    listen();
    for (const auto& init : {performative(0x41).symbol("PLAIN").binary(std::string_view("\0a\0b", 4)),
                             performative(0x41).symbol("ANONYMOUS").binary(""),
                             performative(0x41).symbol("EXTERNAL").binary("somebody-else")}) {
        auto client = raw();
        client.send(std::string(sasl_header) + init.sasl_frame() + std::string(amqp_header) +
                    performative(0x10).text("raw").frame());
        EXPECT_TRUE(client.is_closed());
    }
    EXPECT_FALSE(opened());
}

TEST_F(hostile_amqp, a_certificate_of_another_authority_is_refused) {
    client_tls_ = client_tls(pki_.agency("000.00.12.H43"));
    listen();
    connect();
    EXPECT_TRUE(client_.saw("closed amqp:connection:forced the connection was lost"))
        << testing::PrintToString(client_.lines());
    EXPECT_TRUE(server_.lines().empty());
}

TEST_F(hostile_amqp, a_server_of_another_authority_is_not_spoken_to) {
    trust::tls_files files;
    files.certificate = node_b_.certificate;
    files.key = node_b_.key;
    files.authorities = {pki_.agency_ca()};
    client_tls_ = trust::tls_context::make_client(files, pki_.now());
    listen();
    connect();
    EXPECT_TRUE(client_.saw("closed dial unreachable"));
}

TEST_F(hostile_amqp, links_that_make_no_sense_here_are_refused) {
    listen();
    auto client = raw();
    const auto coordinator = performative(0x30);
    performative dynamic(0x29);
    dynamic.null().number(0).symbol("session-end").number(0).truth(true);
    client.send(greeting() + attach(0, coordinator) + attach(1, dynamic) + attach(2, target("relay"), 1));
    EXPECT_TRUE(client.sees("there are no transactions"));
    EXPECT_TRUE(client.sees("there are no dynamic addresses"));
    EXPECT_TRUE(client.sees("messages must wait for their outcome"));
    EXPECT_EQ(server_.lines().size(), 1u) << "the handler is not asked";
    client.send(attach(3));
    EXPECT_TRUE(server_.saw("requested receiver link-3 relay"));
}

TEST_F(hostile_amqp, too_many_links_end_the_connection) {
    server_options_.limits.links = 3;
    server_.on_link = [](session& s, link_handle link, const link_request&) {
        s.refuse_link(link, condition{std::string(not_found), {}});
    };
    listen();
    auto client = raw();
    client.send(greeting() + attach(0) + attach(1) + attach(2));
    EXPECT_TRUE(server_.saw("requested receiver link-2 relay"));
    client.send(attach(3));
    EXPECT_TRUE(server_.saw("closed amqp:resource-limit-exceeded links"));
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(server_.count("requested receiver link-3 relay"), 0u);
    expect_alive();
}

TEST_F(hostile_amqp, a_client_that_does_not_answer_a_close_is_heard_no_longer) {
    server_options_.limits.links = 3;
    server_options_.limits.closing_time = 500ms;
    listen();
    auto client = raw();
    client.send(greeting() + attach(0) + attach(1) + attach(2) + attach(3));
    ASSERT_TRUE(client.sees("amqp:resource-limit-exceeded"));
    const auto request = attach(4) + performative(0x16).number(4).truth(true).frame();
    std::string requests;
    for (int i = 0; i < 1000; ++i) requests += request;
    const auto begun = std::chrono::steady_clock::now();
    while (client.send(requests)) {
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    EXPECT_TRUE(server_.saw("closed amqp:resource-limit-exceeded links"));
    expect_alive();
}

TEST_F(hostile_amqp, too_many_sessions_end_the_connection) {
    server_options_.limits.sessions = 2;
    listen();
    auto client = raw();
    client.send(greeting() + begin(1) + begin(2));
    EXPECT_TRUE(server_.saw("closed amqp:resource-limit-exceeded sessions")) << testing::PrintToString(server_.lines());
    auto other = raw();
    other.send(greeting() + begin(1000));
    EXPECT_TRUE(other.is_closed());
}

TEST_F(hostile_amqp, a_frame_beyond_the_limit_ends_the_connection) {
    listen();
    auto client = raw_sender();
    client.send(transfer(0, std::string(70'000, 'x')));
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(server_.count("begun "), 0u);
    expect_alive();
}

TEST_F(hostile_amqp, more_messages_than_granted_end_the_link) {
    server_.on_link = [](session& s, link_handle link, const link_request&) {
        s.accept_link(link);
        s.set_window(link, 2);
    };
    listen();
    auto client = raw_sender();
    std::string bytes;
    for (std::uint32_t i = 0; i < 5; ++i) bytes += transfer(i, encoded(std::to_string(i), "x"));
    client.send(bytes);
    EXPECT_TRUE(server_.saw("detached amqp:link:transfer-limit-exceeded more messages than granted"));
    EXPECT_TRUE(client.sees("transfer-limit-exceeded"));
    EXPECT_EQ(server_.count("complete 0") + server_.count("complete 1"), 2u);
    EXPECT_EQ(server_.count("complete 2"), 0u);
    for (std::uint32_t i = 5; i < 1000; ++i) client.send(transfer(i, encoded(std::to_string(i), "x")));
    client.send(begin(1));
    expect_alive();
    EXPECT_EQ(server_.lines().back(), "opened node-b EXTERNAL") << "what comes on a dead link is thrown away";
}

TEST_F(hostile_amqp, what_is_no_message_is_rejected_and_the_link_goes_on) {
    const std::string body = encode_data_prefix(1) + "x";
    const std::vector<std::pair<std::string, std::string>> cases{
        {std::string(20, '\xff'), "not a section of a message"},
        {std::string("\x00\x53\x77\xa1\x01x", 6), "the body must be data sections"},
        {encode_head({}), "the message ends too early"},
        {std::string("\x00\x53\x73\xc1\x01\x00", 6) + body, "not the section that may stand here"},
        {std::string("\x00\x53\x74\xc1\x03\x02\xa1\x01", 8) + body, "properties or annotations are malformed"},
        {std::string(), "the message ends too early"},
    };
    server_.on_link = [](session& s, link_handle link, const link_request&) {
        s.accept_link(link);
        s.set_window(link, 100);
    };
    listen();
    auto client = raw_sender();
    std::uint32_t id = 0;
    for (const auto& [bytes, why] : cases) {
        client.send(transfer(id++, bytes));
        EXPECT_TRUE(client.sees(why)) << why;
    }
    client.send(transfer(id, encoded("good", "x")));
    EXPECT_TRUE(server_.saw("complete good"));
    EXPECT_EQ(server_.count("begun "), 0u);
}

TEST_F(hostile_amqp, a_message_that_turns_into_garbage_is_lost) {
    listen();
    auto client = raw_sender();
    client.send(transfer(0, encoded("1", "data"), true));
    ASSERT_TRUE(server_.saw("begun 1"));
    client.send(transfer(0, "garbage", true));
    EXPECT_TRUE(server_.saw("lost message 1"));
    EXPECT_TRUE(client.sees("amqp:decode-error")) << "told before its end";
    client.send(transfer(0, std::string(10'000, 'x'), true) + transfer(0, "the end") + transfer(1, encoded("2", "x")));
    EXPECT_TRUE(server_.saw("complete 2"));
}

TEST_F(hostile_amqp, a_message_with_endless_properties_is_rejected) {
    listen();
    auto client = raw_sender();
    std::string head("\x00\x53\x74\xd1\x7f\xff\xff\xff", 8);
    client.send(transfer(0, head + std::string(1000, 'x'), true));
    EXPECT_TRUE(client.sees("properties and annotations are too large"));
}

TEST_F(hostile_amqp, a_first_transfer_without_its_number_harms_nobody) {
    listen();
    auto client = raw_sender();
    performative p(0x14);
    p.number(0).null().null().null().null().truth(true);
    client.send(p.frame(0, encoded("1", "x")) + p.frame(0, "x"));
    EXPECT_TRUE(client.sees("a message without a delivery-id"));
    EXPECT_TRUE(server_.saw("closed amqp:connection:framing-error a message without a delivery-id or delivery-tag"));
    expect_alive();
}

TEST_F(hostile_amqp, a_client_that_vanishes_midway_leaves_nothing) {
    listen();
    {
        auto client = raw_sender();
        client.send(transfer(0, encoded("1", "data"), true));
        ASSERT_TRUE(server_.saw("begun 1"));
    }
    EXPECT_TRUE(server_.saw("lost message 1"));
    EXPECT_TRUE(server_.saw("closed amqp:connection:forced the connection was lost"));
}

} // namespace
} // namespace truc::amqp::test
