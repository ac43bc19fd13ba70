#include "actors.hpp"

#include "edxml_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace truc::simulation {

namespace {

bool may_come_right(errc code) { return describe(code).retryable || code == errc::wrong_node; }

} // namespace

systems::systems(world& w, std::size_t documents) : world_(w) {
    std::vector<std::size_t> order(cast::instance().documents().size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[w.chance.below(i)]);
    order.resize(std::min(order.size(), documents));
    for (const auto i : order) {
        const auto& d = cast::instance().documents()[i];
        errands_.push_back({d.sender, d.bytes, {}, false, false});
        w.oracle.expect_document({cast::instance().agencies()[d.sender].code, d.recipients, d.bytes});
    }
}

void systems::begin() {
    again_sending();
    again_looking();
}

void systems::again_sending() {
    if (world_.calm) return;
    send_something();
    world_.time.after(world_.chance.between(milliseconds(100), milliseconds(6000)), [this] { again_sending(); });
}

void systems::again_looking() {
    if (world_.calm) return;
    look_into_an_inbox();
    world_.time.after(world_.chance.between(milliseconds(50), milliseconds(1500)), [this] { again_looking(); });
}

// --- sending ------------------------------------------------------------------------------------------------------

/// Mostly something new; sometimes something old, answered or not.
void systems::send_something() {
    const bool fresh = to_send_ < errands_.size() && world_.chance.percent(60);
    if (!fresh && to_send_ == 0) return;
    send(errands_[fresh ? to_send_++ : world_.chance.below(to_send_)]);
}

void systems::send(errand& e) {
    const auto home = world_.editions.back().homes[e.sender];
    const auto where = e.tried_at.value_or(home);
    if (!world_.at(where).is_up() || e.given_up) return;
    e.tried_at = where;
    const auto answer = world_.at(where).submit(cast::instance().agencies()[e.sender].client, e.bytes);
    if (!answer || world_.chance.percent(world_.network.weather.lose_answer)) return;
    hear(e, where, *answer);
}

void systems::hear(errand& e, std::size_t node, const result<store::acceptance>& answer) {
    const auto& sender = cast::instance().agencies()[e.sender];
    if (answer) {
        ++answers_;
        e.answered = true;
        world_.note(fmt::format("{} is told by {} that {} is accepted{}", sender.code, world_.at(node).name(),
                                answer->id.str(), answer->repeated ? " (again)" : ""));
        return world_.oracle.accepted(world_.at(node), sender.code, *answer);
    }
    ++refusals_;
    const auto name = describe(answer.error().code).name;
    world_.note(
        fmt::format("{} is refused by {}: {} {}", sender.code, world_.at(node).name(), name, answer.error().what));
    if (e.answered)
        world_.oracle.violated(fmt::format("{} was accepted from {} and is refused now", name, sender.code));
    // Another node is told to be the right one, and this one says that it has not accepted it.
    if (answer.error().code == errc::wrong_node) e.tried_at.reset();
    if (answer.error().code == errc::status_not_recipient)
        e.given_up = true;
    else if (!may_come_right(answer.error().code))
        world_.oracle.violated(fmt::format("{} is refused by {}: {}", sender.code, world_.at(node).name(), name));
}

// --- receiving ----------------------------------------------------------------------------------------------------

/// A system may enter where the node holds itself for the agency's home; others answer wrong_node.
void systems::look_into_an_inbox() {
    const auto recipient = world_.chance.below(cast::instance().agencies().size());
    for (std::size_t i = 0; i < world_.nodes.size(); ++i)
        if (world_.at(i).is_up() && world_.at(i).knows().homes[recipient] == i) open_inbox(recipient, i);
    if (in_doubt_.empty() || !world_.chance.percent(30)) return;
    const auto d = in_doubt_[world_.chance.below(in_doubt_.size())];
    if (world_.at(d.node).is_up()) decide(d);
}

void systems::open_inbox(std::size_t recipient, std::size_t node) {
    const auto& code = cast::instance().agencies()[recipient].code;
    deliver::inbox::query query;
    query.recipients = {code};
    query.max = 1 + world_.chance.below(4);
    if (world_.chance.percent(50)) query.claim = std::chrono::seconds(20);
    for (const auto& item : world_.at(node).inbox().read(query)) {
        world_.oracle.found(world_.at(node), code, item);
        if (!world_.calm && world_.chance.percent(20)) continue; // looked at, and left
        const auto roll = world_.chance.below(100);
        auto outcome = deliver::inbox::outcome::accepted;
        if (roll < 10) outcome = deliver::inbox::outcome::rejected;
        if (roll >= 90 && !world_.calm) outcome = deliver::inbox::outcome::released;
        const auto same = [&](const decision& d) { return d.item.delivery_id == item.delivery_id; };
        const auto before = std::find_if(in_doubt_.begin(), in_doubt_.end(), same);
        decide(before != in_doubt_.end() ? decision{recipient, node, item, before->outcome}
                                         : decision{recipient, node, item, outcome});
        if (!world_.at(node).is_up()) return;
    }
}

void systems::decide(decision d) {
    const auto& role = cast::instance().agencies()[d.recipient];
    auto& n = world_.at(d.node);
    const auto answer =
        n.conclude({d.item.delivery_id, {role.code}, d.outcome, "hệ thống không nhận", "http:" + role.client});
    const auto same = [&](const decision& o) { return o.item.delivery_id == d.item.delivery_id && o.node == d.node; };
    std::erase_if(in_doubt_, same);
    if (!answer || world_.chance.percent(world_.network.weather.lose_answer)) return in_doubt_.push_back(d);
    hear(d, *answer);
}

void systems::hear(const decision& d, const result<store::conclusion_record>& answer) {
    const auto& n = world_.at(d.node);
    world_.note(fmt::format("{} decides {} about {} at {}: {}", d.item.to, static_cast<int>(d.outcome),
                            d.item.delivery_id.str(), n.name(),
                            answer ? to_string(answer->state) : describe(answer.error().code).name));
    if (!answer || d.outcome != deliver::inbox::outcome::accepted) return;
    world_.oracle.handed_over(n, d.item);
    if (d.item.kind == dispatch_kind::edoc && reported_.insert(d.item.delivery_id).second) report(d);
}

/// Status 01, văn bản đã đến: unsigned, as real systems send it.
void systems::report(const decision& d) {
    test::edxml_status status;
    status.from = d.item.to;
    status.to = d.item.from;
    status.document_id = d.item.document_id;
    status.document_code = "1/CV";
    auto bytes = test::build(status);
    world_.oracle.expect_document({d.item.to, {d.item.from}, bytes});
    errands_.push_back({d.recipient, std::move(bytes), {}, false, false});
}

// --- in the end ---------------------------------------------------------------------------------------------------

void systems::do_everything() {
    to_send_ = errands_.size();
    for (std::size_t i = 0; i < errands_.size(); ++i)
        if (!errands_[i].answered) send(errands_[i]);
    for (std::size_t who = 0; who < cast::instance().agencies().size(); ++who) {
        const auto home = world_.editions.back().homes[who];
        if (world_.at(home).is_up()) open_inbox(who, home);
    }
}

bool systems::is_done() const {
    return std::all_of(errands_.begin(), errands_.end(), [](const errand& e) { return e.answered || e.given_up; });
}

} // namespace truc::simulation
