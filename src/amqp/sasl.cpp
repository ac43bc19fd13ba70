#include "sasl.hpp"

#include <proton/sasl.h>
#include <proton/sasl_plugin.h>
#include <proton/transport.h>

#include <optional>
#include <string_view>
#include <utility>

namespace truc::amqp {

namespace {

constexpr const char* external = "EXTERNAL";
constexpr const char* plain = "PLAIN";
constexpr const char* both = "EXTERNAL PLAIN";
constexpr std::size_t longest_plain = 1024; ///< bytes of name and password

sasl_exchange& exchange_of(pn_transport_t* transport) {
    return *static_cast<sasl_exchange*>(pnx_sasl_get_context(transport));
}

const char* list_mechanisms(pn_transport_t* transport) {
    const auto& exchange = exchange_of(transport);
    if (exchange.external) return exchange.plain ? both : external;
    return exchange.plain ? plain : "";
}

/// With nothing to offer there is nothing to wait for.
bool begin_server(pn_transport_t* transport) {
    const bool possible = *list_mechanisms(transport) != '\0';
    if (!possible) pnx_sasl_set_failed(transport);
    pnx_sasl_set_desired_state(transport, possible ? SASL_POSTED_MECHANISMS : SASL_POSTED_OUTCOME);
    return true;
}

bool begin_client(pn_transport_t*) { return true; }

void end(pn_transport_t* transport, bool good) {
    if (good)
        pnx_sasl_set_succeeded(transport, exchange_of(transport).user.c_str(), nullptr);
    else
        pnx_sasl_set_failed(transport);
    pnx_sasl_set_desired_state(transport, SASL_POSTED_OUTCOME);
}

struct name_and_password {
    std::string name;
    std::string password;
};

/// [authzid] NUL authcid NUL passwd (RFC 4616, 2). Nobody may act for somebody else.
std::optional<name_and_password> read_plain(std::string_view response) {
    if (response.size() > longest_plain) return std::nullopt;
    const auto first = response.find('\0');
    if (first == std::string_view::npos) return std::nullopt;
    const auto second = response.find('\0', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto for_whom = response.substr(0, first);
    const auto name = response.substr(first + 1, second - first - 1);
    const auto password = response.substr(second + 1);
    const bool sound = !name.empty() && !password.empty() && password.find('\0') == std::string_view::npos;
    if (!sound || (!for_whom.empty() && for_whom != name)) return std::nullopt;
    return name_and_password{std::string(name), std::string(password)};
}

void process_init(pn_transport_t* transport, const char* mechanism, const pn_bytes_t* response) {
    auto& exchange = exchange_of(transport);
    const std::string_view chosen(mechanism);
    // With EXTERNAL an initial response would ask to act for somebody else (RFC 4422, appendix A), which nobody may.
    if (chosen == external) return end(transport, exchange.external && response->size == 0);
    const auto check = std::exchange(exchange.plain, nullptr);
    if (chosen != plain || !check) return end(transport, false);
    auto said = read_plain(std::string_view(response->start, response->size));
    if (!said) return end(transport, false);
    exchange.user = said->name;
    check(std::move(said->name), std::move(said->password));
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

/// Both mechanisms have one answer; a peer that goes on is not authenticated.
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
    pn_sasl_allowed_mechs(sasl, exchange.plain ? both : external);
    pn_transport_require_auth(transport, true);
}

void end_plain(pn_transport_t* transport, bool good) { end(transport, good); }

} // namespace truc::amqp
