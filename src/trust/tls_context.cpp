#include "certificate_fault.hpp"
#include "client_check.hpp"
#include "pem.hpp"
#include "session_tickets.hpp"

#include <truc/trust/tls_context.hpp>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace truc::trust {

namespace {

void require(bool good, const char* doing) {
    if (!good) throw_openssl(doing);
}

/// Of the other side: a few authorities between it and the one trusted here.
constexpr int longest_chain = 8;
constexpr long largest_chain = 32 * 1024; // bytes

void set_protocol(SSL_CTX* ctx) {
    require(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1, "TLS version");
    require(SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1, "TLS ciphers");
    require(SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1, "TLS groups");
    SSL_CTX_set_security_level(ctx, 2);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(ctx,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

void use_own_certificate(SSL_CTX* ctx, const tls_files& files, timestamp now) {
    const auto chain = load_certificates(files.certificate);
    const auto key = load_private_key(files.key);
    X509* const own = chain.front().get();
    require_pair(own, key.get(), files.key);
    if (now < to_timestamp(X509_get0_notBefore(own)) || now >= to_timestamp(X509_get0_notAfter(own)))
        throw std::runtime_error(files.certificate.string() + ": the certificate of " + subject_of(own) +
                                 " is not valid at this time");
    require(SSL_CTX_use_certificate(ctx, own) == 1, files.certificate.c_str());
    require(SSL_CTX_use_PrivateKey(ctx, key.get()) == 1, files.key.c_str());
    for (std::size_t i = 1; i < chain.size(); ++i)
        require(SSL_CTX_add1_chain_cert(ctx, chain[i].get()) == 1, files.certificate.c_str());
}

void trust_authorities(SSL_CTX* ctx, const tls_files& files) {
    if (files.authorities.empty())
        throw std::runtime_error("TLS: no authority is given for the other side's certificate");
    X509_STORE* const store = SSL_CTX_get_cert_store(ctx);
    X509_VERIFY_PARAM* const param = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    for (const auto& path : files.authorities)
        for (const auto& one : load_authorities(path)) {
            require(X509_STORE_add_cert(store, one.get()) == 1, path.c_str());
            require(SSL_CTX_add_client_CA(ctx, one.get()) == 1, path.c_str());
        }
    for (const auto& path : files.revocation_lists)
        for (const auto& list : load_revocation_lists(path))
            require(X509_STORE_add_crl(store, list.get()) == 1, path.c_str());
    if (!files.revocation_lists.empty())
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    SSL_CTX_set_verify_depth(ctx, longest_chain);
    SSL_CTX_set_max_cert_list(ctx, largest_chain);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, judge_link);
}

} // namespace

std::shared_ptr<const tls_context> tls_context::make_server(const tls_files& files, timestamp now, const clock& clock) {
    const std::shared_ptr<tls_context> made(new tls_context(SSL_CTX_new(TLS_server_method())));
    SSL_CTX* const ctx = made->get();
    require(ctx != nullptr, "TLS");
    set_protocol(ctx);
    SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    use_own_certificate(ctx, files, now);
    trust_authorities(ctx, files);
    allow_resumption(ctx, clock);
    return made;
}

std::shared_ptr<const tls_context> tls_context::make_client(const tls_files& files, timestamp now) {
    const std::shared_ptr<tls_context> made(new tls_context(SSL_CTX_new(TLS_client_method())));
    SSL_CTX* const ctx = made->get();
    require(ctx != nullptr, "TLS");
    set_protocol(ctx);
    if (!files.certificate.empty() || !files.key.empty()) use_own_certificate(ctx, files, now);
    trust_authorities(ctx, files);
    return made;
}

bool tls_context::accepts_client_of(const SSL* connection) const {
    X509* const certificate = SSL_get0_peer_certificate(connection);
    return !certificate || is_good_client(get(), certificate, SSL_get_peer_cert_chain(connection));
}

bool tls_context::has_client_expired(const SSL* connection) {
    const auto is_over = [](const X509* c) { return X509_cmp_current_time(X509_get0_notAfter(c)) < 0; };
    const X509* const own = SSL_get0_peer_certificate(connection);
    if (own && is_over(own)) return true;
    const auto* const chain = SSL_get0_verified_chain(connection); // null where a session was resumed
    for (int i = 0; chain && i < sk_X509_num(chain); ++i)
        if (is_over(sk_X509_value(chain, i))) return true;
    return false;
}

SSL_CTX* tls_context::share() const {
    SSL_CTX_up_ref(context_.get());
    return context_.get();
}

void expect_server(SSL* connection, const std::string& host_or_address) {
    X509_VERIFY_PARAM* const param = SSL_get0_param(connection);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, host_or_address.c_str()) == 1) return;
    ERR_clear_error();
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    require(X509_VERIFY_PARAM_set1_host(param, host_or_address.c_str(), host_or_address.size()) == 1,
            "TLS server name");
    require(SSL_set_tlsext_host_name(connection, host_or_address.c_str()) == 1, "TLS server name");
}

} // namespace truc::trust
