#include "evidence_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace truc::intake {

namespace {

/// Of the inbox at home speaks only the recipient's home node.
bool is_of_inbox(event_name name) {
    return name == event_name::content_consignment || name == event_name::content_consignment_failure ||
           name == event_name::content_handover || name == event_name::content_handover_failure ||
           name == event_name::recall || name == event_name::recall_too_late;
}

/// What no node states about a delivery that it was given.
bool is_of_origin(event_name name) {
    return name == event_name::submission_acceptance || name == event_name::submission_rejection ||
           name == event_name::log_opened;
}

bool is_end(event_name name) {
    return name == event_name::content_handover || name == event_name::content_handover_failure ||
           name == event_name::content_consignment_failure || name == event_name::relay_failure ||
           name == event_name::recall || name == event_name::expiry;
}

} // namespace

evidence_judge::judgement evidence_judge::judge(const ledger::event& e) const {
    if (e.log.node == self_) return {verdict::pass_over, "this node stated it itself"};
    if (is_of_origin(e.name) || !e.delivery_id) {
        if (e.name == event_name::other)
            return {verdict::pass_over, "a newer node may state what is about no delivery"};
        return {verdict::lie, fmt::format("{} is about no delivery of this node", e.name_text())};
    }
    const auto known = store_.find_passed(*e.delivery_id);
    if (!known) return {verdict::unknown, fmt::format("the delivery {} was never here", e.delivery_id->str())};
    return judge_delivery(e, *known);
}

evidence_judge::judgement evidence_judge::judge_delivery(const ledger::event& e,
                                                         const store::passed_delivery& known) const {
    if (e.dispatch_id != known.dispatch_id) return {verdict::lie, "its DispatchId is not the delivery's"};
    if (e.sha256 != known.sha256) return {verdict::lie, "its Sha256 is not that of the document"};
    if (e.to.size() != 1) return {verdict::lie, "its To is not the delivery's recipient"};
    const auto* recipient = directory_->find_agency(known.recipient);
    if (!recipient) return {verdict::wait, fmt::format("{} is not known here", known.recipient)};
    const auto resolved = directory_->resolve_recipient(known.recipient, e.time);
    const auto& answers = resolved ? **resolved : *recipient;
    if (!names(e.to.front(), *recipient, answers))
        return {verdict::wait,
                fmt::format("its To, {}, does not stand in the place of {} here", e.to.front(), known.recipient)};
    if (auto j = judge_passing(known); j.is != verdict::take) return j;
    return judge_speaker(e, *recipient, answers);
}

/// The recipient, or who stands in its place since it was closed.
bool evidence_judge::names(const std::string& to, const directory::agency& recipient,
                           const directory::agency& answers) const {
    const auto* named = directory_->find_agency(to);
    return to == recipient.code.str() || (named && (named == &recipient || named == &answers));
}

/// Whether the neighbour was given the delivery. Where its answer was lost, the delivery still counts as queued here;
/// where another has it by now, custody came back, and the hops tell that it went to this one then.
///
/// A delivery's id is no secret among those that got a leg of the same dispatch: of one that is queued here, a
/// neighbour is believed only if it was the one to be asked first, or had it before.
evidence_judge::judgement evidence_judge::judge_passing(const store::passed_delivery& known) const {
    if (known.passed_to == neighbour_) return {};
    const bool waits_here = known.passed_to.empty() && known.state != delivery_state::consigned;
    if (waits_here && known.offered_to == neighbour_) return {};
    const std::array<std::string_view, 2> passing = {self_, neighbour_};
    if (std::search(known.hops.begin(), known.hops.end(), passing.begin(), passing.end()) != known.hops.end())
        return {};
    if (known.state == delivery_state::queued) return {verdict::wait, "it was not the one to be asked first"};
    return {verdict::lie, "the delivery was not passed to it"};
}

/// Which way the delivery went from the neighbour on is not asked: an agency that moved meanwhile may have sent it to
/// nodes that do not lie behind the neighbour, and their evidence comes back the way the delivery went. That a node is
/// new costs nothing where nothing ends.
evidence_judge::judgement evidence_judge::judge_speaker(const ledger::event& e, const directory::agency& recipient,
                                                        const directory::agency& answers) const {
    const auto& node = e.log.node;
    if (!directory_->find_node(node)) {
        if (!is_end(e.name)) return {};
        return {verdict::wait, fmt::format("the node {} is not known here", node)};
    }
    if (!is_of_inbox(e.name) || node == answers.node || node == recipient.node ||
        intake_.was_home(answers.code, node) || intake_.was_home(recipient.code, node))
        return {};
    // Whoever states it may know of a move that this node has not heard of yet.
    return {verdict::suspect, fmt::format("{} is not the home of {}", node, answers.code.str())};
}

} // namespace truc::intake
