#pragma once
#include <truc/api/services.hpp>
#include <truc/directory/password_book.hpp>
#include <truc/net/listener.hpp>

namespace truc::api {

struct agency_core;

/// The AMQP listener's handler: a connection that shows a node's certificate becomes a session with a neighbour, any
/// other one that of an agency's system. A node is known by the exchange's authority and the URI in its certificate; no
/// certificate of another authority makes one, whatever it says of itself.
///
/// Agencies' systems identify themselves by certificate (SASL EXTERNAL, where the directory knows it) or by name and
/// password (PLAIN, where there are passwords). They submit documents to `submit`, and receive from `inbox` (or
/// `inbox/<code>`) and `receipts` (or `receipts/<code>`). Translates to the same services as REST.
///
/// Lifecycle: made, outlives its listener and the pool's work. Thread-safe.
class amqp_entrance final : public net::connection_handler {
  public:
    /// `neighbours` serves the connections of nodes. Needs `services::turns`.
    amqp_entrance(const services& s, net::connection_handler& neighbours);
    ~amqp_entrance() override;

    /// The passwords that are good from now on; null: none, and PLAIN is not offered. Any thread.
    void use_passwords(std::shared_ptr<const directory::password_book> book);

    net::awaitable<void> serve(std::shared_ptr<net::connection> peer) override;

  private:
    bool is_node(const net::peer_info& peer) const;

    std::shared_ptr<agency_core> core_;
    net::connection_handler& neighbours_;
};

} // namespace truc::api
