// How administrators look for deliveries.
#include "delivery_calls.hpp"

#include <fmt/format.h>

namespace truc::api {

std::string canonical_code(const services& s, std::string_view code) {
    const auto directory = s.intake.current_directory();
    const auto* agency = directory->find_agency(code);
    return agency ? agency->code.str() : std::string(code);
}

namespace {

json::object describe_found(const store::found_delivery& found) {
    const auto& v = found.delivery;
    json::object o{{"delivery_id", v.id.str()},
                   {"id", found.dispatch_id.str()},
                   {"kind", to_string(found.kind)},
                   {"document_id", found.document_id},
                   {"code", found.code},
                   {"from", found.sender},
                   {"to", v.recipient},
                   {"state", to_string(v.state)},
                   {"accepted_at", to_rfc3339(found.accepted_at)},
                   {"deadline", to_rfc3339(v.deadline)},
                   {"attempts", v.attempts},
                   {"last_attempt", v.last_attempt},
                   {"next_at", v.next_at ? json::value(to_rfc3339(*v.next_at)) : json::value(nullptr)},
                   {"reason", v.reason},
                   {"passed_to", v.passed_to}};
    describe_hold(v.held, o);
    if (v.resent_from) o["resent_from"] = v.resent_from->str();
    return o;
}

/// Error: bad_request.
result<std::optional<timestamp>> moment_in(const http::request_head& head, std::string_view name) {
    const auto text = head.parameter(name);
    if (!text || text->empty()) return std::optional<timestamp>();
    const auto t = from_rfc3339(*text);
    if (!t) return fail(errc::bad_request, fmt::format("{}={}", name, *text));
    return t;
}

result<std::optional<delivery_state>> state_in(const http::request_head& head) {
    const auto text = head.parameter("state").value_or("");
    if (text.empty()) return std::optional<delivery_state>();
    for (const auto state : all_delivery_states)
        if (to_string(state) == text) return std::optional(state);
    return fail(errc::bad_request, "state=" + std::string(text));
}

result<store::delivery_filter> filter_in(const services& s, const http::request_head& head) {
    store::delivery_filter f;
    const auto max = max_of(head);
    const auto after = number_of(head, "after", 0);
    const auto state = state_in(head);
    const auto since = moment_in(head, "since"), until = moment_in(head, "until");
    if (!max || !after) return fail(max ? after.error() : max.error());
    if (!state) return fail(state.error());
    if (!since || !until) return fail(since ? until.error() : since.error());
    f.max = *max;
    f.after = static_cast<std::int64_t>(*after);
    f.state = *state;
    f.since = *since;
    f.until = *until;
    f.held_only = head.parameter("held").value_or("") == "1";
    if (const auto code = head.parameter("recipient").value_or(""); !code.empty())
        f.recipient = canonical_code(s, code);
    if (const auto code = head.parameter("sender").value_or(""); !code.empty()) f.sender = canonical_code(s, code);
    return f;
}

} // namespace

result<http::response> show_deliveries(const services& s, const http::request_head& head) {
    const auto f = filter_in(s, head);
    if (!f) return fail(f.error());
    const auto page = s.store.list_deliveries(*f);
    json::array items;
    for (const auto& found : page) items.push_back(describe_found(found));
    json::value next = nullptr;
    if (page.size() == f->max) next = std::to_string(page.back().delivery.seq);
    return answer(200, list_of(std::move(items), std::move(next)));
}

} // namespace truc::api
