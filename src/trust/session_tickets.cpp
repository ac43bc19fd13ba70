#include "session_tickets.hpp"

#include "client_check.hpp"
#include "pem.hpp"

#include <openssl/err.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace truc::trust {

namespace {

constexpr long ticket_lifetime = 3600;                       // seconds
constexpr milliseconds longest_chain_of_tickets{86'400'000}; // TLS 1.3 gives a new ticket at each resumption

/// A ticket holds the client's certificate alone: of a resumed session that needs more nothing could be judged anew.
bool needs_more_than_itself(const SSL* connection) {
    auto* const between = SSL_get_peer_cert_chain(connection); // what came beside the client's own
    return between && sk_X509_num(between) > 0 &&
           !is_good_client(SSL_get_SSL_CTX(connection), SSL_get0_peer_certificate(connection), nullptr);
}

/// Until when the certificates may stand for their owner without being shown again.
timestamp good_until(const SSL* connection, timestamp now) {
    if (needs_more_than_itself(connection)) return now;
    auto until = now + longest_chain_of_tickets;
    const auto* const chain = SSL_get0_verified_chain(connection); // null: it came without a certificate
    for (int i = 0; chain && i < sk_X509_num(chain); ++i)
        until = std::min(until, to_timestamp(X509_get0_notAfter(sk_X509_value(chain, i))));
    return until;
}

const clock& clock_of(void* given) { return *static_cast<const clock*>(given); }

/// What is sealed into a ticket beside the session.
int seal(SSL* connection, void* given) noexcept {
    if (SSL_session_reused(connection)) return 1; // the new ticket says what the first one said
    try {
        const auto until = to_millis(good_until(connection, clock_of(given).now()));
        return SSL_SESSION_set1_ticket_appdata(SSL_get_session(connection), &until, sizeof until);
    } catch (...) {
        ERR_clear_error();
        return 0;
    }
}

bool is_good(SSL_SESSION* session, timestamp now) {
    void* data = nullptr;
    std::size_t size = 0;
    std::int64_t until = 0;
    if (SSL_SESSION_get0_ticket_appdata(session, &data, &size) != 1 || size != sizeof until) return false;
    std::memcpy(&until, data, sizeof until);
    return now < from_millis(until);
}

SSL_TICKET_RETURN open(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t, SSL_TICKET_STATUS status,
                       void* given) noexcept {
    const bool opened = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
    if (!opened || !is_good(session, clock_of(given).now())) return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

} // namespace

void allow_resumption(SSL_CTX* ctx, const clock& clock) {
    // OpenSSL makes the keys of a context's tickets by chance. The name keeps its sessions from every other context
    // too.
    std::array<unsigned char, SSL_MAX_SID_CTX_LENGTH> name{};
    if (RAND_bytes(name.data(), name.size()) != 1 ||
        SSL_CTX_set_session_id_context(ctx, name.data(), name.size()) != 1 ||
        SSL_CTX_set_session_ticket_cb(ctx, seal, open, const_cast<truc::clock*>(&clock)) != 1 ||
        SSL_CTX_set_num_tickets(ctx, 1) != 1)
        throw_openssl("TLS sessions");
    SSL_CTX_set_timeout(ctx, ticket_lifetime);
    SSL_CTX_clear_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_max_early_data(ctx, 0); // what comes before the handshake's end could be sent again by others
}

} // namespace truc::trust
