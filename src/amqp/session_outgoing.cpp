#include "session_impl.hpp"

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/session.h>

#include <algorithm>

namespace truc::amqp {

namespace {

constexpr std::size_t piece_size = 64 * 1024;
constexpr std::size_t most_in_engine = 256 * 1024; ///< of a session: the engine moves what it holds at each frame

/// How the peer ended a message, or none while it has not.
std::optional<outcome> to_outcome(pn_delivery_t* delivery) {
    switch (pn_delivery_remote_state(delivery)) {
    case PN_ACCEPTED:
        return outcome::accepted;
    case PN_REJECTED:
        return outcome::rejected;
    case PN_RELEASED:
        return outcome::released;
    case PN_MODIFIED:
        return outcome::modified;
    default:
        if (pn_delivery_settled(delivery)) return outcome::released;
        return std::nullopt;
    }
}

settlement read_settlement(pn_delivery_t* delivery, outcome result) {
    settlement how;
    how.result = result;
    auto* const said = pn_delivery_remote(delivery);
    if (result == outcome::rejected) how.why = to_condition(pn_disposition_condition(said));
    if (result == outcome::modified) {
        how.failed = pn_disposition_is_failed(said);
        how.not_here = pn_disposition_is_undeliverable(said);
        how.annotations = to_properties(pn_disposition_annotations(said));
    }
    return how;
}

} // namespace

std::size_t engine_session::credit(link_handle handle) const {
    const auto* const link = find(handle);
    if (!link || link->role != link_role::we_send) return 0;
    const auto given = static_cast<std::size_t>(std::max(pn_link_credit(link->link), 0));
    const auto taken = link->waiting.size() + (link->current ? 1 : 0);
    return given > taken ? given - taken : 0;
}

std::optional<message_handle> engine_session::send(link_handle handle, message m) {
    auto* const link = find(handle);
    if (!link || link->role != link_role::we_send || draining_) return std::nullopt;
    const auto number = static_cast<message_handle>(++last_handle_);
    auto& made = outgoing_[number] = std::make_unique<outgoing_message>(number, *link, std::move(m));
    link->waiting.push_back(made.get());
    wake();
    return number;
}

bool engine_session::withdraw(message_handle message) {
    const auto at = outgoing_.find(message);
    if (closing_ || at == outgoing_.end() || at->second->over || at->second->written()) return false;
    abort(*at->second);
    conclude(*at->second, outcome::released);
    wake();
    return true;
}

/// Gives the engine as much as it should hold, the links taking turns.
void engine_session::feed() {
    if (closing_) return;
    for (bool any = true; any;) {
        any = false;
        for (auto& [handle, link] : links_)
            if (!link->over && link->role == link_role::we_send) any |= feed(*link);
    }
}

/// One piece. False: nothing to send, or no room.
bool engine_session::feed(link_state& link) {
    // What has become frames the engine counts no longer, though it keeps them all the same.
    if (!written_out_) return false;
    const auto held = pn_session_outgoing_bytes(pn_link_session(link.link));
    most_held_.outgoing = std::max(most_held_.outgoing, held);
    if (held >= most_in_engine) return false;
    if (!link.current) begin_writing(link);
    if (!link.current) return false;
    auto& m = *link.current;
    const auto piece = m.peek(piece_size);
    const auto taken = pn_link_send(link.link, piece.data(), piece.size());
    if (taken < 0) throw std::runtime_error("the engine takes no bytes");
    m.advance(static_cast<std::size_t>(taken));
    if (!m.written()) return true;
    link.current = nullptr;
    pn_link_advance(link.link);
    --link.known_credit;
    answer_drain(link);
    return true;
}

void engine_session::begin_writing(link_state& link) {
    if (link.waiting.empty() || pn_link_credit(link.link) <= 0) return;
    auto& m = *link.waiting.front();
    link.waiting.pop_front();
    const auto tag = ++last_tag_;
    m.begin(pn_delivery(link.link, pn_dtag(reinterpret_cast<const char*>(&tag), sizeof tag)));
    pn_delivery_set_context(m.delivery, &m);
    link.current = &m;
}

/// Takes a message from the engine that is not wholly written.
void engine_session::abort(outgoing_message& m) {
    if (m.delivery && !m.written()) {
        pn_delivery_set_context(m.delivery, nullptr);
        pn_delivery_abort(m.delivery);
        m.delivery = nullptr;
        m.link.known_credit = pn_link_credit(m.link.link);
    }
}

void engine_session::on_outcome(outgoing_message& m) {
    const auto result = to_outcome(m.delivery);
    if (!result) return pn_delivery_clear(m.delivery);
    auto how = read_settlement(m.delivery, *result);
    if (m.written())
        pn_delivery_settle(m.delivery);
    else
        abort(m); // the rest of it would be thrown away
    m.delivery = nullptr;
    conclude(m, std::move(how));
}

void engine_session::conclude(outgoing_message& m, outcome result) {
    settlement how;
    how.result = result;
    conclude(m, std::move(how));
}

/// Of our part: the handler will hear of it.
void engine_session::conclude(outgoing_message& m, settlement how) {
    m.over = true;
    over_outgoing_.push_back(m.handle);
    if (m.link.current == &m) m.link.current = nullptr;
    std::erase(m.link.waiting, &m);
    reports_.push_back(report{m.handle, std::move(how)});
}

void engine_session::on_flow(link_state& link) {
    if (link.role != link_role::we_send || closing_) return;
    const int now = pn_link_credit(link.link);
    if (now != std::exchange(link.known_credit, now)) handler_->credit_changed(link.handle, credit(link.handle));
    if (!link.over) answer_drain(link);
}

/// The peer wants its credit used or given back (part 2, 2.6.7).
void engine_session::answer_drain(link_state& link) {
    if (!pn_link_get_drain(link.link) || link.current || !link.waiting.empty()) return;
    pn_link_drained(link.link);
    link.known_credit = pn_link_credit(link.link);
}

} // namespace truc::amqp
