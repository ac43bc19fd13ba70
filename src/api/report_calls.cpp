#include "report_calls.hpp"

namespace truc::api {

namespace {

json::object describe_line(const store::report_line& l, const directory::directory& d) {
    const auto* agency = d.find_agency(l.agency);
    json::object o{{"agency", l.agency},
                   {"name", agency ? json::value(agency->name) : json::value(nullptr)},
                   {"sent", l.sent},
                   {"signed", l.signed_},
                   {"recipients", l.recipients}};
    for (const auto c : legal_clocks_all) o[to_string(c)] = l.out_of_time[static_cast<std::size_t>(c)];
    o["received"] = l.received;
    o["unanswered"] = l.unanswered;
    return o;
}

json::object describe_late(const deliver::late_deliveries& l, language lang) {
    return {{"clock", to_string(l.clock)},       {"agency", l.agency},           {"count", l.count},
            {"oldest", to_rfc3339(l.oldest)},    {"document_id", l.document_id}, {"recipient", l.recipient},
            {"text", deliver::describe(l, lang)}};
}

/// As the store knows the agency; empty: all.
result<std::string> agency_named(const services& s, const http::request_head& head) {
    const std::string wanted(head.parameter("agency").value_or(""));
    if (wanted.empty()) return wanted;
    const auto* agency = s.intake.current_directory()->find_agency(wanted);
    if (!agency) return fail(errc::not_found, wanted);
    return agency->code.str();
}

} // namespace

result<http::response> show_report(const services& s, const deliver::legal_clocks& clocks,
                                   const http::request_head& head) {
    const std::string text(head.parameter("day").value_or(to_string(working_calendar::day_of(s.clock.now()))));
    const auto day = day_from(text);
    if (!day) return fail(errc::bad_request, "day=" + text + " (yyyy-mm-dd)");
    auto agency = agency_named(s, head);
    if (!agency) return fail(agency.error());
    store::report_period period{working_calendar::start_of(*day),
                                working_calendar::start_of(*day + std::chrono::days(1)), *agency};
    const auto directory = s.intake.current_directory();
    json::array items;
    for (const auto& l : read_report(s.store, period, clocks.rules(), s.clock.now()))
        items.push_back(describe_line(l, *directory));
    json::array late;
    const auto found = clocks.last_round();
    for (const auto& l : found.late)
        if (agency->empty() || *agency == l.agency) late.push_back(describe_late(l, language_of(&head)));
    return answer(200, json::object{{"day", text},
                                    {"node", s.node},
                                    {"items", std::move(items)},
                                    {"late", std::move(late)},
                                    {"late_at", found.at ? json::value(to_rfc3339(*found.at)) : json::value(nullptr)}});
}

} // namespace truc::api
