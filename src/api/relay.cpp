#include "relay_dialler.hpp"
#include "relay_session.hpp"

#include <truc/api/relay.hpp>

namespace truc::api {

relay::relay(options o) : core_(std::make_shared<relay_core>(std::move(o))) {
    for (const auto& n : core_->use.neighbours)
        if (const auto head = core_->use.store->head_of(n.name))
            core_->registry.note(n.name, [&](neighbour_view& v) {
                v.log = head->log;
                v.ledger_size = head->size;
                v.head_time = head->time;
            });
}

relay::~relay() { stop(std::chrono::milliseconds(0)); }

void relay::start() {
    for (const auto& n : core_->use.neighbours)
        if (!n.host.empty()) start_dialling(core_, n);
}

void relay::stop(std::chrono::milliseconds grace) { core_->stop(grace); }

net::awaitable<void> relay::serve(std::shared_ptr<net::connection> peer) {
    auto name = node_at(peer->peer());
    if (name.empty()) {
        core_->use.metrics
            ->get_counter("truc_relay_strangers_total", "Connections for relay without a node's certificate")
            .add();
        spdlog::debug("a connection from {} is not that of a node", peer->peer().address);
        co_return;
    }
    const auto session = relay_session::make(core_, std::move(peer), std::move(name), false);
    co_await session->run();
}

void relay::sections_changed() {
    for (const auto& session : core_->registry.sessions()) session->offer_sections();
}

std::vector<neighbour_view> relay::neighbours() const { return core_->registry.view(); }

void relay::ping(const std::string& name, ping_completion done) {
    if (!core_->registry.knows(name)) return done(fail(errc::not_found, name));
    if (const auto session = core_->registry.session_of(name)) return session->ping(std::move(done));
    const auto view = core_->registry.view(name);
    done(fail(errc::unreachable, view->last_error.empty() ? name : name + ": " + view->last_error));
}

} // namespace truc::api
