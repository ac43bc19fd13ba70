// Gathers what `why` tells in one sentence for each delivery.
#include "way_calls.hpp"
#include "why.hpp"

#include <truc/ledger/event.hpp>

#include <algorithm>
#include <map>

namespace truc::api {

namespace {

/// What the events of a dispatch tell of one delivery.
struct told {
    std::optional<whereabouts> at; ///< the latest that other nodes have proven: who has it
    std::optional<hold_there> held;
    std::optional<timestamp> warned, too_late;
    std::string expired_by;
};
using told_by_delivery = std::map<uuid, told>;

/// The moment at the end of `handed over at …`.
std::optional<timestamp> moment_in(std::string_view reason) {
    return from_rfc3339(reason.substr(reason.rfind(' ') + 1));
}

/// Whoever has taken a delivery from a node that held it is not told of the hold.
void note_elsewhere(const ledger::event& e, told& t) {
    switch (e.name) {
    case event_name::relay_acceptance:
    case event_name::content_consignment:
        t.at = whereabouts{e.log.node, e.time, e.name == event_name::content_consignment};
        t.held.reset();
        break;
    case event_name::hold:
        t.held = hold_there{e.log.node, e.reason, e.time};
        break;
    case event_name::release:
        t.held.reset();
        break;
    default:
        break;
    }
}

void note(const ledger::event& e, const std::string& self, told& t) {
    constexpr std::string_view administrator = "admin:";
    if (e.log.node != self) note_elsewhere(e, t);
    if (e.name == event_name::expiry_warning) t.warned = e.time;
    if (e.name == event_name::recall_too_late) t.too_late = moment_in(e.reason).value_or(e.time);
    if (e.name == event_name::expiry && e.channel.starts_with(administrator))
        t.expired_by = e.channel.substr(administrator.size());
}

told_by_delivery follow(const services& s, const store::dispatch_row& d) {
    told_by_delivery known;
    for (const auto& row : s.store.trace(d.id)) {
        const auto e = ledger::parse_event(row.event_xml);
        if (e && e->delivery_id) note(*e, s.node, known[*e->delivery_id]);
    }
    return known;
}

/// Whether no document that this one acts on has come to that recipient here.
bool is_mark_for(const services& s, const store::dispatch_row& d, const std::string& recipient) {
    for (const auto& id : d.acts_on) {
        store::store::dispatch_filter f;
        f.document_id = id;
        f.recipient = recipient;
        const auto found = s.store.list_dispatches(f);
        if (std::any_of(found.begin(), found.end(), [&](const auto& o) { return o.id != d.id; })) return false;
    }
    return !d.acts_on.empty();
}

/// What the recipient's system said of what lies in its inbox here.
std::optional<last_word> last_word_about(const services& s, const store::delivery_row& delivery) {
    if (delivery.state != delivery_state::consigned) return std::nullopt;
    const auto item = s.store.find_inbox_item(delivery.id);
    if (!item || !item->said) return std::nullopt;
    return last_word{*item->said, item->said_at.value_or(item->consigned_at)};
}

/// One look at lanes, neighbours, alarms and evidence for all deliveries of a dispatch.
class fact_finder {
  public:
    fact_finder(const services& s, const store::dispatch_row& d)
        : s_(s),
          dispatch_(d),
          directory_(s.intake.current_directory()),
          lanes_(s.forwarder->lanes()),
          neighbours_(s.neighbours->neighbours()),
          alarms_(s.alarms->list()),
          told_(follow(s, d)) {}

    delivery_facts about(const store::delivery_row& delivery) const;

  private:
    void add_what_events_tell(delivery_facts& f) const;

    const services& s_;
    const store::dispatch_row& dispatch_;
    std::shared_ptr<const directory::directory> directory_;
    std::vector<deliver::lane_view> lanes_;
    std::vector<neighbour_view> neighbours_;
    std::vector<alarm> alarms_;
    told_by_delivery told_;
};

delivery_facts fact_finder::about(const store::delivery_row& delivery) const {
    delivery_facts f;
    f.delivery = delivery;
    f.node = s_.node;
    f.now = s_.clock.now();
    auto way = route_to(s_, *directory_, delivery.recipient);
    f.home = std::move(way.home);
    f.next_hop = std::move(way.next_hop);
    const auto& name = delivery.state == delivery_state::relayed ? delivery.passed_to : f.next_hop;
    for (const auto& n : neighbours_)
        if (n.name == name) f.neighbour = n;
    for (const auto& l : lanes_)
        if (l.neighbour == name) f.lane = l;
    for (const auto& a : alarms_)
        if (a.subject == name) f.alarms.push_back(a);
    f.said = last_word_about(s_, delivery);
    add_what_events_tell(f);
    return f;
}

void fact_finder::add_what_events_tell(delivery_facts& f) const {
    const auto& delivery = f.delivery;
    if (const auto found = told_.find(delivery.id); found != told_.end()) {
        const auto& t = found->second;
        f.evidence = t.at;
        f.held_elsewhere = t.held;
        f.warned = t.warned;
        f.too_late = t.too_late;
        f.expired_by = t.expired_by;
    }
    for (const auto& other : dispatch_.deliveries)
        if (other.resent_from == delivery.id) f.repeated_by = other.id;
    f.takes_back = dispatch_.business != business_type::new_document;
    f.is_mark = f.takes_back && delivery.state == delivery_state::consigned && !f.too_late &&
                is_mark_for(s_, dispatch_, delivery.recipient);
    f.legal_hold = dispatch_.legal_hold;
    f.purged_at = dispatch_.purged_at;
}

json::object describe(const explanation& e) {
    return {{"text", e.text},
            {"who", e.must_act ? json::value(to_string(*e.must_act)) : json::value(nullptr)},
            {"next_at", e.next_at ? json::value(to_rfc3339(*e.next_at)) : json::value(nullptr)}};
}

json::object explained(const fact_finder& finder, const store::delivery_row& delivery, language lang) {
    auto o = describe(explain_delivery(finder.about(delivery), lang));
    o["state"] = to_string(delivery.state);
    o["delivery_id"] = delivery.id.str();
    o["recipient"] = delivery.recipient;
    return o;
}

/// Nothing is open: one sentence for all, and their state if they have the same.
json::object all_ended(const store::dispatch_row& d, language lang) {
    const bool same =
        !d.deliveries.empty() && std::all_of(d.deliveries.begin(), d.deliveries.end(),
                                             [&](const auto& v) { return v.state == d.deliveries.front().state; });
    return {{"text", explain_ends(d.deliveries, lang)},
            {"state", same ? json::value(to_string(d.deliveries.front().state)) : json::value("ended")},
            {"who", nullptr},
            {"next_at", nullptr}};
}

} // namespace

result<http::response> explain_waiting(const services& s, const http::request_head& head, const std::string& text) {
    const auto id = id_of(text);
    if (!id) return fail(id.error());
    auto d = s.store.find_dispatch(*id);
    const bool whole = d.has_value();
    if (!d) d = s.store.find_dispatch_of_delivery(*id);
    if (!d) return fail(errc::not_found, text);
    const auto lang = language_of(&head);
    const fact_finder finder(s, *d);
    const auto wanted = [&](const auto& v) {
        return whole ? !is_final(v.state) || d->deliveries.size() == 1 : v.id == *id;
    };
    json::array items;
    for (const auto& v : d->deliveries)
        if (wanted(v)) items.push_back(explained(finder, v, lang));
    if (items.empty()) items.push_back(all_ended(*d, lang));
    json::object body = list_of(std::move(items));
    body["id"] = d->id.str();
    body["document_id"] = d->document_id;
    body["node"] = s.node;
    body["origin"] = d->origin;
    return answer(200, body);
}

} // namespace truc::api
