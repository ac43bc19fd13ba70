#include "leg_judge.hpp"

#include <truc/model/delivery_id.hpp>

#include <algorithm>
#include <set>

namespace truc::intake {

errc leg_judge::or_behind(errc code) const {
    const bool behind = std::any_of(envelope_.sections.begin(), envelope_.sections.end(), [&](const auto& section) {
        return s_.section_version(section.first) < section.second;
    });
    return behind ? errc::directory_behind : code;
}

result<const directory::agency*> leg_judge::judge_origin(const pack::message& m,
                                                         const ledger::event& acceptance) const {
    const auto* sender = s_.directory->find_agency(m.from->id.str());
    const auto& origin = acceptance.log.node;
    if (!sender) return fail(or_behind(errc::origin_not_home), m.from->written_id + " is not known here");
    if (sender->node != origin && !s_.intake.was_home(sender->code, origin))
        return fail(or_behind(errc::origin_not_home),
                    fmt::format("{} accepted for {}, whose home is {}", origin, sender->code.str(), sender->node));
    return sender;
}

/// From the agency that the document names to the recipient: itself in any form of its code, or who has stood in its
/// place since it was closed. Empty when the one does not lead to the other.
std::vector<std::string> leg_judge::codes_between(const pack::organization& named, const std::string& recipient) const {
    if (named.id.str() == recipient) return {recipient};
    const auto* wanted = s_.directory->find_agency(recipient);
    const auto* one = s_.directory->find_agency(named.id.str());
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

/// A delivery keeps the id that it got from the recipient its origin knew, also when a successor takes it.
result<void> leg_judge::judge_recipients(const pack::message& m) const {
    for (const auto& d : envelope_.deliveries) {
        std::vector<std::string> codes;
        for (const auto& to : m.to)
            for (auto& code : codes_between(to, d.recipient)) codes.push_back(std::move(code));
        if (codes.empty()) return fail(or_behind(errc::recipient_not_named), d.recipient);
        codes.push_back(d.recipient);
        const bool fits = std::any_of(codes.begin(), codes.end(), [&](const std::string& code) {
            return d.id == delivery_id_of(envelope_.dispatch_id, code);
        });
        if (!fits) return fail(or_behind(errc::envelope_invalid), d.id.str() + " is no delivery for " + d.recipient);
    }
    return {};
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

std::vector<store::incoming_delivery> leg_judge::decide(store::fate at_home) const {
    std::vector<store::incoming_delivery> decided;
    std::set<std::string> taken;
    for (const auto& d : envelope_.deliveries) taken.insert(d.recipient);
    for (const auto& d : envelope_.deliveries) {
        auto& one = decided.emplace_back(store::incoming_delivery{d.id, d.recipient, d.deadline, {}, {}});
        const auto answers = s_.directory->resolve_recipient(d.recipient, s_.at);
        const auto* here = home_agency(d.recipient);
        if (!answers && answers.error().code == errc::recipient_closed) {
            one.fate = store::fate::undeliverable;
            one.reason = errc::recipient_closed;
        } else if (here) {
            one.fate = at_home;
            if (at_home == store::fate::undeliverable) one.reason = errc::signature_differs;
            // An inbox is read by an agency's own codes, so a delivery that is redirected here takes its new name.
            // Where that agency is a recipient of this leg itself, it gets the document already.
            if (s_.directory->find_agency(d.recipient) == here) continue;
            if (taken.insert(here->code.str()).second) {
                one.recipient = here->code.str();
            } else {
                one.fate = store::fate::undeliverable;
                one.reason = errc::recipient_closed;
            }
        }
    }
    return decided;
}

} // namespace truc::intake
