#pragma once
#include "sasl.hpp"

#include <truc/amqp/message.hpp>

#include <proton/codec.h>
#include <proton/condition.h>
#include <proton/connection_driver.h>

#include <optional>
#include <string_view>

namespace truc::amqp {

/// Proton's engine for one connection, set up as this project wants it. It does no I/O.
class engine {
  public:
    struct settings {
        bool server = true;
        bool certificate = false; ///< EXTERNAL can be offered, or used
        std::string user;
        std::function<void(std::string user, std::string password)> plain; ///< as in sasl_exchange
        std::string container;
        const property_map* properties = nullptr;
        std::uint32_t max_frame = 64 * 1024;
        std::uint16_t max_channel = 0;
        std::uint32_t idle_ms = 0;
    };

    explicit engine(const settings& s); ///< throws std::bad_alloc
    ~engine();
    engine(const engine&) = delete;

    pn_connection_driver_t* driver() { return &driver_; }
    pn_connection_t* connection() { return driver_.connection; }
    pn_transport_t* transport() { return driver_.transport; }
    bool is_refused(); ///< SASL has ended, and not well
    const std::string& user() const { return sasl_.user; }

  private:
    sasl_exchange sasl_;
    pn_connection_driver_t driver_;
};

/// How the engine's values are read and written.
std::optional<condition> to_condition(pn_condition_t* c); ///< none when it is not set
void set_condition(pn_condition_t* c, const condition& why);
property_map to_properties(pn_data_t* data); ///< empty when it is not a map
void set_properties(pn_data_t* data, const property_map& map);
std::string to_text(const char* text); ///< null is empty

} // namespace truc::amqp
