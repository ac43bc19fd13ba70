#include "session_impl.hpp"

#include <truc/base/log.hpp>

#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/sasl.h>
#include <proton/session.h>
#include <proton/transport.h>

namespace truc::amqp {

/// Handles what the engine has to say, and gives it what waits to be sent. A handler that throws ends the connection.
void engine_session::pump() {
    try {
        handle_events();
        feed();
        deliver_reports();
        handle_events();
        close_when_idle();
    } catch (const std::exception& e) {
        spdlog::error("AMQP connection with {} ended by a fault of ours: {}", peer().address, e.what());
        close(condition{std::string(internal_error), {}});
    }
    sweep();
}

void engine_session::handle_events() {
    while (pn_event_t* const event = pn_connection_driver_next_event(engine_->driver())) handle_event(event);
}

void engine_session::handle_event(pn_event_t* event) {
    switch (pn_event_type(event)) {
    case PN_CONNECTION_REMOTE_OPEN:
        return on_opened();
    case PN_CONNECTION_REMOTE_CLOSE:
        return on_closed();
    case PN_SESSION_REMOTE_OPEN:
        return on_session_opened(pn_event_session(event));
    case PN_SESSION_REMOTE_CLOSE:
        return on_session_closed(pn_event_session(event));
    case PN_LINK_REMOTE_OPEN:
        return on_link_opened(pn_event_link(event));
    case PN_LINK_REMOTE_CLOSE:
        return on_link_closed(pn_event_link(event), false);
    case PN_LINK_REMOTE_DETACH:
        return on_link_closed(pn_event_link(event), true);
    case PN_LINK_FLOW:
        if (auto* const link = static_cast<link_state*>(pn_link_get_context(pn_event_link(event)))) on_flow(*link);
        return;
    case PN_DELIVERY:
        return on_delivery(pn_event_delivery(event));
    case PN_TRANSPORT_ERROR:
        return on_engine_error();
    default:
        return;
    }
}

void engine_session::on_opened() {
    if (opened_ || closing_) return;
    opened_ = true;
    opening_deadline_ = net::steady_time::max();
    auto* const connection = engine_->connection();
    if (pn_connection_state(connection) & PN_LOCAL_UNINIT) pn_connection_open(connection);
    peer_open open;
    open.container = to_text(pn_connection_remote_container(connection));
    open.properties = to_properties(pn_connection_remote_properties(connection));
    open.mechanism = to_text(pn_sasl_get_mech(pn_sasl(engine_->transport())));
    if (open.mechanism == "PLAIN") open.user = engine_->user();
    handler_->opened(open);
}

/// The engine waits for the outcome, and the peer with it: for the opening time at most.
void engine_session::on_password(std::string user, std::string password) {
    auto answer = [weak = weak_from_this()](login found) {
        const auto self = std::static_pointer_cast<engine_session>(weak.lock());
        if (self) net::asio::post(self->executor(), [self, found] { self->on_login(found); });
    };
    options_.plain(std::move(user), std::move(password), std::move(answer));
}

void engine_session::on_login(login found) {
    if (!engine_ || read_done_) return;
    if (found == login::unknown)
        return give_up(condition{std::string(connection_forced), "the password cannot be checked now"});
    end_plain(engine_->transport(), found == login::good);
    pump();
    wake();
}

void engine_session::on_closed() {
    ended_by_peer_ = true;
    if (!closing_) why_ = to_condition(pn_connection_remote_condition(engine_->connection()));
    close(std::nullopt);
}

/// The peer broke the protocol or fell silent; the engine writes the close by itself.
void engine_session::on_engine_error() {
    if (!why_ && !ended_by_peer_) why_ = to_condition(pn_transport_condition(engine_->transport()));
    if (!closing_) begin_closing();
}

void engine_session::on_session_opened(pn_session_t* begun) {
    if (!(pn_session_state(begun) & PN_LOCAL_UNINIT)) return; // the peer's half of our own
    std::size_t count = 0;
    for (auto* s = pn_session_head(engine_->connection(), 0); s; s = pn_session_next(s, 0)) count += s != own_session_;
    if (count > options_.limits.sessions) return close(condition{std::string(resource_limit_exceeded), "sessions"});
    pn_session_open(begun);
}

void engine_session::on_session_closed(pn_session_t* ended) {
    std::vector<link_state*> gone;
    for (auto& [handle, link] : links_)
        if (!link->over && pn_link_session(link->link) == ended) gone.push_back(link.get());
    for (auto* link : gone) end_link(*link);
    if (ended == own_session_) own_session_ = nullptr;
    const auto why = to_condition(pn_session_remote_condition(ended));
    pn_session_close(ended);
    pn_session_free(ended);
    deliver_reports();
    if (closing_) return;
    for (auto* link : gone) handler_->link_detached(link->handle, why);
}

void engine_session::on_delivery(pn_delivery_t* delivery) {
    auto* const engine_link = pn_delivery_link(delivery);
    auto* const link = static_cast<link_state*>(pn_link_get_context(engine_link));
    if (pn_link_is_receiver(engine_link)) {
        if (link && !closing_) receive(*link);
        if (closing_ || !pn_link_get_context(engine_link)) discard(engine_link);
    } else if (auto* const m = static_cast<outgoing_message*>(pn_delivery_get_context(delivery)); link && m) {
        on_outcome(*m);
    }
}

/// Reports may cause new ones.
void engine_session::deliver_reports() {
    for (std::size_t i = 0; i < reports_.size(); ++i) {
        const auto r = std::move(reports_[i]);
        if (r.end)
            handler_->settled(r.message, *r.end);
        else
            handler_->message_lost(r.message);
    }
    reports_.clear();
}

void engine_session::sweep() {
    for (const auto handle : over_incoming_) incoming_.erase(handle);
    for (const auto handle : over_outgoing_) outgoing_.erase(handle);
    for (const auto handle : over_links_) links_.erase(handle);
    over_incoming_.clear();
    over_outgoing_.clear();
    over_links_.clear();
}

void engine_session::close_when_idle() {
    if (!draining_ || closing_) return;
    for (const auto& [handle, m] : incoming_)
        if (!m->over) return;
    for (const auto& [handle, m] : outgoing_)
        if (!m->over) return;
    // Clients take a close without a reason for the end of all they wanted; after this one they come back.
    close(condition{std::string(connection_forced), "this end is about to stop"});
}

} // namespace truc::amqp
