#include "tls_case.hpp"

#include <truc/base/durable.hpp>

#include <memory>

namespace truc::trust {
namespace {

using namespace std::chrono_literals;

struct session_free {
    void operator()(SSL_SESSION* s) const { SSL_SESSION_free(s); }
};
using session_ptr = std::unique_ptr<SSL_SESSION, session_free>;

class moving_clock final : public clock {
  public:
    explicit moving_clock(timestamp start) : now_(start) {}
    timestamp now() const override { return now_; }
    void move(milliseconds by) { now_ += by; }

  private:
    timestamp now_;
};

/// What each version of TLS does in its own way is tried with both.
class resumption : public tls_case, public testing::WithParamInterface<int> {
  protected:
    struct outcome {
        bool good = false;
        bool resumed = false;
        bool still_good = false; ///< when the certificate is judged anew
        std::optional<sha256_digest> known_as;
        session_ptr session; ///< for the next time
    };
    std::shared_ptr<const tls_context> make_server() { return tls_context::make_server(server_files(), now, clock_); }

    outcome connect(const tls_context& server, const tls_context& client, const session_ptr& session = nullptr) const {
        connection there(server), here(client);
        SSL_clear_options(here.ssl, SSL_OP_NO_TICKET);
        SSL_set_min_proto_version(here.ssl, GetParam());
        SSL_set_max_proto_version(here.ssl, GetParam());
        if (session) SSL_set_session(here.ssl, session.get());
        outcome o;
        o.good = handshake(there, here);
        o.resumed = SSL_session_reused(there.ssl) == 1;
        o.still_good = server.accepts_client_of(there.ssl);
        if (const X509* peer = SSL_get0_peer_certificate(there.ssl)) o.known_as = digest_of(peer);
        o.session.reset(SSL_get1_session(here.ssl));
        SSL_set_shutdown(here.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); // else OpenSSL spoils the session
        return o;
    }

    /// Shows the other certificate beside its own.
    std::shared_ptr<const tls_context> make_client(const test::identity& who, const std::string& other) const {
        auto files = client_files(who);
        files.certificate = pki.dir() / "chain.pem";
        EXPECT_TRUE(write_file(files.certificate, who.pem.certificate_pem + other));
        return tls_context::make_client(files, now);
    }

    moving_clock clock_{now};
};

TEST_P(resumption, keeps_the_identity_of_the_client) {
    const auto agency = pki.agency("so-tttt");
    const auto server = make_server(), client = tls_context::make_client(client_files(agency), now);
    const auto first = connect(*server, *client);
    ASSERT_TRUE(first.good);
    EXPECT_FALSE(first.resumed);
    const auto second = connect(*server, *client, first.session);
    ASSERT_TRUE(second.good);
    EXPECT_TRUE(second.resumed);
    EXPECT_EQ(second.known_as, agency.digest);
    const auto third = connect(*server, *client, second.session);
    EXPECT_TRUE(third.resumed);
    EXPECT_EQ(third.known_as, agency.digest);
}

TEST_P(resumption, of_a_client_without_a_certificate_gives_it_none) {
    const auto server = make_server(), client = tls_context::make_client(client_files(), now);
    const auto second = connect(*server, *client, connect(*server, *client).session);
    EXPECT_TRUE(second.resumed);
    EXPECT_FALSE(second.known_as);
}

TEST_P(resumption, a_ticket_is_worth_nothing_to_another_context) {
    const auto agency = pki.agency("so-tttt");
    const auto server = make_server(), client = tls_context::make_client(client_files(agency), now);
    const auto first = connect(*server, *client);
    const auto other = make_server(); // another listener, or the same one after a reload
    const auto second = connect(*other, *client, first.session);
    EXPECT_TRUE(second.good) << "by a full handshake";
    EXPECT_FALSE(second.resumed);
    const auto nobody = tls_context::make_client(client_files(), now);
    const auto stolen = connect(*other, *nobody, first.session);
    EXPECT_FALSE(stolen.known_as);
}

TEST_P(resumption, a_client_that_was_revoked_meanwhile_is_refused_with_its_ticket) {
    const auto agency = pki.agency("so-tttt");
    const auto client = tls_context::make_client(client_files(agency), now);
    const auto first = connect(*make_server(), *client);
    auto files = server_files();
    files.revocation_lists = {pki.revoke(agency, now - 1h)};
    EXPECT_FALSE(connect(*tls_context::make_server(files, now, clock_), *client, first.session).good);
}

TEST_P(resumption, ends_with_the_certificate) {
    auto asked = test::test_pki::request("a short one");
    asked.not_after = now + 30min;
    const auto agency = pki.make(pki.agency_authority(), "short", asked);
    const auto server = make_server(), client = tls_context::make_client(client_files(agency), now);
    const auto first = connect(*server, *client);
    clock_.move(29min);
    const auto second = connect(*server, *client, first.session);
    EXPECT_TRUE(second.resumed);
    clock_.move(2min);
    // The handshake judges the certificate by the machine's clock, for which it still is good.
    EXPECT_FALSE(connect(*server, *client, second.session).resumed);
    EXPECT_FALSE(connect(*server, *client, first.session).resumed);
}

TEST_P(resumption, whoever_needs_an_authority_in_between_shows_it_each_time) {
    auto asked = test::test_pki::request("CA của tỉnh");
    asked.is_authority = true;
    const auto between = authority::from(pki.agency_authority().issue(asked));
    asked = test::test_pki::request("so-tttt");
    asked.for_clients = true;
    const auto agency = pki.make(between, "so-tttt", asked);
    const auto server = make_server(), client = make_client(agency, between.own().certificate_pem);
    const auto first = connect(*server, *client);
    EXPECT_TRUE(first.good && first.still_good);
    const auto second = connect(*server, *client, first.session);
    EXPECT_TRUE(second.good && second.still_good);
    EXPECT_FALSE(second.resumed);
    EXPECT_EQ(second.known_as, agency.digest);
}

TEST_P(resumption, whoever_shows_an_authority_that_is_known_here_needs_not) {
    const auto agency = pki.agency("so-tttt");
    const auto server = make_server(), client = make_client(agency, pki.agency_authority().own().certificate_pem);
    const auto second = connect(*server, *client, connect(*server, *client).session);
    EXPECT_TRUE(second.resumed && second.still_good);
}

TEST_P(resumption, the_certificate_is_asked_for_once_a_day_however_often_tickets_are_renewed) {
    const auto agency = pki.agency("so-tttt");
    const auto server = make_server(), client = tls_context::make_client(client_files(agency), now);
    auto last = connect(*server, *client);
    int resumed = 0;
    for (int hour = 1; hour <= 23; ++hour) {
        clock_.move(1h);
        last = connect(*server, *client, last.session);
        resumed += last.resumed;
    }
    EXPECT_EQ(resumed, 23);
    clock_.move(2h);
    EXPECT_FALSE(connect(*server, *client, last.session).resumed);
}

TEST_P(resumption, tickets_are_good_for_an_hour_and_take_no_early_data) {
    const auto server = make_server(), client = tls_context::make_client(client_files(), now);
    const auto first = connect(*server, *client);
    EXPECT_EQ(SSL_SESSION_get_ticket_lifetime_hint(first.session.get()), 3600u);
    EXPECT_EQ(SSL_SESSION_get_max_early_data(first.session.get()), 0u);
}

INSTANTIATE_TEST_SUITE_P(tls, resumption, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "1_2" : "1_3"; });

} // namespace
} // namespace truc::trust
