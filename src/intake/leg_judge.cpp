#include "leg_judge.hpp"

#include "business.hpp"

#include <truc/model/delivery_id.hpp>

#include <algorithm>

namespace truc::intake {

errc leg_judge::or_behind(errc code) const {
    const bool behind = std::any_of(envelope_.sections.begin(), envelope_.sections.end(), [&](const auto& section) {
        return s_.section_version(section.first) < section.second;
    });
    return behind ? errc::directory_behind : code;
}

/// What an agency of the tree sent by way of another exchange is accepted at the node of a gateway to it, for the sake
/// of its signature: the recipient's home checks whether that is there.
bool leg_judge::came_by_gateway(const ledger::event& acceptance) const {
    if (acceptance.signature != signature_outcome::valid) return false;
    const auto& clients = s_.directory->clients();
    return std::any_of(clients.begin(), clients.end(), [&](const directory::client& c) {
        return c.gateway && !c.disabled && s_.directory->home_of(c) == acceptance.log.node;
    });
}

bool leg_judge::is_by_gateway(const ledger::event& acceptance) const {
    const std::string_view channel = acceptance.channel; // <entrance>:<client>
    const auto* client = s_.directory->find_client(channel.substr(channel.find(':') + 1));
    return client && client->gateway && s_.directory->home_of(*client) == acceptance.log.node;
}

result<const directory::agency*> leg_judge::judge_origin(const pack::message& m,
                                                         const ledger::event& acceptance) const {
    const auto* sender = s_.directory->find_agency(m.from->id.str());
    const auto& origin = acceptance.log.node;
    if (!sender) return fail(or_behind(errc::origin_not_home), m.from->written_id + " is not known here");
    if (sender->node != origin && !s_.intake.was_home(sender->code, origin) && !came_by_gateway(acceptance))
        return fail(or_behind(errc::origin_not_home),
                    fmt::format("{} accepted for {}, whose home is {}", origin, sender->code.str(), sender->node));
    return sender;
}

/// From the agency that the document names to the recipient: itself in any form of its code, or who has stood in its
/// place since it was closed. Empty when the one does not lead to the other.
std::vector<std::string> leg_judge::codes_between(const std::string& named, const std::string& recipient) const {
    if (named == recipient) return {recipient};
    const auto* wanted = s_.directory->find_agency(recipient);
    const auto* one = s_.directory->find_agency(named);
    std::vector<std::string> codes;
    while (wanted && one && std::find(codes.begin(), codes.end(), one->code.str()) == codes.end()) {
        codes.push_back(one->code.str());
        if (one == wanted) return codes;
        const bool closed = one->valid_to && *one->valid_to <= s_.at;
        if (!closed || one->successors.size() != 1) return {};
        one = s_.directory->find_agency(one->successors.front().str());
    }
    return {};
}

/// A delivery keeps the id that it got from the recipient its origin knew, also when a successor takes it. One that was
/// sent again has the id that its origin's Resend gives to it.
bool leg_judge::is_delivery_for(const uuid& delivery, const std::vector<std::string>& codes,
                                const ledger::event& acceptance) const {
    return std::any_of(codes.begin(), codes.end(), [&](const std::string& code) {
        if (acceptance.name == event_name::resend)
            return delivery == acceptance.delivery_id && code == acceptance.to.front();
        return delivery == delivery_id_of(envelope_.dispatch_id, code);
    });
}

/// Of a recipient that nothing here names: the origin may know an update that is on its way.
errc leg_judge::unnamed(const pack::message& m, const std::string& recipient, const ledger::event& acceptance) const {
    const auto code = or_behind(errc::recipient_not_named);
    const bool vouched_for = std::ranges::find(acceptance.to, recipient) != acceptance.to.end();
    return code == errc::recipient_not_named && m.kind == dispatch_kind::edoc && vouched_for ? errc::update_awaited
                                                                                             : code;
}

result<void> leg_judge::judge_recipients(const pack::message& m, const std::vector<std::string>& added,
                                         const ledger::event& acceptance) const {
    auto named = added;
    for (const auto& to : m.to) named.push_back(to.id.str());
    for (const auto& d : envelope_.deliveries) {
        std::vector<std::string> codes;
        for (const auto& one : named)
            for (auto& code : codes_between(one, d.recipient)) codes.push_back(std::move(code));
        if (codes.empty()) return fail(unnamed(m, d.recipient, acceptance), d.recipient);
        codes.push_back(d.recipient);
        if (!is_delivery_for(d.id, codes, acceptance))
            return fail(or_behind(errc::envelope_invalid), d.id.str() + " is no delivery for " + d.recipient);
    }
    return {};
}

store::business_action leg_judge::action_of(const pack::message& m) const {
    std::vector<std::string> recipients;
    for (const auto& d : envelope_.deliveries) recipients.push_back(d.recipient);
    return intake::action_of(m, recipients, [this](const agency_code& named, const std::string& recipient) {
        return !codes_between(named.str(), recipient).empty();
    });
}

/// Who answers for the recipient, if that is an agency of this node.
const directory::agency* leg_judge::home_agency(const std::string& recipient) const {
    const auto agency = s_.directory->resolve_recipient(recipient, s_.at);
    return agency && (*agency)->node == s_.node ? *agency : nullptr;
}

bool leg_judge::has_recipient_here() const {
    return std::any_of(envelope_.deliveries.begin(), envelope_.deliveries.end(),
                       [&](const envelope::delivery& d) { return home_agency(d.recipient) != nullptr; });
}

/// Whether what that node gives away reaches this one by the neighbour. Over direct links the way there may be another
/// than the way back; either will do.
bool leg_judge::comes_from(const std::string& node) const {
    const auto& neighbour = envelope_.hops.back();
    if (s_.directory->is_behind(s_.node, neighbour, node)) return true;
    auto at = node;
    for (std::size_t steps = s_.directory->nodes().size(); steps > 0 && at != s_.node; --steps) {
        auto next = s_.directory->next_hop(at, s_.node);
        if (!next) return false;
        if (*next == s_.node) return at == neighbour;
        at = std::move(*next);
    }
    return false;
}

/// An agency that moves while a delivery is on its way makes it turn round somewhere before its old home. Who stands on
/// the way to a home would be given it anyway.
bool leg_judge::comes_from_home(const std::string& recipient) const {
    const auto* named = s_.directory->find_agency(recipient);
    const auto answers = s_.directory->resolve_recipient(recipient, s_.at);
    for (const auto* agency : {named, answers ? *answers : nullptr}) {
        if (!agency) continue;
        if (comes_from(agency->node)) return true;
        const auto former = s_.intake.former_homes(agency->code);
        if (std::any_of(former.begin(), former.end(), [this](const auto& home) { return comes_from(home); }))
            return true;
    }
    return false;
}

std::vector<store::incoming_delivery> leg_judge::decide(store::fate at_home) const {
    std::vector<store::incoming_delivery> decided;
    const bool from_origin = comes_from(envelope_.hops.front());
    for (const auto& d : envelope_.deliveries) {
        auto& one = decided.emplace_back();
        one.id = d.id;
        one.recipient = d.recipient;
        one.deadline = d.deadline;
        one.on_its_way = from_origin || comes_from_home(d.recipient);
        const auto answers = s_.directory->resolve_recipient(d.recipient, s_.at);
        const auto* here = home_agency(d.recipient);
        if (!answers && answers.error().code == errc::recipient_closed) {
            one.fate = store::fate::undeliverable;
            one.reason = errc::recipient_closed;
        } else if (here) {
            one.fate = at_home;
            if (at_home == store::fate::undeliverable) one.reason = errc::signature_differs;
            // An inbox is read by an agency's own codes.
            if (s_.directory->find_agency(d.recipient) != here) one.successor = here->code.str();
        }
    }
    return decided;
}

} // namespace truc::intake
