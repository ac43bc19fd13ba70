#include "judge.hpp"

#include "business.hpp"
#include "essence.hpp"

#include <truc/intake/succession.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/pack/edxml_record.hpp>

#include <algorithm>
#include <array>

namespace truc::intake {

namespace {

result<void> judge_secrecy(const pack::message& m) {
    if (const auto mark = pack::secrecy_mark(m.subject); !mark.empty())
        return fail(errc::secret_document, std::string(mark));
    return {};
}

signature_policy policy_for(const pack::message& m, const directory::agency& sender, entrance door) {
    const auto& rules = rules_of(door);
    if (m.kind == dispatch_kind::edoc) return sender.documents.value_or(rules.documents);
    return sender.statuses.value_or(rules.statuses);
}

} // namespace

result<store::new_dispatch> judge::judge_message(const pack::message& m, const dsig::verified_view& view,
                                                 const wishes& asked) const {
    auto sender = judge_sender(m, view);
    if (!sender) return fail(sender.error());
    if (auto r = judge_signature(m, **sender, view); !r) return fail(r.error());
    if (auto r = judge_secrecy(m); !r) return fail(r.error());

    store::new_dispatch d;
    d.kind = m.kind;
    d.sender = (*sender)->code.str();
    for (const auto& alias : (*sender)->aliases) d.sender_aliases.push_back(alias.str());
    d.document_id = m.document_id;
    if (m.kind == dispatch_kind::edoc) d.code = m.code_number + "/" + m.code_notation;
    d.promulgated = m.promulgation_date;
    d.subject = m.subject;
    d.status_code = m.status_code;
    d.business = m.business;
    d.priority = m.priority;
    d.signature = view.outcome();
    d.signer = view.signer();
    d.signed_on_behalf = asked.signed_on_behalf && channel_.entrance == entrance::adapter && d.signer;
    d.client = channel_.client->id;
    d.by_gateway = channel_.client->gateway;
    d.entrance = channel_.entrance;
    d.submission = asked.submission;
    if (auto r = judge_recipients(m, asked, d); !r) return fail(r.error());
    d.action = action_of(m, d.recipients, [this](const agency_code& named, const std::string& recipient) {
        return stands_for(directory_, named.str(), recipient, at_);
    });
    if (m.kind == dispatch_kind::status) d.about = subject_of(m, **sender, d.recipients.front());
    auto essence = essence_of(m, d.sender, view);
    if (!essence) return fail(essence.error());
    d.essence = *essence;
    return d;
}

/// Whether a code of then means one of these agencies, or one in whose place it stands today.
std::function<bool(const std::string&)> judge::meaning(std::vector<agency_code> codes) const {
    return [directory = channel_.directory, codes = std::move(codes), at = at_](const std::string& written) {
        const auto* named = directory->find_agency(written);
        const auto stands_in = directory->resolve_recipient(written, at);
        return std::any_of(codes.begin(), codes.end(), [&](const agency_code& code) {
            return (named && named->code == code) || (stands_in && (*stands_in)->code == code);
        });
    };
}

/// By status 13 the sender asks a recipient to give the document back; every other one goes from a recipient to the
/// sender. The document lies in the store under the codes that both had then. `addressee` stands in the place of who is
/// named in the status, and may have got the document in that place.
store::subject_document judge::subject_of(const pack::message& m, const directory::agency& reporter,
                                          const std::string& addressee) const {
    const auto reports = meaning({reporter.code});
    const auto hears =
        meaning({directory_.find_agency(m.to.front().id.str())->code, directory_.find_agency(addressee)->code});
    if (m.status_code == "13") return {m.document_id, reports, hears, true};
    return {m.document_id, hears, reports, false};
}

/// What an agency of the tree sent by way of another exchange comes in by the gateway to it: its own signature is what
/// tells that it is the agency's.
bool judge::is_vouched_for(const directory::agency& sender, const dsig::verified_view& view) const {
    return channel_.client->gateway && view.outcome() == signature_outcome::valid &&
           directory_.find_signer(*view.signer()) == &sender;
}

result<const directory::agency*> judge::judge_sender(const pack::message& m, const dsig::verified_view& view) const {
    const auto* agency = directory_.find_agency(m.from->id.str());
    if (!agency) return fail(errc::sender_unknown, m.from->written_id);
    const bool acts_for = channel_.acts_for(agency->code);
    if (!acts_for && !is_vouched_for(*agency, view)) return fail(errc::sender_not_yours, m.from->written_id);
    if (!directory_.is_valid(*agency, at_)) return fail(errc::sender_closed, m.from->written_id);
    if (acts_for && agency->node != node_) {
        const auto* home = directory_.find_node(agency->node);
        return fail(errc::wrong_node,
                    home && !home->http.empty() ? agency->node + " (" + home->http + ")" : agency->node);
    }
    return agency;
}

result<void> judge::judge_signature(const pack::message& m, const directory::agency& sender,
                                    const dsig::verified_view& view) const {
    if (policy_for(m, sender, channel_.entrance) == signature_policy::required) {
        if (view.outcome() == signature_outcome::absent) return fail(errc::signature_missing);
        if (view.outcome() == signature_outcome::not_verifiable)
            return fail(errc::signature_invalid, view.why_not_verifiable());
    }
    if (view.outcome() != signature_outcome::valid) return {};
    // A certificate is bound to its agency by the directory, never by the text of its subject.
    const auto* owner = directory_.find_signer(*view.signer());
    if (!owner) return fail(errc::certificate_unknown, view.signer()->hex());
    if (owner != &sender) return fail(errc::certificate_of_other_agency, owner->code.str() + " ≠ " + sender.code.str());
    return {};
}

result<const directory::agency*> judge::judge_recipient(const pack::organization& to) const {
    auto agency = directory_.resolve_recipient(to.id.str(), at_);
    if (!agency) return fail(agency.error().code, to.written_id);
    return agency;
}

/// Those of the document's recipients that this submission is for.
std::vector<const pack::organization*> judge::choose(const pack::message& m, const wishes& asked,
                                                     std::vector<error>& bad) const {
    std::vector<const pack::organization*> chosen;
    std::vector<const directory::agency*> named;
    for (const auto& to : m.to) {
        if (asked.only_to.empty()) chosen.push_back(&to);
        named.push_back(directory_.find_agency(to.id.str()));
    }
    for (const auto& written : asked.only_to) {
        const auto* agency = directory_.find_agency(written);
        const auto found = agency ? std::find(named.begin(), named.end(), agency) : named.end();
        if (found == named.end())
            bad.emplace_back(errc::recipient_unknown, written);
        else
            chosen.push_back(&m.to[static_cast<std::size_t>(found - named.begin())]);
    }
    return chosen;
}

result<void> judge::judge_recipients(const pack::message& m, const wishes& asked, store::new_dispatch& d) const {
    std::vector<error> bad, beyond;
    bool redirected = false;
    for (const auto* to : choose(m, asked, bad)) {
        if (channel_.is_served_beyond(directory_.find_agency(to->id.str()))) {
            beyond.emplace_back(errc::recipient_unknown, to->written_id);
            continue;
        }
        const auto agency = judge_recipient(*to);
        if (!agency) {
            // Whom an update removes gets nothing, and may be closed by now.
            const bool removed = std::ranges::find(m.removed, to->id) != m.removed.end();
            (removed ? beyond : bad).push_back(agency.error());
            continue;
        }
        const auto& code = (*agency)->code.str();
        redirected |= directory_.find_agency(to->id.str()) != *agency;
        if (std::find(d.recipients.begin(), d.recipients.end(), code) != d.recipients.end()) continue;
        d.recipients.push_back(code);
        if ((*agency)->node != node_) d.elsewhere.push_back(code);
    }
    if (redirected) d.warnings.emplace_back("redirected_to_successor");
    if (bad.empty() && d.recipients.empty()) bad = std::move(beyond);
    if (bad.empty()) return {};
    std::string named;
    for (const auto& e : bad) named += (named.empty() ? "" : ", ") + e.what;
    error all(bad.front().code, std::move(named));
    all.causes = std::move(bad);
    return fail(std::move(all));
}

} // namespace truc::intake
