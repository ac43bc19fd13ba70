#include "raw_amqp.hpp"
#include "two_sessions.hpp"

namespace truc::amqp::test {
namespace {

/// A server that takes passwords. What it was asked is written down; the test answers.
class passwords : public two_sessions {
  protected:
    struct question {
        std::string user;
        std::string password;
        std::function<void(login)> answer;
    };

    passwords() {
        server_options_.plain = [this](std::string user, std::string password, std::function<void(login)> answer) {
            asked_.set_value(question{std::move(user), std::move(password), std::move(answer)});
        };
        client_tls_ = client_tls_without_certificate();
        listen();
    }

    question asked() {
        auto waiting = asked_.get_future();
        if (waiting.wait_for(10s) != std::future_status::ready) throw std::runtime_error("nothing was asked");
        return waiting.get();
    }

    static std::string plain(std::string_view response) {
        return std::string(sasl_header) + performative(0x41).symbol("PLAIN").binary(response).sasl_frame();
    }
    static std::string open() { return std::string(amqp_header) + performative(0x10).text("raw").frame() + begin(0); }

    std::promise<question> asked_;
};

using namespace std::string_literals;

TEST_F(passwords, a_good_one_opens_the_connection_when_it_has_been_checked) {
    raw_amqp client(listener_->port(), *client_tls_);
    client.send(plain("\0so-tttt\0secret"s));
    const auto q = asked();
    EXPECT_EQ(q.user, "so-tttt");
    EXPECT_EQ(q.password, "secret");
    EXPECT_TRUE(server_.lines().empty()) << "nothing happens before the answer";
    server_.on_opened = [](session& s) { s.close(condition{std::string(not_allowed), "seen"}); };
    q.answer(login::good);
    EXPECT_TRUE(client.sees("\x00\x53\x44"s)) << "the outcome of SASL";
    client.send(open());
    EXPECT_TRUE(server_.saw("opened raw PLAIN"));
    EXPECT_TRUE(client.sees("seen"));
}

TEST_F(passwords, a_bad_one_is_refused_like_any_other_identity) {
    raw_amqp client(listener_->port(), *client_tls_);
    client.send(plain("\0so-tttt\0wrong"s));
    asked().answer(login::bad);
    EXPECT_TRUE(client.sees("\x00\x53\x44"s)) << "the outcome of SASL";
    client.send(open());
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(server_.count("opened raw PLAIN"), 0u);
}

TEST_F(passwords, one_that_cannot_be_checked_is_no_refusal) {
    raw_amqp client(listener_->port(), *client_tls_);
    client.send(plain("\0so-tttt\0secret"s));
    asked().answer(login::unknown);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(client.received().find("\x00\x53\x44"s), std::string::npos);
    EXPECT_TRUE(server_.saw("closed amqp:connection:forced the password cannot be checked now"));
}

TEST_F(passwords, an_answer_after_the_end_does_no_harm) {
    std::optional<question> q;
    {
        raw_amqp client(listener_->port(), *client_tls_);
        client.send(plain("\0so-tttt\0secret"s));
        q = asked();
    }
    EXPECT_TRUE(server_.saw("closed amqp:connection:forced the connection was lost"));
    q->answer(login::good);
    server_.use(nullptr);
    q->answer(login::good);
}

TEST_F(passwords, what_is_no_name_and_password_is_never_asked_about) {
    for (const auto& response : {"so-tttt"s, "\0so-tttt"s, "\0\0secret"s, "\0so-tttt\0"s, "vpcp\0so-tttt\0secret"s,
                                 "\0so-tttt\0sec\0ret"s, ""s}) {
        raw_amqp client(listener_->port(), *client_tls_);
        client.send(plain(response) + open());
        EXPECT_TRUE(client.is_closed()) << response;
    }
    EXPECT_EQ(server_.count("opened raw PLAIN"), 0u);
    EXPECT_EQ(asked_.get_future().wait_for(0s), std::future_status::timeout);
}

TEST_F(passwords, a_certificate_that_does_not_count_is_not_offered_as_identity) {
    server_options_.external = false;
    client_tls_ = client_tls(node_b_);
    raw_amqp client(listener_->port(), *client_tls_);
    client.send(greeting());
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(client.received().find("EXTERNAL"), std::string::npos);
    EXPECT_EQ(server_.count("opened raw EXTERNAL"), 0u);
}

} // namespace
} // namespace truc::amqp::test
