#pragma once
#include "../../../src/amqp/wire.hpp"
#include "raw_socket.hpp"

#include <truc/trust/tls_context.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace truc::amqp::test {

/// A client that writes exactly the frames it is told, over TLS. Blocking.
class raw_amqp {
  public:
    raw_amqp(std::uint16_t port, const trust::tls_context& tls);

    bool send(std::string_view bytes); ///< false: the other side has gone
    /// Reads until this text has come. False: the other side closed first, or ten seconds passed.
    bool sees(std::string_view text);
    bool is_closed();
    /// What came so far.
    const std::string& received() const { return received_; }

  private:
    struct ssl_free {
        void operator()(SSL* p) const { SSL_free(p); }
    };
    bool receive();

    truc::test::raw_socket socket_;
    std::unique_ptr<SSL, ssl_free> ssl_;
    std::string received_;
};

/// Performatives, as text. Fields are appended one after another; those left out at the end are null.
class performative {
  public:
    explicit performative(std::uint8_t descriptor) : descriptor_(descriptor) {}
    performative& null();
    performative& text(std::string_view value);
    performative& symbol(std::string_view value);
    performative& binary(std::string_view value);
    performative& truth(bool value);
    performative& byte(std::uint8_t value);
    performative& number(std::uint32_t value);
    performative& nested(const performative& value);
    performative& map(std::string_view key, std::string_view value); ///< a symbol and a text

    std::string str() const; ///< as a described list
    std::string frame(std::uint16_t channel = 0, std::string_view payload = {}) const;
    std::string sasl_frame() const;

  private:
    std::string framed(std::uint8_t type, std::uint16_t channel, std::string_view payload) const;
    std::uint8_t descriptor_;
    std::size_t count_ = 0;
    std::string fields_;
};

inline constexpr std::string_view sasl_header("AMQP\x03\x01\x00\x00", 8);
inline constexpr std::string_view amqp_header("AMQP\x00\x01\x00\x00", 8);

/// Everything until the open performative and one session on channel 0.
std::string greeting();
std::string begin(std::uint16_t channel);
performative source(std::string_view address);
performative target(std::string_view address);
/// The client wants to send to `relay` on this handle.
std::string attach(std::uint32_t handle, const performative& to = target("relay"), std::uint8_t settle_mode = 0);
std::string transfer(std::uint32_t id, std::string_view payload, bool more = false);

} // namespace truc::amqp::test
