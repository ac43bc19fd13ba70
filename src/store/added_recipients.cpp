// An update names further recipients of a document: its first version goes to them as well.
#include "recall.hpp"
#include "work.hpp"

#include <truc/model/delivery_id.hpp>
#include <truc/store/business.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace truc::store {

namespace {

struct first_version {
    held_delivery delivery; ///< what all its deliveries share
    ledger::event acceptance;
    bool purged = false; ///< by retention: there is nothing to send any more
};

/// Recalled or replaced: whoever is added now has nothing to get any more.
bool was_taken_away(transaction& t, const std::string& document_id, const std::string& sender) {
    auto q = t.db.prepare("SELECT r.sender FROM action a JOIN dispatch r ON r.seq = a.dispatch"
                          " WHERE a.document_id = ? AND r.kind = 0 AND r.business IN (1, 3)");
    q.bind(std::string_view(document_id));
    while (q.step())
        if (t.is_of_line(sender, std::string(q.text(0)))) return true;
    return false;
}

/// The youngest that its sender's line has submitted here under that DocumentId.
std::optional<first_version> find_first_version(connection& db, const standing_in* stands_for,
                                                const std::string& document_id, const std::string& sender) {
    auto q = db.prepare(
        "SELECT d.seq, d.id, d.sender, d.priority, d.business, c.sha256, e.xml, c.purged_at IS NOT NULL FROM dispatch d"
        " JOIN content c ON c.id = d.content JOIN event e ON e.leaf = d.accepted_leaf"
        " WHERE d.document_id = ? AND d.kind = 0 AND d.receipt IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM action s WHERE s.dispatch = d.seq AND s.document_id = d.document_id) ORDER BY d.seq DESC");
    q.bind(std::string_view(document_id));
    while (q.step()) {
        auto acceptance = ledger::parse_event(q.text(6));
        if (!acceptance || !is_of_line(stands_for, std::string(q.text(2)), sender)) continue;
        held_delivery v;
        v.dispatch = q.integer(0);
        v.dispatch_id = q.id(1);
        v.sender = q.text(2);
        v.document_id = document_id;
        v.priority = q.enumeration<priority>(3);
        v.business = q.enumeration<business_type>(4);
        v.lane_class = lane_class_of(v.kind, v.business, v.priority);
        v.sha256 = q.digest(5);
        return first_version{std::move(v), std::move(*acceptance), q.integer(7) != 0};
    }
    return std::nullopt;
}

bool has_delivery(connection& db, std::int64_t dispatch, const std::string& recipient) {
    auto q = db.prepare("SELECT 1 FROM delivery WHERE dispatch = ? AND recipient = ?");
    return q.bind(dispatch).bind(std::string_view(recipient)).step();
}

/// The receipt that its sender has does not name them: another event does.
std::uint64_t accept_for(transaction& t, const first_version& first, const new_dispatch& update,
                         const std::vector<std::string>& recipients, std::uint64_t update_accepted) {
    auto e = first.acceptance;
    e.answers = {first.acceptance.id(), t.book.id_of(update_accepted)};
    e.to = recipients;
    e.channel = fmt::format("{}:{}", to_string(update.entrance), update.client);
    std::vector<std::string> readers{first.delivery.sender};
    if (update.sender != readers.front()) readers.push_back(update.sender);
    return t.record(std::move(e), first.delivery.dispatch, std::nullopt, readers);
}

} // namespace

void note_acceptance(connection& db, std::int64_t delivery, std::uint64_t leaf) {
    auto row = db.prepare("UPDATE delivery SET accepted_leaf = ? WHERE seq = ?");
    row.bind(static_cast<std::int64_t>(leaf)).bind(delivery).run();
}

bool has_for_added(connection& db, const standing_in* stands_for, const new_dispatch& update) {
    if (update.action.adds.empty() || update.action.acts_on.empty()) return true;
    const auto first = find_first_version(db, stands_for, update.action.acts_on.front(), update.sender);
    return !first || !first->purged;
}

void deliver_to_added(transaction& t, const new_dispatch& update, std::uint64_t acceptance) {
    auto recipients = update.action.adds;
    if (recipients.empty() || update.action.acts_on.empty()) return;
    const auto& document_id = update.action.acts_on.front();
    const auto first = find_first_version(t.db, t.stands_for, document_id, update.sender);
    if (!first || first->purged || was_taken_away(t, document_id, first->delivery.sender)) return;
    std::erase_if(recipients, [&](const std::string& r) { return has_delivery(t.db, first->delivery.dispatch, r); });
    if (recipients.empty()) return;
    const auto leaf = accept_for(t, *first, update, recipients, acceptance);
    for (const auto& recipient : recipients) {
        auto v = first->delivery;
        v.id = delivery_id_of(v.dispatch_id, recipient);
        v.recipient = recipient;
        v.accepted_at = t.book.time();
        v.deadline = v.accepted_at + update.time_to_deliver;
        v.last_leaf = leaf;
        const bool elsewhere = std::ranges::find(update.elsewhere, recipient) != update.elsewhere.end();
        if (deliver_submitted(t, v, elsewhere, {})) note_acceptance(t.db, v.seq, leaf);
    }
}

std::vector<added_recipient> recipients_added_to(const store& s, const std::string& document_id) {
    std::vector<added_recipient> all;
    s.look([&](connection& db) {
        auto q =
            db.prepare("SELECT x.recipient, u.sender FROM action a CROSS JOIN addition x ON x.dispatch = a.dispatch"
                       " CROSS JOIN dispatch u ON u.seq = a.dispatch WHERE a.document_id = ? ORDER BY u.seq");
        q.bind(std::string_view(document_id));
        while (q.step()) all.push_back({std::string(q.text(0)), std::string(q.text(1))});
    });
    return all;
}

} // namespace truc::store
