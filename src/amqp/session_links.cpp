#include "session_impl.hpp"

#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/session.h>
#include <proton/terminus.h>

namespace truc::amqp {

namespace {

const condition not_now{std::string(connection_forced), "the connection is about to end"};

/// Both ends of a link bear the same address: sources and targets here are names of services, not queues to choose.
void set_addresses(pn_link_t* link, const char* source, const char* target) {
    pn_terminus_set_address(pn_link_source(link), source);
    pn_terminus_set_address(pn_link_target(link), target);
    pn_link_set_snd_settle_mode(link, PN_SND_UNSETTLED);
    pn_link_set_rcv_settle_mode(link, PN_RCV_FIRST);
}

/// A peer that refuses a link first answers it without the terminus that it was asked for (part 2, 2.6.3).
bool is_refused(pn_link_t* link) {
    auto* const terminus = pn_link_is_sender(link) ? pn_link_remote_target(link) : pn_link_remote_source(link);
    return pn_terminus_get_type(terminus) == PN_UNSPECIFIED;
}

/// Why nobody need be asked about this link.
std::optional<condition> objection(pn_link_t* link) {
    auto* const target = pn_link_remote_target(link);
    auto* const source = pn_link_remote_source(link);
    if (pn_terminus_get_type(target) == PN_COORDINATOR)
        return condition{std::string(not_implemented), "there are no transactions"};
    if (pn_terminus_is_dynamic(source) || pn_terminus_is_dynamic(target))
        return condition{std::string(not_implemented), "there are no dynamic addresses"};
    if (pn_link_is_receiver(link) && pn_link_remote_snd_settle_mode(link) == PN_SND_SETTLED)
        return condition{std::string(not_allowed), "messages must wait for their outcome"};
    return std::nullopt;
}

} // namespace

pn_session_t* engine_session::own_session() {
    if (!own_session_) {
        own_session_ = pn_session(engine_->connection());
        pn_session_open(own_session_);
    }
    return own_session_;
}

link_state& engine_session::add_link(link_role role, pn_link_t* link) {
    const auto handle = static_cast<link_handle>(++last_handle_);
    auto& made = links_[handle] = std::make_unique<link_state>(handle, role, link);
    pn_link_set_context(link, made.get());
    return *made;
}

link_state* engine_session::find(link_handle link) const {
    const auto at = links_.find(link);
    return closing_ || at == links_.end() || at->second->over ? nullptr : at->second.get();
}

link_handle engine_session::attach_sender(std::string name, std::string target, property_map properties) {
    if (!engine_ || closing_) return link_handle{};
    auto* const link = pn_sender(own_session(), name.c_str());
    set_addresses(link, nullptr, target.c_str());
    set_properties(pn_link_properties(link), properties);
    const auto handle = add_link(link_role::we_send, link).handle;
    pn_link_open(link);
    wake();
    return handle;
}

link_handle engine_session::attach_receiver(std::string name, std::string source, property_map properties) {
    if (!engine_ || closing_) return link_handle{};
    auto* const link = pn_receiver(own_session(), name.c_str());
    set_addresses(link, source.c_str(), nullptr);
    set_properties(pn_link_properties(link), properties);
    const auto handle = add_link(link_role::we_receive, link).handle;
    pn_link_open(link);
    wake();
    return handle;
}

bool engine_session::has_room_for_link() {
    std::size_t count = 0;
    for (auto* link = pn_link_head(engine_->connection(), 0); link; link = pn_link_next(link, 0))
        count += pn_link_session(link) != own_session_;
    return count <= options_.limits.links;
}

void engine_session::on_link_opened(pn_link_t* link) {
    if (closing_) return;
    if (pn_link_state(link) & PN_LOCAL_UNINIT) return on_link_requested(link);
    const auto* const ours = static_cast<link_state*>(pn_link_get_context(link));
    if (ours && !is_refused(link)) handler_->link_attached(ours->handle);
}

void engine_session::on_link_requested(pn_link_t* link) {
    // Refused links count too until the peer lets them go, or a peer could pile them up.
    if (!has_room_for_link()) return close(condition{std::string(resource_limit_exceeded), "links"});
    if (const auto why = objection(link)) return refuse(link, *why);
    if (draining_) return refuse(link, not_now);
    const bool sends = pn_link_is_sender(link);
    auto& state = add_link(sends ? link_role::we_send : link_role::we_receive, link);
    state.requested = true;
    link_request request;
    request.role = state.role;
    request.name = to_text(pn_link_name(link));
    request.address =
        to_text(pn_terminus_get_address(sends ? pn_link_remote_source(link) : pn_link_remote_target(link)));
    request.properties = to_properties(pn_link_remote_properties(link));
    handler_->link_requested(state.handle, request);
}

void engine_session::accept_link(link_handle handle, property_map properties) {
    auto* const state = find(handle);
    if (!state || !std::exchange(state->requested, false)) return;
    auto* const link = state->link;
    set_addresses(link, pn_terminus_get_address(pn_link_remote_source(link)),
                  pn_terminus_get_address(pn_link_remote_target(link)));
    set_properties(pn_link_properties(link), properties);
    pn_link_open(link);
    wake();
}

void engine_session::refuse_link(link_handle handle, condition why) {
    auto* const state = find(handle);
    if (!state || !state->requested) return;
    auto* const link = state->link;
    end_link(*state);
    refuse(link, why);
    wake();
}

/// Part 2, 2.6.3: a link is refused by attaching it without its terminus, and detaching.
void engine_session::refuse(pn_link_t* link, const condition& why) {
    auto* const terminus = pn_link_is_sender(link) ? pn_link_source(link) : pn_link_target(link);
    pn_terminus_set_type(terminus, PN_UNSPECIFIED);
    set_condition(pn_link_condition(link), why);
    pn_link_open(link);
    pn_link_close(link);
}

void engine_session::detach(link_handle handle, std::optional<condition> why) {
    auto* const state = find(handle);
    if (!state) return;
    if (state->requested) return refuse_link(handle, why.value_or(not_now));
    auto* const link = state->link;
    end_link(*state);
    if (why) set_condition(pn_link_condition(link), *why);
    pn_link_close(link);
    wake();
}

/// The link is over for the handler; its messages are reported soon. The engine's link lives on until the peer has
/// let it go.
void engine_session::end_link(link_state& link) {
    for (auto& [handle, m] : incoming_) {
        if (&m->link != &link || m->over) continue;
        lose(*m);
    }
    for (auto& [handle, m] : outgoing_) {
        if (&m->link != &link || m->over) continue;
        abort(*m);
        conclude(*m, m->begun() ? outcome::lost : outcome::released);
    }
    pn_link_set_context(link.link, nullptr);
    link.over = true;
    over_links_.push_back(link.handle);
}

/// The peer broke the rules of a link.
void engine_session::break_link(link_state& link, condition why) {
    end_link(link);
    set_condition(pn_link_condition(link.link), why);
    pn_link_close(link.link);
    deliver_reports();
    if (!closing_) handler_->link_detached(link.handle, why);
}

void engine_session::on_link_closed(pn_link_t* link, bool detached) {
    auto* const state = static_cast<link_state*>(pn_link_get_context(link));
    if (state) end_link(*state);
    const auto why = to_condition(pn_link_remote_condition(link));
    if (detached)
        pn_link_detach(link);
    else
        pn_link_close(link);
    pn_link_free(link);
    if (!state) return;
    deliver_reports();
    if (!closing_) handler_->link_detached(state->handle, why);
}

} // namespace truc::amqp
