#include "session_impl.hpp"

#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/session.h>

#include <algorithm>
#include <array>

namespace truc::amqp {

namespace {

/// Where bodies pass through on their way to the handler. One for each thread of the loop: a handler is called while
/// it is in use, but never waits.
std::span<char> passage() {
    thread_local std::array<char, 64 * 1024> space;
    return space;
}

/// Tells the peer; settling is another step.
void update(pn_delivery_t* delivery, const verdict& v) {
    auto* const said = pn_delivery_local(delivery);
    if (v.why) set_condition(pn_disposition_condition(said), *v.why);
    if (v.change) {
        pn_disposition_set_failed(said, v.change->failed);
        pn_disposition_set_undeliverable(said, v.change->not_here);
        set_properties(pn_disposition_annotations(said), v.change->annotations);
    }
    pn_delivery_update(delivery, v.state);
}

} // namespace

/// Takes all that has come on a link. The handler may end the link, or the connection, meanwhile.
void engine_session::receive(link_state& link) {
    while (!link.over && !closing_) {
        auto* const delivery = pn_link_current(link.link);
        if (!delivery) return;
        auto* m = static_cast<incoming_message*>(pn_delivery_get_context(delivery));
        if (!m) m = begin(link, delivery);
        if (!m) return;
        if (pn_delivery_aborted(delivery)) {
            lose(*m);
            pn_delivery_settle(delivery); // also moves on to the next
            --link.held;
            top_up(link);
            deliver_reports();
            continue;
        }
        take(*m);
        if (link.over || closing_ || pn_delivery_partial(delivery)) return;
        pn_link_advance(link.link);
        complete(*m);
    }
}

/// What still comes on a link that is over. The peer may not have heard of it yet.
void engine_session::discard(pn_link_t* link) {
    const auto waste = passage();
    while (auto* const delivery = pn_link_current(link)) {
        while (pn_link_recv(link, waste.data(), waste.size()) > 0) {
        }
        if (pn_delivery_partial(delivery) && !pn_delivery_aborted(delivery)) return;
        pn_delivery_settle(delivery);
    }
}

/// Null when the link had to be ended.
incoming_message* engine_session::begin(link_state& link, pn_delivery_t* delivery) {
    if (link.granted == 0) {
        break_link(link, condition{"amqp:link:transfer-limit-exceeded", "more messages than granted"});
        return nullptr;
    }
    if (pn_delivery_settled(delivery) && !pn_delivery_aborted(delivery)) {
        break_link(link, condition{std::string(not_allowed), "messages must wait for their outcome"});
        return nullptr;
    }
    --link.granted;
    ++link.held;
    const auto handle = static_cast<message_handle>(++last_handle_);
    auto& m = incoming_[handle] =
        std::make_unique<incoming_message>(handle, link, delivery, options_.limits.head_bytes);
    pn_delivery_set_context(delivery, m.get());
    if (draining_) m->early = verdict{PN_RELEASED, {}, {}};
    return m.get();
}

void engine_session::take(incoming_message& m) {
    most_held_.incoming = std::max(most_held_.incoming, pn_delivery_pending(m.delivery));
    const auto space = passage();
    auto* const link = m.link.link;
    for (;;) {
        const auto count = pn_link_recv(link, space.data(), space.size());
        if (count <= 0) return;
        decode(m, std::string_view(space.data(), static_cast<std::size_t>(count)));
        if (m.link.over || closing_) return;
    }
}

void engine_session::decode(incoming_message& m, std::string_view bytes) {
    while (!m.early && !m.over && !closing_) {
        switch (m.decoder.next(bytes)) {
        case message_decoder::step::more:
            return;
        case message_decoder::step::head:
            m.begun = true;
            handler_->message_begun(m.link.handle, m.handle, m.decoder.head());
            break;
        case message_decoder::step::data:
            handler_->message_data(m.handle, m.decoder.section(), m.decoder.piece());
            break;
        case message_decoder::step::failed:
            settle_early(m, verdict{PN_REJECTED, m.decoder.fault(), {}});
            if (m.begun) handler_->message_lost(m.handle);
            return;
        }
    }
}

/// All of it has come, and the engine has moved on.
void engine_session::complete(incoming_message& m) {
    if (!m.early && !m.decoder.complete()) {
        m.early = verdict{PN_REJECTED, condition{std::string(decode_error), "the message ends too early"}, {}};
        if (m.begun) handler_->message_lost(m.handle);
    }
    if (m.over || closing_) return;
    if (m.early) return conclude(m, *m.early);
    m.complete = true;
    handler_->message_complete(m.handle);
}

/// It will not be completed.
void engine_session::lose(incoming_message& m) {
    if (m.over) return;
    m.over = true;
    over_incoming_.push_back(m.handle);
    if (m.begun && !m.complete && !m.early) reports_.push_back(report{m.handle, std::nullopt});
}

void engine_session::accept(message_handle message) { settle(message, verdict{PN_ACCEPTED, {}, {}}); }

void engine_session::release(message_handle message) { settle(message, verdict{PN_RELEASED, {}, {}}); }

void engine_session::reject(message_handle message, condition why) {
    settle(message, verdict{PN_REJECTED, std::move(why), {}});
}

void engine_session::modify(message_handle message, modification how) {
    settle(message, verdict{PN_MODIFIED, {}, std::move(how)});
}

void engine_session::settle(message_handle message, verdict v) {
    const auto at = incoming_.find(message);
    if (closing_ || at == incoming_.end() || at->second->over || at->second->early) return;
    auto& m = *at->second;
    if (m.complete)
        conclude(m, v);
    else
        settle_early(m, std::move(v));
    wake();
}

/// A sender that listens stops sending when it is refused. Settling has to wait: without it the engine could no longer
/// tell the rest of this message from the next one.
void engine_session::settle_early(incoming_message& m, verdict v) {
    if (v.state != PN_ACCEPTED) update(m.delivery, v);
    m.early = std::move(v);
}

/// Settles a message that is complete, as far as the peer is concerned.
void engine_session::conclude(incoming_message& m, const verdict& v) {
    update(m.delivery, v);
    pn_delivery_settle(m.delivery);
    m.over = true;
    over_incoming_.push_back(m.handle);
    --m.link.held;
    top_up(m.link);
}

void engine_session::set_window(link_handle handle, std::size_t messages) {
    auto* const link = find(handle);
    if (!link || link->role != link_role::we_receive) return;
    link->window = messages;
    top_up(*link);
    wake();
}

/// Many small grants would cost much of the throughput.
void engine_session::top_up(link_state& link) {
    const auto used = link.granted + link.held;
    if (link.over || draining_ || used >= link.window) return;
    const auto free = link.window - used;
    if (free * 2 < link.window) return;
    pn_link_flow(link.link, static_cast<int>(free));
    link.granted += free;
}

} // namespace truc::amqp
