#include "engine.hpp"

#include "wire.hpp"

#include <truc/base/log.hpp>
#include <truc/base/utf8.hpp>

#include <proton/connection.h>
#include <proton/logger.h>
#include <proton/sasl.h>
#include <proton/transport.h>

#include <new>
#include <stdexcept>

namespace truc::amqp {

namespace {

constexpr std::size_t longest_description = 1024;

/// The engine would write to standard error by itself. What it says is caused by peers.
void log_engine(intptr_t, pn_log_subsystem_t, pn_log_level_t, const char* message) {
    spdlog::debug("AMQP: {}", message);
}

std::string cut(std::string_view text) {
    auto valid = to_valid_utf8(text);
    if (valid.size() <= longest_description) return valid;
    std::size_t end = longest_description;
    while (end > 0 && (static_cast<unsigned char>(valid[end]) & 0xc0) == 0x80) --end;
    valid.resize(end);
    return valid;
}

} // namespace

engine::engine(const settings& s) {
    if (pn_connection_driver_init(&driver_, nullptr, nullptr) != 0) throw std::bad_alloc();
    pn_logger_set_log_sink(pn_transport_logger(transport()), log_engine, 0);
    if (s.server) pn_transport_set_server(transport());
    pn_transport_set_max_frame(transport(), s.max_frame);
    pn_transport_set_channel_max(transport(), s.max_channel);
    pn_transport_set_idle_timeout(transport(), s.idle_ms);
    sasl_.external = s.certificate;
    sasl_.user = s.user;
    sasl_.plain = s.plain;
    use_sasl(transport(), sasl_);
    pn_connection_set_container(connection(), s.container.c_str());
    if (s.properties) set_properties(pn_connection_properties(connection()), *s.properties);
    pn_connection_driver_bind(&driver_);
}

engine::~engine() { pn_connection_driver_destroy(&driver_); }

bool engine::is_refused() {
    const auto outcome = pn_sasl_outcome(pn_sasl(transport()));
    return outcome != PN_SASL_NONE && outcome != PN_SASL_OK;
}

std::optional<condition> to_condition(pn_condition_t* c) {
    if (!c || !pn_condition_is_set(c)) return std::nullopt;
    return condition{to_text(pn_condition_get_name(c)), cut(to_text(pn_condition_get_description(c)))};
}

void set_condition(pn_condition_t* c, const condition& why) {
    pn_condition_set_name(c, why.name.c_str());
    if (!why.description.empty()) pn_condition_set_description(c, cut(why.description).c_str());
}

property_map to_properties(pn_data_t* data) {
    if (!data) return {};
    const auto size = pn_data_encoded_size(data);
    if (size <= 0) return {};
    std::string bytes(static_cast<std::size_t>(size), '\0');
    if (pn_data_encode(data, bytes.data(), bytes.size()) != size) return {};
    std::string_view in = bytes;
    wire::item map;
    if (!wire::read(in, map)) return {};
    return wire::to_properties(map).value_or(property_map());
}

void set_properties(pn_data_t* data, const property_map& map) {
    pn_data_clear(data);
    if (map.empty()) return;
    std::string bytes;
    wire::write_map(bytes, map, wire::keys::symbols);
    if (pn_data_decode(data, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        throw std::logic_error("a property map that cannot be encoded");
}

std::string to_text(const char* text) { return text ? std::string(text) : std::string(); }

} // namespace truc::amqp
