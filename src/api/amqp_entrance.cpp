#include "agency_session.hpp"
#include "relay_dialler.hpp"

#include <truc/api/amqp_entrance.hpp>

namespace truc::api {

amqp_entrance::amqp_entrance(const services& s, net::connection_handler& neighbours)
    : core_(std::make_shared<agency_core>(s)), neighbours_(neighbours) {}

amqp_entrance::~amqp_entrance() = default;

void amqp_entrance::use_passwords(std::shared_ptr<const directory::password_book> book) {
    core_->guard.use(std::move(book));
}

/// The handshake let in whom either authority vouches for; here it counts which one did.
bool amqp_entrance::is_node(const net::peer_info& peer) const {
    if (node_at(peer).empty()) return false;
    return core_->use.exchange->check(peer.certificate_der, core_->use.clock.now()).has_value();
}

net::awaitable<void> amqp_entrance::serve(std::shared_ptr<net::connection> peer) {
    if (is_node(peer->peer())) co_return co_await neighbours_.serve(std::move(peer));
    const auto session = std::make_shared<agency_session>(core_, std::move(peer));
    co_await session->run();
}

} // namespace truc::api
