#include "raw_amqp.hpp"
#include "two_sessions.hpp"

namespace truc::amqp::test {
namespace {

constexpr std::size_t large = 20'000'000;

std::shared_ptr<const std::string> noise(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint64_t x = 88172645463325252U;
    for (auto& c : bytes) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        c = static_cast<char>(x);
    }
    return std::make_shared<const std::string>(std::move(bytes));
}

message large_message(std::string id, const std::shared_ptr<const std::string>& bytes) {
    message m = text_message(std::move(id), "envelope");
    m.body.emplace_back(std::string_view(*bytes), bytes);
    return m;
}

TEST_F(two_sessions, a_large_message_streams_in_bounded_memory) {
    server_.quiet = true;
    sha256_hasher hasher;
    std::size_t largest = 0;
    server_.on_data = [&](session&, message_handle, std::string_view bytes) {
        hasher.update(bytes);
        largest = std::max(largest, bytes.size());
    };
    server_.on_complete = [](session& s, message_handle m) { s.accept(m); };
    open();
    const auto link = sender();
    const auto bytes = noise(large);
    client_.ask([&](session& s) { return s.send(link, large_message("1", bytes)); });
    ASSERT_TRUE(client_.saw("accepted"));
    EXPECT_EQ(hasher.finish(), sha256("envelope" + *bytes));
    EXPECT_LE(largest, 64u * 1024);
    const auto held = [](session& s) { return s.most_held(); };
    EXPECT_LE(client_.ask(held).outgoing, 320u * 1024);
    EXPECT_LE(server_.ask(held).incoming, 128u * 1024);
}

TEST_F(two_sessions, the_bytes_sent_are_released_once_they_are_written) {
    open();
    const auto link = sender();
    auto bytes = noise(1'000'000);
    const std::weak_ptr<const std::string> watched = bytes;
    client_.ask([&](session& s) { return s.send(link, large_message("1", bytes)); });
    bytes.reset();
    ASSERT_TRUE(server_.saw("complete 1"));
    client_.ask([&](session&) { return 0; });
    EXPECT_TRUE(watched.expired()) << "although the outcome is not known yet";
}

TEST_F(two_sessions, messages_of_two_links_share_the_connection) {
    open();
    const auto one = sender();
    const auto other = client_.ask([](session& s) { return s.attach_sender("neighbour", "neighbour"); });
    ASSERT_TRUE(client_.saw("attached"));
    ASSERT_TRUE(client_.saw("credit 10"));
    const auto bytes = noise(large);
    client_.ask([&](session& s) {
        s.send(one, large_message("large", bytes));
        s.send(other, text_message("small", "x"));
        return 0;
    });
    ASSERT_TRUE(server_.saw("complete small"));
    EXPECT_EQ(server_.count("complete large"), 0u);
    EXPECT_TRUE(server_.saw("complete large"));
}

TEST_F(two_sessions, pausing_stops_the_stream_and_keeps_memory_bounded) {
    server_.quiet = true;
    std::atomic<std::size_t> received{0};
    std::promise<void> paused;
    server_.on_data = [&](session& s, message_handle, std::string_view bytes) {
        const auto before = received.load();
        received += bytes.size();
        if (before >= 1'000'000 || received < 1'000'000) return;
        s.pause_reading();
        paused.set_value();
    };
    server_.on_complete = [](session& s, message_handle m) { s.accept(m); };
    open();
    const auto link = sender();
    const auto bytes = noise(large);
    client_.ask([&](session& s) { return s.send(link, large_message("1", bytes)); });
    ASSERT_EQ(paused.get_future().wait_for(10s), std::future_status::ready);
    std::this_thread::sleep_for(100ms); // for what should not come
    EXPECT_LE(received, 1'000'000u + 128 * 1024);
    server_.ask([](session& s) {
        s.resume_reading();
        return 0;
    });
    ASSERT_TRUE(client_.saw("accepted"));
    EXPECT_EQ(received, large + 8);
    EXPECT_LE(client_.ask([](session& s) { return s.most_held(); }).outgoing, 320u * 1024);
}

TEST_F(two_sessions, aborting_a_paused_connection_ends_it) {
    server_.quiet = true;
    std::promise<void> paused;
    server_.on_data = [&, once = false](session& s, message_handle, std::string_view) mutable {
        if (std::exchange(once, true)) return;
        s.pause_reading();
        paused.set_value();
    };
    open();
    const auto link = sender();
    const auto bytes = noise(large);
    client_.ask([&](session& s) { return s.send(link, large_message("1", bytes)); });
    ASSERT_EQ(paused.get_future().wait_for(10s), std::future_status::ready);
    listener_->stop(0ms);
    EXPECT_TRUE(server_.saw("closed amqp:connection:forced the connection was lost"));
    EXPECT_TRUE(client_.saw("lost"));
}

TEST_F(two_sessions, a_modified_message_comes_back_with_what_the_peer_says_of_it) {
    server_.on_credit = [](session& s, link_handle link, std::size_t credit) {
        for (std::size_t i = 0; i < credit; ++i) s.send(link, text_message(std::to_string(i), "x"));
    };
    listen();
    raw_amqp client(listener_->port(), *client_tls_);
    performative receiver(0x12);
    receiver.text("out").number(0).truth(true).byte(0).byte(0).nested(source("inbox")).nested(target("mine"));
    performative credit(0x13);
    credit.number(0).number(100).number(0).number(100).number(0).number(0).number(4);
    client.send(greeting() + receiver.frame() + credit.frame());
    ASSERT_TRUE(client.sees("3"));
    std::uint32_t number = 0;
    for (const auto& how : {performative(0x27), performative(0x27).truth(true), performative(0x27).null().truth(true),
                            performative(0x27).truth(true).truth(true).map("x-opt-why", "no space")})
        client.send(performative(0x15).truth(true).number(number++).null().truth(true).nested(how).frame());
    EXPECT_TRUE(server_.saw("modified"));
    EXPECT_TRUE(server_.saw("modified failed"));
    EXPECT_TRUE(server_.saw("modified not_here"));
    EXPECT_TRUE(server_.saw("modified failed not_here x-opt-why=no space"));
}

TEST_F(two_sessions, a_message_goes_back_with_what_we_say_of_it) {
    modification how;
    server_.on_complete = [&](session& s, message_handle m) { s.modify(m, how); };
    open();
    const auto link = sender();
    const auto send_and_see = [&](const std::string& line) {
        client_.ask([&](session& s) { return s.send(link, text_message("1", "x")); });
        EXPECT_TRUE(client_.saw(line)) << line;
    };
    send_and_see("modified");
    how.failed = true;
    how.annotations["x-opt-why"] = std::string("đĩa đầy");
    send_and_see("modified failed x-opt-why=đĩa đầy");
    how.not_here = true;
    how.annotations.clear();
    send_and_see("modified failed not_here");
    server_.on_data = [&](session& s, message_handle m, std::string_view) { s.modify(m, how); };
    send_and_see("modified failed not_here");
}

TEST_F(two_sessions, a_message_rejected_midway_is_given_up_by_the_sender) {
    server_.on_data = [](session& s, message_handle m, std::string_view) {
        s.reject(m, condition{"truc:too_large", "64 MiB"});
    };
    open();
    const auto link = sender();
    const auto bytes = noise(200'000'000);
    client_.ask([&](session& s) {
        s.send(link, large_message("1", bytes));
        return 0;
    });
    EXPECT_TRUE(client_.saw("rejected truc:too_large 64 MiB"));
    server_.ask([&](session&) {
        server_.on_data = nullptr;
        return 0;
    });
    client_.ask([&](session& s) { return s.send(link, text_message("2", "x")); });
    EXPECT_TRUE(server_.saw("complete 2")) << "the link goes on";
    EXPECT_EQ(server_.count("complete 1") + server_.count("lost message 1"), 0u) << "it was settled early";
    server_.ask([&](session& s) {
        EXPECT_EQ(server_.bodies.size(), 2u);
        s.accept(server_.last);
        return 0;
    });
    EXPECT_TRUE(client_.saw("accepted"));
}

TEST_F(two_sessions, a_message_aborted_by_its_sender_is_lost_and_gives_its_credit_back) {
    std::promise<void> begun;
    server_.on_data = [&, once = false](session&, message_handle, std::string_view) mutable {
        if (!std::exchange(once, true)) begun.set_value();
    };
    open();
    const auto link = sender();
    const auto bytes = noise(200'000'000);
    for (int i = 0; i < 12; ++i) {
        const auto m = client_.ask([&](session& s) { return *s.send(link, large_message("1", bytes)); });
        if (i == 0) {
            ASSERT_EQ(begun.get_future().wait_for(10s), std::future_status::ready);
        }
        ASSERT_TRUE(server_.saw("begun 1"));
        EXPECT_TRUE(client_.ask([&](session& s) { return s.withdraw(m); }));
        ASSERT_TRUE(server_.saw("lost message 1"));
        ASSERT_TRUE(client_.saw("released"));
    }
    client_.ask([&](session& s) { return s.send(link, text_message("2", "x")); });
    ASSERT_TRUE(server_.saw("complete 2"));
    EXPECT_FALSE(client_.ask([&](session& s) { return s.withdraw(message_handle{12}); })) << "it is over";
}

TEST_F(two_sessions, losing_the_connection_reports_every_message) {
    std::promise<void> begun;
    server_.on_data = [&, once = false](session&, message_handle m, std::string_view) mutable {
        if (server_.bodies[m].size() == 2 && !std::exchange(once, true)) begun.set_value();
    };
    open();
    const auto link = sender();
    const auto bytes = noise(200'000'000);
    client_.ask([&](session& s) {
        s.send(link, text_message("small", "x"));
        s.send(link, large_message("large", bytes));
        s.send(link, text_message("waiting", "x"));
        return 0;
    });
    ASSERT_EQ(begun.get_future().wait_for(10s), std::future_status::ready);
    dialled_.lock()->abort();
    EXPECT_TRUE(client_.saw("closed amqp:connection:forced the connection was lost"));
    EXPECT_EQ(client_.count("lost"), 2u);
    EXPECT_EQ(client_.count("released"), 1u) << "never begun";
    EXPECT_TRUE(server_.saw("lost message large"));
    EXPECT_EQ(server_.count("lost message small"), 0u) << "it was complete";
    EXPECT_TRUE(server_.saw("closed amqp:connection:forced the connection was lost"));
}

TEST_F(two_sessions, many_small_messages_are_accepted_in_batches) {
    constexpr std::size_t total = 20'000;
    server_.quiet = client_.quiet = true;
    server_.on_link = [](session& s, link_handle link, const link_request&) {
        s.accept_link(link);
        s.set_window(link, 512);
    };
    std::vector<message_handle> held;
    std::size_t complete = 0;
    server_.on_complete = [&](session& s, message_handle m) {
        held.push_back(m);
        if (++complete < total && held.size() < 64) return;
        for (const auto one : held) s.accept(one);
        held.clear();
    };
    std::atomic<std::size_t> accepted{0};
    std::promise<void> all;
    client_.on_settled = [&](session&, message_handle, outcome) {
        if (++accepted == total) all.set_value();
    };
    open();
    const auto link = client_.ask([](session& s) { return s.attach_sender("legs", "relay"); });
    ASSERT_TRUE(client_.saw("attached"));
    const data_section body(std::string(4096, 'x'));
    const auto begin = std::chrono::steady_clock::now();
    client_.ask([&](session& s) {
        for (std::size_t i = 0; i < total; ++i) {
            message m;
            m.head.message_id = "0190a3c4-0000-7000-8000-000000000000";
            m.body.push_back(body);
            s.send(link, std::move(m));
        }
        return 0;
    });
    ASSERT_EQ(all.get_future().wait_for(60s), std::future_status::ready) << accepted;
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    RecordProperty("messages_per_second", static_cast<int>(static_cast<double>(total) / time.count()));
    EXPECT_LE(client_.ask([](session& s) { return s.most_held(); }).outgoing, 320u * 1024);
}

} // namespace
} // namespace truc::amqp::test
