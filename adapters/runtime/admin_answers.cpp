#include "admin_answers.hpp"

#include <truc/http/request.hpp>

#include <charconv>

namespace truc::adapter {

namespace {

using http::method;
using http::request_head;

constexpr std::size_t usual_page = 100;
constexpr std::uint64_t largest_page = 1000;

/// One of the things that have to work.
struct part {
    std::string_view name;
    bool good;
    std::string fault;
    std::optional<timestamp> since;
};

/// The outbox is asked by ourselves, and good when it has answered; the inbox is good until it fails.
std::vector<part> parts_of(const observed& o) {
    const auto& signing = o.desk.validity();
    return {{"exchange", o.exchange.is_connected(), o.exchange.last_fault(), o.exchange.away_since()},
            {"outbox", o.outbox.is_good(), o.outbox.fault(), o.outbox.since()},
            {"inbox", o.inbox.fault().empty(), o.inbox.fault(), o.inbox.since()},
            {"signing", signing.fault().empty(), signing.fault(), signing.since()}};
}

json::object describe_part(const part& p) {
    json::object o{{p.name == "signing" ? "valid" : "connected", p.good}};
    if (!p.good && !p.fault.empty()) o["fault"] = p.fault;
    if (!p.good && p.since) o["since"] = to_rfc3339(*p.since);
    return o;
}

json::object counts_of(const journal_counts& c, direction d) {
    json::object o;
    for (const auto s : {item_state::under_way, item_state::done, item_state::quarantined})
        o[to_string(d, s)] = c.items[static_cast<unsigned>(d)][static_cast<unsigned>(s)];
    return o;
}

json::object describe_adapter(const observed& o) {
    json::array agencies;
    for (const auto& a : o.config.agencies) agencies.push_back(json::object{{"code", a.code}, {"name", a.name}});
    const auto counts = o.journal.counts();
    json::object a{{"name", o.config.name},
                   {"kind", o.config.kind},
                   {"agencies", std::move(agencies)},
                   {"outgoing", counts_of(counts, direction::outgoing)},
                   {"incoming", counts_of(counts, direction::incoming)},
                   {"reports_due", counts.reports_due},
                   {"reports_set_aside", counts.reports_set_aside}};
    for (const auto& p : parts_of(o)) a[p.name] = describe_part(p);
    if (const auto oldest = o.journal.oldest()) a["oldest"] = to_rfc3339(*oldest);
    return a;
}

json::object describe_item(const item_row& r) {
    json::object o{{"direction", to_string(r.way)},         {"key", r.key},           {"label", r.label},
                   {"state", to_string(r.way, r.state)},    {"attempts", r.attempts}, {"since", to_rfc3339(r.since)},
                   {"changed_at", to_rfc3339(r.changed_at)}};
    if (r.own) o["own"] = true;
    if (!r.reference.empty()) o["reference"] = r.reference;
    if (!r.code.empty()) o["code"] = r.code;
    if (!r.text.empty()) o["text"] = r.text;
    return o;
}

result<std::uint64_t> number_of(const request_head& head, std::string_view name, std::uint64_t otherwise) {
    const auto text = head.parameter(name);
    if (!text) return otherwise;
    std::uint64_t value = 0;
    const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (ec != std::errc() || end != text->data() + text->size() || value > INT64_MAX)
        return fail(errc::bad_request, std::string(name) + "=" + std::string(*text));
    return value;
}

result<item_query> query_of(const request_head& head) {
    item_query q;
    const auto after = number_of(head, "after", 0);
    const auto max = number_of(head, "max", usual_page);
    if (!after) return fail(after.error());
    if (!max) return fail(max.error());
    q.after = static_cast<std::int64_t>(*after);
    q.max = static_cast<std::size_t>(std::clamp<std::uint64_t>(*max, 1, largest_page));
    if (const auto way = head.parameter("direction")) {
        if (*way != "outgoing" && *way != "incoming") return fail(errc::bad_request, "direction=" + std::string(*way));
        q.way = *way == "outgoing" ? direction::outgoing : direction::incoming;
    }
    if (const auto state = head.parameter("state")) {
        if (*state == "waiting")
            q.state = item_state::under_way;
        else if (*state == "accepted" || *state == "delivered")
            q.state = item_state::done;
        else if (*state == "quarantined")
            q.state = item_state::quarantined;
        else
            return fail(errc::bad_request, "state=" + std::string(*state));
    }
    return q;
}

result<json::object> list_items(const observed& o, const request_head& head) {
    const auto q = query_of(head);
    if (!q) return fail(q.error());
    const auto rows = o.journal.items(*q);
    json::array items;
    for (const auto& r : rows) items.push_back(describe_item(r));
    json::value next = nullptr;
    if (rows.size() == q->max) next = json::string(std::to_string(rows.back().id));
    return json::object{{"items", std::move(items)}, {"next", std::move(next)}};
}

result<json::object> retry(const observed& o, std::string_view body) {
    json::error_code ec;
    const auto asked = json::parse(body, ec);
    if (ec || !asked.is_object())
        return fail(errc::bad_request, "{\"key\": …}, {\"delivery_id\": …} or {\"all\": true}");
    const auto& members = asked.get_object();
    const auto text = [&members](std::string_view name) {
        const auto* v = members.if_contains(name);
        return v && v->is_string() ? std::string(v->get_string()) : std::string();
    };
    const auto* all = members.if_contains("all");
    const auto key = text("key").empty() ? text("delivery_id") : text("key");
    const bool everything = all && all->is_bool() && all->get_bool();
    if (!everything && key.empty())
        return fail(errc::bad_request, "{\"key\": …}, {\"delivery_id\": …} or {\"all\": true}");
    const auto retried = everything ? o.journal.retry_all() : o.journal.retry(key);
    if (retried == 0 && !everything) return fail(errc::not_found, key);
    // What was set aside comes again when the exchange is asked; the rest waits in the journal.
    o.exchange.ask_again();
    if (o.retried) o.retried();
    return json::object{{"retried", retried}};
}

} // namespace

result<json::object> administer(const observed& o, const request_head& head, std::string_view body) {
    const auto& p = head.path;
    const bool reading = head.verb == method::get || head.verb == method::head;
    const bool is_ours = p.size() >= 2 && p[0] == "v1";
    if (is_ours && p.size() == 2 && (p[1] == "adapter" || p[1] == "items")) {
        if (!reading) return fail(errc::method_not_allowed, head.target);
        if (p[1] == "adapter") return describe_adapter(o);
        return list_items(o, head);
    }
    if (is_ours && p.size() == 3 && p[1] == "items" && p[2] == "retry") {
        if (head.verb != method::post) return fail(errc::method_not_allowed, head.target);
        return retry(o, body);
    }
    return fail(errc::not_found, head.target);
}

std::string what_is_away(const observed& o) {
    std::string text;
    for (const auto& p : parts_of(o)) {
        if (p.good) continue;
        text += p.name;
        if (p.since) text += " since " + to_rfc3339(*p.since);
        text += ": " + (p.fault.empty() ? "not asked yet" : p.fault) + "\n";
    }
    return text;
}

} // namespace truc::adapter
