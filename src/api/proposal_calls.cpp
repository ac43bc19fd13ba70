#include "proposal_calls.hpp"

#include <truc/base/durable.hpp>
#include <truc/directory/edit.hpp>
#include <truc/directory/json_lines.hpp>

#include <fmt/format.h>

#include <future>

namespace truc::api {

namespace {

using store::proposal;
using store::proposal_kind;
using store::proposal_state;

std::string_view name_of(proposal_kind k) { return k == proposal_kind::registration ? "registration" : "closing"; }

std::string_view name_of(proposal_state s) {
    switch (s) {
    case proposal_state::open:
        return "open";
    case proposal_state::confirmed:
        return "confirmed";
    case proposal_state::declined:
        break;
    }
    return "declined";
}

/// The agency that a registration asks for: what a client may say of it, and no more. Its home is this node.
result<directory::agency> agency_in(const proposal& p, const std::string& node) {
    const auto read = directory::from_json_line(p.details);
    const auto* proposed = read ? std::get_if<directory::agency>(&*read) : nullptr;
    if (!proposed || proposed->code.str() != p.code)
        return fail(errc::bad_directory, fmt::format("proposal {} does not describe agency {}", p.number, p.code));
    directory::agency a(proposed->code);
    a.name = proposed->name;
    a.level = proposed->level;
    a.parent = proposed->parent;
    a.mail = proposed->mail;
    a.node = node;
    return a;
}

/// Null when it cannot be read: an administrator shall see the proposal even so.
json::value describe_proposed(const proposal& p, const std::string& node) {
    const auto a = agency_in(p, node);
    return a ? json::value(describe_agency(*a)) : json::value(nullptr);
}

json::object describe_proposal(const proposal& p, const std::string& node) {
    json::object o{{"number", p.number}, {"kind", name_of(p.kind)}, {"state", name_of(p.state)},
                   {"client", p.client}, {"code", p.code},          {"proposed_at", to_rfc3339(p.proposed_at)}};
    if (p.kind == proposal_kind::registration) o["agency"] = describe_proposed(p, node);
    if (p.decided_at) o["decided_at"] = to_rfc3339(*p.decided_at);
    if (!p.decided_by.empty()) o["decided_by"] = p.decided_by;
    return o;
}

result<proposal_state> decision_in(const std::string& body) {
    boost::system::error_code ec;
    const auto parsed = json::parse(body, ec);
    const auto* decision = !ec && parsed.is_object() ? parsed.get_object().if_contains("decision") : nullptr;
    if (decision && *decision == "confirm") return proposal_state::confirmed;
    if (decision && *decision == "decline") return proposal_state::declined;
    return fail(errc::bad_request, R"({"decision": "confirm" | "decline"})");
}

} // namespace

result<http::response> proposal_desk::show(const http::request_head& head) const {
    const auto max = max_of(head, 1000);
    const auto after = number_of(head, "after", 0);
    if (!max || !after) return fail(max ? after.error() : max.error());
    const bool all = head.parameter("all").value_or("") == "1";
    const auto page = services_.store.list_proposals(!all, static_cast<std::int64_t>(*after), *max);
    json::array items;
    for (const auto& p : page) items.push_back(describe_proposal(p, services_.node));
    json::value next = nullptr;
    if (page.size() == *max) next = std::to_string(page.back().number);
    return answer(200, list_of(std::move(items), std::move(next)));
}

result<http::response> proposal_desk::decide(const std::string& number, const std::string& body,
                                             const std::string& administrator) {
    const auto decision = decision_in(body);
    if (!decision) return fail(decision.error());
    const auto wanted = parse_number(number);
    if (!wanted) return fail(errc::not_found, number);
    const std::scoped_lock lock(deciding_);
    const auto p = services_.store.find_proposal(static_cast<std::int64_t>(*wanted));
    if (!p) return fail(errc::not_found, number);
    if (p->state == proposal_state::open && *decision == proposal_state::confirmed)
        if (auto written = write(*p); !written) return fail(written.error());
    if (p->state == proposal_state::open && *decision == proposal_state::declined)
        if (auto open = check_not_written(*p); !open) return fail(open.error());
    std::promise<result<proposal>> decided;
    services_.store.decide(p->number, *decision, administrator,
                           [&decided](result<proposal> r) { decided.set_value(std::move(r)); });
    const auto kept = decided.get_future().get();
    if (!kept) return fail(kept.error());
    return answer(200, describe_proposal(*kept, services_.node));
}

result<void> proposal_desk::write(const proposal& p) {
    return file_.change([&](const std::string& text) { return carried_out(text, p); });
}

/// As after a confirmation that did not come to its end: nobody may say of it that it was declined.
result<void> proposal_desk::check_not_written(const proposal& p) const {
    const auto text = read_file(services_.directory_file);
    if (!text) return fail(text.error());
    const auto done = carried_out(*text, p);
    if (done && *done == *text)
        return fail(errc::bad_directory, fmt::format("proposal {} is carried out already: confirm it", p.number));
    return {};
}

result<std::string> proposal_desk::carried_out(const std::string& text, const proposal& p) const {
    return p.kind == proposal_kind::registration ? with_new_agency(text, p) : with_closed_agency(text, p);
}

result<std::string> proposal_desk::with_new_agency(const std::string& text, const proposal& p) const {
    const auto a = agency_in(p, services_.node);
    if (!a) return fail(a.error());
    const auto file = directory::directory::parse(text, services_.directory_file.string());
    if (!file) return fail(file.error());
    const auto in_force = services_.intake.current_directory();
    const auto* known = file->find_agency(p.code);
    // Written by a confirmation that did not come to its end.
    if (known && directory::to_json_line(*known) == directory::to_json_line(*a)) return text;
    if (!known) known = in_force->find_agency(p.code);
    if (known)
        return fail(errc::bad_directory,
                    fmt::format("{} is a code of agency {} at {} already", p.code, known->code.str(), known->node));
    const auto parent = agency_code::parse(a->parent);
    if (!a->parent.empty() && (!parent || (!file->find_agency(a->parent) && !in_force->find_agency(a->parent))))
        return fail(errc::bad_directory, fmt::format("{}: no agency has the code {} of its parent", p.code, a->parent));
    const auto context = parent ? lines_about(*parent, *file, *in_force) : std::string();
    return directory::with_agencies(text + context, {*a});
}

/// Of an agency that is closed already nothing is left to do.
result<std::string> proposal_desk::with_closed_agency(const std::string& text, const proposal& p) const {
    const auto file = directory::directory::parse(text, services_.directory_file.string());
    if (!file) return fail(file.error());
    const auto* found = file->find_agency(p.code);
    // By now the code may be another agency's alias.
    if (!found || found->code.str() != p.code) return fail(errc::not_found, p.code);
    const auto now = services_.clock.now();
    if (found->valid_to && *found->valid_to <= now) return text;
    auto closed = *found;
    closed.valid_to = now;
    return directory::with_agencies(text, {closed});
}

} // namespace truc::api
