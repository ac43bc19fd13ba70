#include "business.hpp"

#include <truc/intake/succession.hpp>

#include <algorithm>
#include <set>

namespace truc::intake {

namespace {

bool any_leads(const std::vector<agency_code>& named, const std::string& recipient, const leads_to& leads) {
    return std::ranges::any_of(named, [&](const agency_code& code) { return leads(code, recipient); });
}

bool is_replaced_for(const pack::replaced_document& replaced, const std::string& recipient, const leads_to& leads) {
    return replaced.organs.empty() || any_leads(replaced.organs, recipient, leads);
}

/// The documents that it takes from this recipient.
std::vector<std::string> taken_from(const std::string& recipient, const pack::message& m, const leads_to& leads) {
    switch (m.business) {
    case business_type::new_document:
        return {};
    case business_type::recall:
        return m.acts_on;
    case business_type::update:
        return any_leads(m.removed, recipient, leads) ? m.acts_on : std::vector<std::string>();
    case business_type::replace:
        break;
    }
    if (m.replaces.empty()) return m.acts_on;
    std::vector<std::string> ids;
    for (const auto& replaced : m.replaces)
        if (is_replaced_for(replaced, recipient, leads)) ids.push_back(replaced.document_id);
    return ids;
}

} // namespace

store::business_action action_of(const pack::message& m, const std::vector<std::string>& recipients,
                                 const leads_to& leads) {
    store::business_action a;
    if (m.kind != dispatch_kind::edoc || m.business == business_type::new_document) return a;
    a.acts_on = m.acts_on;
    for (const auto& recipient : recipients) {
        for (auto& id : taken_from(recipient, m, leads)) a.withdraws.push_back({std::move(id), recipient});
        if (any_leads(m.added, recipient, leads)) a.adds.push_back(recipient);
    }
    return a;
}

bool stands_for(const directory::directory& d, const std::string& earlier, const std::string& today, timestamp at) {
    if (earlier == today) return true;
    const auto* wanted = d.find_agency(today);
    std::set<const directory::agency*> seen; // successions may run in a circle
    for (const auto* a = d.find_agency(earlier); wanted && a && seen.insert(a).second;) {
        if (a == wanted) return true;
        if (!a->valid_to || *a->valid_to > at || a->successors.size() != 1) return false;
        a = d.find_agency(a->successors.front().str());
    }
    return false;
}

} // namespace truc::intake
