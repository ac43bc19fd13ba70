#include "evidence_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace truc::intake {

namespace {

tl::unexpected<error> lie(std::string what) { return fail(errc::receipt_invalid, std::move(what)); }

/// Of the inbox at home speaks only the recipient's home node.
bool is_of_inbox(event_name name) {
    return name == event_name::content_consignment || name == event_name::content_consignment_failure ||
           name == event_name::content_handover || name == event_name::content_handover_failure;
}

/// What no node states about a delivery that it was given.
bool is_of_origin(event_name name) {
    return name == event_name::submission_acceptance || name == event_name::submission_rejection ||
           name == event_name::log_opened;
}

} // namespace

result<evidence_judge::verdict> evidence_judge::judge(const ledger::event& e) const {
    const auto& node = e.log.node;
    if (node == self_) return verdict::pass_over;
    // Which way the delivery went from the neighbour on is not asked: an agency that moved meanwhile may have sent it
    // to nodes that do not lie behind the neighbour, and their evidence comes back the way the delivery went.
    if (!directory_->find_node(node)) return verdict::wait;
    if (is_of_origin(e.name) || !e.delivery_id) {
        // A newer node may state what is about no delivery.
        if (e.name == event_name::other) return verdict::pass_over;
        return lie(fmt::format("{} is about no delivery of this node", e.name_text()));
    }
    const auto known = store_.find_passed(*e.delivery_id);
    if (!known) return lie("the delivery " + e.delivery_id->str() + " was never here");
    return judge_delivery(e, *known);
}

result<evidence_judge::verdict> evidence_judge::judge_delivery(const ledger::event& e,
                                                               const store::passed_delivery& known) const {
    if (e.dispatch_id != known.dispatch_id) return lie("its DispatchId is not the delivery's");
    if (e.sha256 != known.sha256) return lie("its Sha256 is not that of the document");
    if (!names(e, known.recipient)) return lie("its To is not the delivery's recipient");
    const auto* recipient = directory_->find_agency(known.recipient);
    if (!recipient) return verdict::wait;
    if (!concerns_neighbour(*e.delivery_id, known, *recipient)) return lie("the delivery was not passed to it");
    if (!is_of_inbox(e.name)) return verdict::take;
    const auto answers = directory_->resolve_recipient(known.recipient, e.time);
    const auto& home = answers ? **answers : *recipient;
    if (home.node == e.log.node || recipient->node == e.log.node || intake_.was_home(home.code, e.log.node))
        return verdict::take;
    // Whoever states it may know of a move that this node has not heard of yet. One that lies comes no further.
    return verdict::wait;
}

/// The recipient, or who stands in its place since it was closed: one <To>.
bool evidence_judge::names(const ledger::event& e, const std::string& recipient) const {
    if (e.to.size() != 1) return false;
    if (e.to.front() == recipient) return true;
    const auto* named = directory_->find_agency(e.to.front());
    const auto answers = directory_->resolve_recipient(recipient, e.time);
    return named && (named == directory_->find_agency(recipient) || (answers && *answers == named));
}

/// It was given the delivery. Where its answer was lost, the delivery still counts as queued here; where another has it
/// by now, custody came back, and the hops tell that it went to this one then.
bool evidence_judge::concerns_neighbour(const uuid& delivery, const store::passed_delivery& known,
                                        const directory::agency& recipient) const {
    if (known.passed_to == neighbour_) return true;
    if (known.passed_to.empty() && known.state != delivery_state::consigned &&
        directory_->is_behind(self_, neighbour_, recipient.node))
        return true;
    const auto dispatch = store_.find_dispatch_of_delivery(delivery);
    if (!dispatch) return false;
    const std::array<std::string_view, 2> passing = {self_, neighbour_};
    return std::any_of(dispatch->deliveries.begin(), dispatch->deliveries.end(), [&](const store::delivery_row& row) {
        return row.id == delivery &&
               std::search(row.hops.begin(), row.hops.end(), passing.begin(), passing.end()) != row.hops.end();
    });
}

} // namespace truc::intake
