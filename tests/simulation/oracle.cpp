#include "oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace truc::simulation {

namespace {

std::string name_of(delivery_state s) { return std::string(to_string(s)); }

bool has_custody(delivery_state s) { return s == delivery_state::queued || s == delivery_state::consigned; }

/// Alarms that say that a neighbour does what no honest node does.
bool accuses(const alarm& a) {
    return a.kind == "neighbour_lies" || a.kind == "leg_rejected" || a.kind == "head_inconsistent";
}

} // namespace

void oracle::violated(std::string what) {
    if (violations_.size() < 20) violations_.push_back(std::move(what));
}

void oracle::expect_document(known_document d) {
    const auto digest = sha256(d.bytes);
    documents_.emplace(digest, std::move(d));
}

// --- what the world was told --------------------------------------------------------------------------------------

void oracle::accepted(const node& at, const std::string& sender, const store::acceptance& a) {
    const auto [known, fresh] = promised_.emplace(a.id, a);
    if (!fresh) {
        if (known->second.receipt != a.receipt)
            violated(fmt::format("{} gave another receipt for {}", at.name(), a.id.str()));
        return;
    }
    const auto receipt = ledger::verify_receipt(a.receipt, *cast::instance().exchange());
    if (!receipt) return violated("a receipt of acceptance does not verify: " + receipt.error().what);
    if (receipt->event.name != event_name::submission_acceptance || receipt->event.dispatch_id != a.id ||
        receipt->event.sha256 != a.sha256 || receipt->event.from != sender || receipt->event.log.node != at.name())
        violated("a receipt of acceptance states something else: " + a.receipt);
}

void oracle::found(node& at, const std::string& recipient, const store::inbox_item& item) {
    const auto where = fmt::format("{} finds {} at {}", recipient, item.delivery_id.str(), at.name());
    if (item.to != recipient) violated(where + " which is for " + item.to);
    if (const auto taken = handed_over_.find(item.delivery_id); taken != handed_over_.end())
        violated(where + " although it took it at " + taken->second);
    const auto received = received_.find({recipient, item.sha256});
    if (received != received_.end() && received->second != item.delivery_id)
        violated(where + ": the same document a second time, as another delivery");
    const auto document = documents_.find(item.sha256);
    const auto content = at.store().open_content(item.sha256);
    if (!content)
        violated(where + " but its content cannot be read: " + content.error().what);
    else if (document == documents_.end() || content->view() != document->second.bytes)
        violated(where + " with other bytes than were sent");
}

void oracle::handed_over(const node& at, const store::inbox_item& item) {
    const auto [taken, fresh] = handed_over_.emplace(item.delivery_id, at.name());
    if (!fresh && taken->second != at.name())
        violated(fmt::format("{} was handed over at {} and at {}", item.delivery_id.str(), taken->second, at.name()));
    received_.emplace(std::pair(item.to, item.sha256), item.delivery_id);
}

// --- what the nodes hold ------------------------------------------------------------------------------------------

void oracle::look_at(std::size_t i) {
    auto& n = *nodes_[i];
    if (!n.is_up()) return;
    const auto before = seen_[i].size();
    store::store::dispatch_filter all;
    all.max = 1'000'000;
    const auto dispatches = n.store().list_dispatches(all);
    std::size_t count = 0;
    for (const auto& d : dispatches) {
        look_at_dispatch(i, d);
        count += d.deliveries.size();
    }
    if (count < before) violated(fmt::format("{} has lost {} deliveries", n.name(), before - count));
    if (!n.store().read_books().balance()) violated("the books of " + n.name() + " do not balance");
    if (!n.store().read_origin_books().balance()) violated("the books of " + n.name() + " as origin do not balance");
    for (const auto& a : n.alarms().list())
        if (accuses(a))
            accused_.insert(fmt::format("{} is accused by {} of {}: {}", a.subject, n.name(), a.kind, a.text));
}

void oracle::look_at_dispatch(std::size_t i, const store::dispatch_row& d) {
    const auto where = fmt::format("dispatch {} at {}", d.id.str(), nodes_[i]->name());
    const auto document = documents_.find(d.sha256);
    if (document == documents_.end()) return violated(where + " is a document that nobody sent");
    if (document->second.sender != d.sender) violated(where + " is said to be from " + d.sender);
    const auto& named = document->second.recipients;
    for (const auto& v : d.deliveries) {
        if (std::find(named.begin(), named.end(), v.recipient) == named.end())
            violated(where + " goes to somebody whom the sender did not name: " + v.recipient);
        look_at_delivery(i, d, v);
    }
    const auto [known, fresh] = dispatch_of_.emplace(std::pair(d.sender, d.sha256), d.id);
    if (known->second != d.id) violated(where + " is a second acceptance of what " + d.sender + " sent once");
}

void oracle::look_at_delivery(std::size_t i, const store::dispatch_row& d, const store::delivery_row& v) {
    const auto where = fmt::format("delivery {} to {} at {}", v.id.str(), v.recipient, nodes_[i]->name());
    const row now{v.state, v.hops.size(), v.passed_to, d.id, d.origin == nodes_[i]->name()};
    const auto [known, fresh] = seen_[i].emplace(v.id, now);
    if (!fresh) compare(where, known->second, now);
    known->second = now;
    if (is_final(v.state)) note_end(where, v.id, v.state);
    if (has_custody(v.state) && !v.passed_to.empty()) violated(where + " is in custody and was passed on");
    if (v.state == delivery_state::relayed && v.passed_to.empty()) violated(where + " is relayed to nobody");
    if (v.hops.empty() != now.is_origin) {
        // Custody that comes back to the origin carries hops.
        if (!now.is_origin) violated(where + " came from nowhere");
    }
}

void oracle::compare(const std::string& where, const row& before, const row& now) {
    if (is_final(before.state) && before.state != now.state)
        violated(fmt::format("{} left its end {} for {}", where, name_of(before.state), name_of(now.state)));
    if (now.hops < before.hops) violated(where + " has a lower custody number than before");
    if (before.state == delivery_state::relayed && has_custody(now.state) && now.hops <= before.hops)
        violated(where + " is in custody again without a higher custody number");
    if (is_final(before.state) && before.passed_to != now.passed_to) violated(where + " was passed on after its end");
}

/// The end that any node knows is the end everywhere.
void oracle::note_end(const std::string& where, const uuid& delivery, delivery_state state) {
    const auto [known, fresh] = ends_.emplace(delivery, end{where, state});
    if (!fresh && known->second.state != state)
        violated(fmt::format("{} is {}, but {} is {}", where, name_of(state), known->second.node,
                             name_of(known->second.state)));
    if (handed_over_.count(delivery) && state != delivery_state::handed_over)
        violated(where + " was handed over, and is now " + name_of(state));
}

bool oracle::is_quiet() const {
    for (const auto& of_node : seen_)
        for (const auto& [id, last] : of_node)
            if (!is_final(last.state)) return false;
    return true;
}

std::map<delivery_state, std::size_t> oracle::ends() const {
    std::map<delivery_state, std::size_t> count;
    for (const auto& [id, known] : ends_) ++count[known.state];
    return count;
}

} // namespace truc::simulation
