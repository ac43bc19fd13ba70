#include "client_check.hpp"

#include "certificate_fault.hpp"
#include "pem.hpp"

#include <openssl/err.h>

#include <memory>

namespace truc::trust {

namespace {

struct store_context_free {
    void operator()(X509_STORE_CTX* c) const { X509_STORE_CTX_free(c); }
};
using store_context_ptr = std::unique_ptr<X509_STORE_CTX, store_context_free>;

} // namespace

bool is_good_client(SSL_CTX* context, X509* certificate, STACK_OF(X509) * between) {
    const store_context_ptr check(X509_STORE_CTX_new());
    if (!check || X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context), certificate, between) != 1)
        throw_openssl("TLS");
    X509_STORE_CTX_set_default(check.get(), "ssl_client"); // as OpenSSL does in a handshake
    X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(check.get());
    X509_VERIFY_PARAM_set_auth_level(param, SSL_CTX_get_security_level(context));
    X509_VERIFY_PARAM_set_depth(param, SSL_CTX_get_verify_depth(context));
    X509_STORE_CTX_set_verify_cb(check.get(), judge_link);
    const bool good = X509_verify_cert(check.get()) == 1;
    ERR_clear_error();
    return good;
}

} // namespace truc::trust
