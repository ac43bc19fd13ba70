#include "sasl.hpp"

#include <proton/sasl.h>
#include <proton/sasl_plugin.h>
#include <proton/transport.h>

#include <string_view>

namespace truc::amqp {

namespace {

constexpr const char* external = "EXTERNAL";

sasl_exchange& exchange_of(pn_transport_t* transport) {
    return *static_cast<sasl_exchange*>(pnx_sasl_get_context(transport));
}

const char* list_mechanisms(pn_transport_t* transport) { return exchange_of(transport).external ? external : ""; }

/// With nothing to offer there is nothing to wait for.
bool begin_server(pn_transport_t* transport) {
    const bool possible = exchange_of(transport).external;
    if (!possible) pnx_sasl_set_failed(transport);
    pnx_sasl_set_desired_state(transport, possible ? SASL_POSTED_MECHANISMS : SASL_POSTED_OUTCOME);
    return true;
}

bool begin_client(pn_transport_t*) { return true; }

/// An initial response would ask to act for somebody else (RFC 4422, appendix A), which nobody may.
void process_init(pn_transport_t* transport, const char* mechanism, const pn_bytes_t* response) {
    const auto& exchange = exchange_of(transport);
    const bool good = exchange.external && std::string_view(mechanism) == external && response->size == 0;
    if (good)
        pnx_sasl_set_succeeded(transport, exchange.user.c_str(), nullptr);
    else
        pnx_sasl_set_failed(transport);
    pnx_sasl_set_desired_state(transport, SASL_POSTED_OUTCOME);
}

/// The engine has dropped what is not among the allowed mechanisms.
bool process_mechanisms(pn_transport_t* transport, const char* mechanisms) {
    if (!exchange_of(transport).external || std::string_view(mechanisms) != external) return false;
    pnx_sasl_set_selected_mechanism(transport, external);
    pnx_sasl_set_bytes_out(transport, pn_bytes(0, ""));
    pnx_sasl_set_desired_state(transport, SASL_POSTED_INIT);
    return true;
}

void ignore(pn_transport_t*) {}
void ignore_bytes(pn_transport_t*, const pn_bytes_t*) {}

/// EXTERNAL has one answer; a peer that goes on is not authenticated.
void refuse_response(pn_transport_t* transport, const pn_bytes_t*) {
    pnx_sasl_set_failed(transport);
    pnx_sasl_set_desired_state(transport, SASL_POSTED_OUTCOME);
}

bool no_encryption(pn_transport_t*) { return false; }
ssize_t no_size(pn_transport_t*) { return 0; }
ssize_t no_coding(pn_transport_t*, pn_bytes_t, pn_bytes_t*) { return 0; }

constexpr pnx_sasl_implementation implementation = {
    ignore,             // free
    list_mechanisms,    //
    begin_server,       // init_server
    begin_client,       // init_client
    ignore,             // prepare_write
    process_init,       //
    refuse_response,    // process_response
    process_mechanisms, //
    ignore_bytes,       // process_challenge
    ignore_bytes,       // process_outcome
    no_encryption,      // can_encrypt
    no_size,            // max_encrypt_size
    no_coding,
    no_coding, // encode, decode
};

} // namespace

void use_sasl(pn_transport_t* transport, sasl_exchange& exchange) {
    pn_sasl_t* const sasl = pn_sasl(transport);
    pnx_sasl_set_implementation(transport, &implementation, &exchange);
    pn_sasl_allowed_mechs(sasl, external);
    pn_transport_require_auth(transport, true);
}

} // namespace truc::amqp
