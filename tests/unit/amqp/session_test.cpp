#include "two_sessions.hpp"

namespace truc::amqp::test {
namespace {

TEST_F(two_sessions, both_sides_learn_who_opened) {
    client_options_.properties.emplace("truc-node", "b");
    client_options_.properties.emplace("truc-version", std::int64_t{1});
    client_options_.properties.emplace("truc-abilities", std::vector<std::string>{"custody-1", "x"});
    listen();
    connect();
    EXPECT_TRUE(server_.saw("opened node-b EXTERNAL truc-abilities truc-node truc-version"));
    EXPECT_TRUE(client_.saw("opened node-a EXTERNAL"));
    EXPECT_EQ(server_.get()->peer().certificate, node_b_.digest);
    EXPECT_EQ(client_.get()->peer().certificate, node_a_.digest) << "the caller checks whom it has reached";
    EXPECT_EQ(client_.get()->peer().certificate_der, node_a_.der);
}

TEST_F(two_sessions, messages_arrive_with_their_head_and_sections_and_are_accepted_later) {
    open();
    const auto link = sender();
    message m;
    m.head = message_head{"id-1", "doc-1", "announcement", "application/json", {}};
    m.head.properties.emplace("truc-cursor", std::int64_t{1} << 40);
    m.head.properties.emplace("truc-to", "000.00.12.H43");
    m.head.properties.emplace("urgent", true);
    m.body = {std::string("envelope"), std::string(), std::string(200'000, 'x')};
    client_.ask([&](session& s) { return s.send(link, std::move(m)); });
    ASSERT_TRUE(server_.saw("complete id-1"));
    server_.ask([&](session& s) {
        const auto& head = server_.heads[server_.last];
        EXPECT_EQ(head.correlation_id, "doc-1");
        EXPECT_EQ(head.subject, "announcement");
        EXPECT_EQ(head.content_type, "application/json");
        EXPECT_EQ(*find<std::int64_t>(head.properties, "truc-cursor"), std::int64_t{1} << 40);
        EXPECT_EQ(*find<std::string>(head.properties, "truc-to"), "000.00.12.H43");
        EXPECT_EQ(*find<bool>(head.properties, "urgent"), true);
        EXPECT_EQ(find<bool>(head.properties, "truc-to"), nullptr);
        const std::vector<std::string> body{"envelope", "", std::string(200'000, 'x')};
        EXPECT_EQ(server_.bodies[server_.last], body);
        s.accept(server_.last);
        return 0;
    });
    EXPECT_TRUE(client_.saw("accepted"));
}

TEST_F(two_sessions, each_outcome_reaches_the_sender) {
    server_.on_complete = [this](session& s, message_handle m) {
        const auto id = server_.heads[m].message_id;
        if (id == "1") s.release(m);
        if (id == "2") s.reject(m, condition{"truc:too_large", "Too large"});
        if (id == "3") s.accept(m);
    };
    open();
    const auto link = sender();
    client_.ask([&](session& s) {
        for (const auto* id : {"1", "2", "3"}) s.send(link, text_message(id, "x"));
        return 0;
    });
    EXPECT_TRUE(client_.saw("released"));
    EXPECT_TRUE(client_.saw("rejected truc:too_large Too large"));
    EXPECT_TRUE(client_.saw("accepted"));
}

TEST_F(two_sessions, credit_is_what_the_window_leaves) {
    open();
    const auto link = sender();
    client_.ask([&](session& s) {
        EXPECT_EQ(s.credit(link), 10u);
        for (int i = 0; i < 12; ++i) s.send(link, text_message(std::to_string(i), "x"));
        EXPECT_EQ(s.credit(link), 0u);
        return 0;
    });
    ASSERT_TRUE(server_.saw("complete 9"));
    EXPECT_EQ(server_.count("begun 10"), 0u) << "held messages occupy the window";
    server_.ask([&](session& s) {
        for (const auto& [m, head] : server_.heads) s.accept(m);
        return 0;
    });
    EXPECT_TRUE(server_.saw("complete 11"));
}

TEST_F(two_sessions, a_receiver_names_where_it_wants_to_begin) {
    std::int64_t after = 0;
    server_.on_link = [&](session& s, link_handle link, const link_request& request) {
        EXPECT_EQ(request.role, link_role::we_send);
        after = *find<std::int64_t>(request.properties, "truc-after");
        s.accept_link(link);
    };
    server_.on_credit = [](session& s, link_handle link, std::size_t credit) {
        for (std::size_t i = 0; i < credit; ++i) s.send(link, text_message(std::to_string(i), "receipt"));
    };
    client_.on_complete = [](session& s, message_handle m) { s.accept(m); };
    open();
    client_.ask([](session& s) {
        property_map properties;
        properties.emplace("truc-after", std::int64_t{4711});
        s.set_window(s.attach_receiver("feed", "receipts", properties), 4);
        return 0;
    });
    EXPECT_TRUE(server_.saw("requested sender feed receipts"));
    EXPECT_TRUE(client_.saw("attached"));
    EXPECT_TRUE(client_.saw("complete 3"));
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(server_.saw("accepted"));
    EXPECT_EQ(after, 4711);
}

TEST_F(two_sessions, a_link_is_refused_with_a_reason) {
    server_.on_link = [](session& s, link_handle link, const link_request& request) {
        s.refuse_link(link, condition{std::string(not_found), request.address});
    };
    open();
    client_.ask([](session& s) { return s.attach_sender("x", "elsewhere"); });
    EXPECT_TRUE(client_.saw("detached amqp:not-found elsewhere"));
    EXPECT_EQ(client_.count("attached"), 0u);
    client_.ask([](session& s) { return s.attach_receiver("y", "elsewhere"); });
    EXPECT_TRUE(client_.saw("detached amqp:not-found elsewhere"));
}

TEST_F(two_sessions, detaching_ends_messages_as_lost_and_operations_do_nothing_afterwards) {
    open();
    const auto link = sender();
    client_.ask([&](session& s) {
        for (int i = 0; i < 12; ++i) s.send(link, text_message(std::to_string(i), "x"));
        return 0;
    });
    ASSERT_TRUE(server_.saw("complete 9"));
    client_.ask([&](session& s) {
        s.detach(link);
        EXPECT_FALSE(s.send(link, text_message("13", "x")));
        EXPECT_EQ(s.credit(link), 0u);
        return 0;
    });
    EXPECT_TRUE(server_.saw("detached"));
    server_.ask([&](session& s) {
        s.accept(server_.last);
        return 0;
    });
    EXPECT_TRUE(client_.saw("lost"));
    EXPECT_TRUE(client_.saw("released")) << "never written";
    EXPECT_EQ(client_.count("lost"), 10u);
    EXPECT_EQ(client_.count("released"), 2u);
    client_.ask([](session& s) { return s.attach_sender("legs", "relay"); });
    EXPECT_TRUE(client_.saw("attached")) << "the name is free again";
}

TEST_F(two_sessions, closing_tells_the_reason_after_all_messages) {
    open();
    const auto link = sender();
    client_.ask([&](session& s) { return s.send(link, text_message("1", "x")); });
    ASSERT_TRUE(server_.saw("complete 1"));
    server_.ask([](session& s) {
        s.accept(message_handle{999});
        s.close(condition{std::string(not_allowed), "superseded"});
        return 0;
    });
    EXPECT_TRUE(client_.saw("closed amqp:not-allowed superseded"));
    EXPECT_TRUE(server_.saw("closed amqp:not-allowed superseded"));
    const auto lines = client_.lines();
    ASSERT_GE(lines.size(), 2u);
    EXPECT_EQ(lines[lines.size() - 2], "lost");
    EXPECT_EQ(server_.count("lost message 1"), 0u) << "it was complete";
}

TEST_F(two_sessions, what_was_settled_before_closing_goes_out_first) {
    server_.on_complete = [](session& s, message_handle m) {
        s.accept(m);
        s.close();
    };
    open();
    const auto link = sender();
    client_.ask([&](session& s) { return s.send(link, text_message("1", "x")); });
    EXPECT_TRUE(client_.saw("accepted"));
    EXPECT_TRUE(client_.saw("closed"));
    EXPECT_TRUE(server_.saw("closed"));
}

TEST_F(two_sessions, draining_finishes_what_is_under_way_and_begins_nothing) {
    open();
    const auto link = sender();
    client_.ask([&](session& s) { return s.send(link, text_message("1", "x")); });
    ASSERT_TRUE(server_.saw("complete 1"));
    server_.ask([](session& s) {
        s.drain();
        return 0;
    });
    client_.ask([&](session& s) { return s.send(link, text_message("2", "x")); });
    EXPECT_TRUE(client_.saw("released"));
    EXPECT_EQ(server_.count("begun 2"), 0u);
    client_.ask([&](session& s) { return s.attach_sender("more", "relay"); });
    EXPECT_TRUE(client_.saw("detached amqp:connection:forced the connection is about to end"));
    server_.ask([&](session& s) {
        s.accept(server_.last);
        return 0;
    });
    EXPECT_TRUE(client_.saw("accepted"));
    EXPECT_TRUE(client_.saw("closed amqp:connection:forced this end is about to stop"));
    EXPECT_TRUE(server_.saw("closed amqp:connection:forced this end is about to stop"));
}

TEST_F(two_sessions, a_stopping_listener_drains_its_sessions) {
    open();
    listener_->stop(10s);
    EXPECT_TRUE(client_.saw("closed amqp:connection:forced this end is about to stop"));
    EXPECT_TRUE(server_.saw("closed amqp:connection:forced this end is about to stop"));
}

TEST_F(two_sessions, a_handler_that_throws_ends_only_its_connection) {
    server_.on_link = [](session&, link_handle, const link_request&) { throw std::runtime_error("a fault of ours"); };
    open();
    client_.ask([](session& s) { return s.attach_sender("x", "relay"); });
    EXPECT_TRUE(client_.saw("closed amqp:internal-error "));
    server_.on_link = recorder::accept_all;
    connect();
    EXPECT_TRUE(client_.saw("opened node-a EXTERNAL"));
}

} // namespace
} // namespace truc::amqp::test
