#pragma once
#include <truc/base/clock.hpp>

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace truc::trust {

/// What one side of TLS is made of. Paths of PEM files.
struct tls_files {
    std::filesystem::path certificate; ///< own certificate, then its chain if any; a client may leave both empty
    std::filesystem::path key;
    std::vector<std::filesystem::path> authorities;      ///< vouch for the peer; never the system's store
    std::vector<std::filesystem::path> revocation_lists; ///< count whatever their age
};

/// Settings of TLS connections (1.2 and 1.3): own certificate, authorities for the peer's. Immutable, thread-safe.
/// Reload: make a new one and swap the shared_ptr; open connections keep the old one alive.
///
/// Clients may resume sessions with a server, by tickets that only this very context can open: after a reload, and at
/// another listener, a session is worth nothing and the certificate is judged anew. The certificate of a resumed
/// session shows as in the handshake that it came from, and the session ends no later than that certificate. Whoever
/// needs certificates in between, which no ticket holds, shows them in a full handshake each time.
///
/// With Asio: `asio::ssl::context context(tls->share())`. Asio's context frees the reference it is given, and nothing
/// may be set on it afterwards (it stores call-backs in the shared object).
class tls_context {
  public:
    /// A client certificate is asked for but not required; one that is presented must be good. A connection without one
    /// shows as SSL_get0_peer_certificate() == nullptr. Throws std::runtime_error when the files cannot be used or the
    /// certificate is not valid at `now`: a start-up failure.
    /// `clock` says when sessions end, and outlives the context.
    static std::shared_ptr<const tls_context> make_server(const tls_files& files, timestamp now,
                                                          const clock& clock = system_clock());
    /// The server's certificate is required; call expect_server() for each connection. Throws as make_server().
    static std::shared_ptr<const tls_context> make_client(const tls_files& files, timestamp now);

    /// Whether the certificate that a client has shown on this connection, which may be one of another context, would
    /// be accepted here and now. True for a client without one.
    bool accepts_client_of(const SSL* connection) const;
    /// Whether the client's certificate, or one that vouched for it in the handshake, has expired since: what time
    /// alone can change, at a small part of the cost. False for a client without one.
    static bool has_client_expired(const SSL* connection);

    SSL_CTX* get() const { return context_.get(); }
    /// A new reference, to be freed with SSL_CTX_free.
    SSL_CTX* share() const;

  private:
    struct context_free {
        void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
    };
    explicit tls_context(SSL_CTX* c) : context_(c) {}
    std::unique_ptr<SSL_CTX, context_free> context_;
};

/// Before a client's handshake: the certificate must name this host (DNS name, also sent as SNI) or this IP address.
void expect_server(SSL* connection, const std::string& host_or_address);

} // namespace truc::trust
