#pragma once
#include <truc/pack/message.hpp>
#include <truc/store/records.hpp>

#include <functional>

namespace truc::intake {

/// Whether an agency that the document names is that recipient, or leads to it by succession.
using leads_to = std::function<bool(const agency_code& named, const std::string& recipient)>;

/// What a recall, update or replacement does for these recipients, the ones it is delivered to here: a recall takes the
/// document from each, an update from those that it removes, a replacement what it replaces from those it names (or
/// from each). To others it does nothing, because nothing of it gets to them. Nothing at all of a new document.
store::business_action action_of(const pack::message& m, const std::vector<std::string>& recipients,
                                 const leads_to& leads);

} // namespace truc::intake
