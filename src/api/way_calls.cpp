#include "way_calls.hpp"

#include <fmt/format.h>

#include <array>
#include <map>

namespace truc::api {

namespace {

/// What the lane or inbox is called in which such deliveries wait; null when no way is known.
json::value destination_of(const services& s, const directory::directory& d, const store::queue_row& q) {
    if (q.state == delivery_state::relayed) return json::value(q.passed_to);
    if (q.state == delivery_state::consigned) return json::value("inbox/" + q.recipient);
    const auto way = route_to(s, d, q.recipient);
    return way.next_hop.empty() ? json::value(nullptr) : json::value(way.next_hop);
}

/// 5m, 4h, 1d.
std::string name_of(std::chrono::minutes age) {
    const auto m = age.count();
    if (m % 1440 == 0) return fmt::format("{}d", m / 1440);
    return m % 60 == 0 ? fmt::format("{}h", m / 60) : fmt::format("{}m", m);
}

json::object describe_ages(const decltype(store::queue_row::ages)& counts) {
    json::object ages;
    for (std::size_t i = 0; i < store::queue_ages.size(); ++i) ages[name_of(store::queue_ages[i])] = counts[i];
    ages[name_of(store::queue_ages.back()) + "+"] = counts.back();
    return ages;
}

json::object describe_alarm(const alarm& a) {
    return {{"kind", a.kind},
            {"subject", a.subject},
            {"text", a.text},
            {"since", to_rfc3339(a.since)},
            {"last", to_rfc3339(a.last)},
            {"count", a.count}};
}

json::object by_class(const deliver::lane_view& lane) {
    constexpr std::array<std::string_view, lane_classes> names = {"normal",  "status",        "urgent", "very_urgent",
                                                                  "express", "express_timed", "recall"};
    json::object classes;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (lane.waiting_by_class[i] > 0) classes[names[i]] = lane.waiting_by_class[i];
    return classes;
}

void add_lane(json::object& o, const deliver::lane_view& lane) {
    o["waiting"] = lane.waiting;
    o["waiting_by_class"] = by_class(lane);
    o["more"] = lane.more;
    o["under_way"] = lane.under_way;
    o["limit"] = lane.limit;
    o["circuit"] = deliver::to_string(lane.state);
    o["failures"] = lane.failures;
    if (!lane.last_failure.empty()) o["last_failure"] = lane.last_failure;
    if (lane.next_at) o["next_at"] = to_rfc3339(*lane.next_at);
}

} // namespace

route route_to(const services& s, const directory::directory& d, std::string_view recipient) {
    const auto now = s.clock.now();
    const auto answers = d.resolve_recipient(recipient, now);
    const auto* agency = answers ? *answers : d.find_agency(recipient);
    if (!agency) return {};
    return {agency->node, d.next_hop(s.node, agency->node).value_or("")};
}

result<http::response> show_queue(const services& s) {
    const auto directory = s.intake.current_directory();
    json::array items;
    for (const auto& q : s.store.queue())
        items.push_back(json::object{{"recipient", q.recipient},
                                     {"state", to_string(q.state)},
                                     {"destination", destination_of(s, *directory, q)},
                                     {"count", q.count},
                                     {"attempts", q.attempts},
                                     {"oldest", to_rfc3339(q.oldest)}});
    return answer(200, list_of(std::move(items)));
}

result<http::response> show_shape(const services& s) {
    struct shape {
        std::uint64_t total = 0;
        decltype(store::queue_row::ages) ages{};
    };
    const auto directory = s.intake.current_directory();
    std::map<std::string, shape> shapes; // "" where no way is known
    for (const auto& q : s.store.queue()) {
        if (q.state == delivery_state::relayed) continue; // in another node's custody
        const auto destination = destination_of(s, *directory, q);
        auto& one = shapes[destination.is_null() ? std::string() : std::string(destination.get_string())];
        one.total += q.count;
        for (std::size_t i = 0; i < q.ages.size(); ++i) one.ages[i] += q.ages[i];
    }
    json::array items;
    for (const auto& [destination, one] : shapes)
        items.push_back(
            json::object{{"destination", destination.empty() ? json::value(nullptr) : json::value(destination)},
                         {"total", one.total},
                         {"ages", describe_ages(one.ages)}});
    return answer(200, list_of(std::move(items)));
}

json::object describe_neighbour(const services& s, const neighbour_view& n) {
    json::array abilities;
    for (const auto& a : n.abilities) abilities.emplace_back(a);
    json::object o{{"name", n.name},
                   {"connected", n.connected},
                   {"dialled_by", n.dialled_by},
                   {"address", n.address},
                   {"version", n.version},
                   {"abilities", std::move(abilities)},
                   {"round_trip_ms", n.round_trip ? json::value(n.round_trip->count()) : json::value(nullptr)},
                   {"clock_offset_ms", n.clock_offset ? json::value(n.clock_offset->count()) : json::value(nullptr)},
                   {"log", n.log},
                   {"ledger_size", n.ledger_size},
                   {"head_time", n.head_time ? json::value(to_rfc3339(*n.head_time)) : json::value(nullptr)},
                   {"since", n.since ? json::value(to_rfc3339(*n.since)) : json::value(nullptr)},
                   {"last_error", n.last_error}};
    for (const auto& lane : s.forwarder->lanes())
        if (lane.neighbour == n.name) add_lane(o, lane);
    json::array alarms;
    for (const auto& a : s.alarms->list())
        if (a.subject == n.name) alarms.push_back(describe_alarm(a));
    o["alarms"] = std::move(alarms);
    return o;
}

result<http::response> show_neighbours(const services& s) {
    json::array items;
    for (const auto& n : s.neighbours->neighbours()) items.push_back(describe_neighbour(s, n));
    return answer(200, list_of(std::move(items)));
}

result<http::response> show_alarms(const services& s) {
    json::array items;
    for (const auto& a : s.alarms->list()) items.push_back(describe_alarm(a));
    return answer(200, list_of(std::move(items)));
}

} // namespace truc::api
