#include "viewing.hpp"

#include <truc/ledger/event.hpp>
#include <truc/model/business_state.hpp>

#include <algorithm>

namespace truc::api {

namespace {

/// A recipient is shown what came into its inbox: not what is still on its way, waits behind another copy or was taken
/// back; nor, for the time being, what is held.
bool has_come_to_recipient(const store::delivery_row& v) {
    switch (v.state) {
    case delivery_state::consigned:
        return v.held.kind == store::held_kind::no && !v.copy_of;
    case delivery_state::handed_over:
    case delivery_state::rejected:
        return true;
    case delivery_state::expired:
        return v.consigned_at.has_value();
    default:
        return false;
    }
}

bool is_shown_to(const viewer& who, const store::delivery_row& v) {
    return who.is(v.recipient) && has_come_to_recipient(v);
}

} // namespace

bool viewer::sees(const store::dispatch_row& d) const {
    return administrator || is(d.sender) ||
           std::any_of(d.deliveries.begin(), d.deliveries.end(),
                       [this](const auto& v) { return is_shown_to(*this, v); });
}

namespace {

/// A recipient learns nothing of the other recipients' deliveries, nor of the sender's systems.
void hide_others(const viewer& who, store::dispatch_row& d) {
    if (who.administrator || who.is(d.sender)) return;
    d.client.clear();
    std::erase_if(d.deliveries, [&who](const auto& v) { return !is_shown_to(who, v); });
}

/// By Truc id or delivery id.
result<store::dispatch_row> find_visible(const services& s, const viewer& who, const std::string& text) {
    const auto id = id_of(text);
    if (!id) return fail(id.error());
    auto d = s.store.find_dispatch(*id);
    if (!d) d = s.store.find_dispatch_of_delivery(*id);
    if (!d || !who.sees(*d)) return fail(errc::not_found, text);
    hide_others(who, *d);
    return *d;
}

/// What the recipient's people said of one delivery, and what follows from all of it.
void add_statuses(json::object& recipient, const std::vector<store::reported_status>& about, const uuid& delivery) {
    json::array statuses;
    std::vector<std::string> codes;
    for (const auto& said : about) {
        if (said.delivery != delivery) continue;
        statuses.push_back(json::object{{"code", said.code}, {"at", to_rfc3339(said.at)}, {"id", said.dispatch.str()}});
        codes.push_back(said.code);
    }
    const auto view = business_view_of(codes);
    if (view.state != business_state::unknown) recipient["business_state"] = to_string(view.state);
    if (view.take_back != take_back::none) recipient["take_back"] = to_string(view.take_back);
    recipient["statuses"] = std::move(statuses);
}

json::object describe_with_statuses(const services& s, const store::dispatch_row& d) {
    auto body = describe_dispatch(d);
    if (d.kind != dispatch_kind::edoc) return body;
    const auto about = s.store.statuses_about(d.id);
    auto& recipients = body["recipients"].get_array();
    for (std::size_t i = 0; i < recipients.size(); ++i)
        add_statuses(recipients[i].get_object(), about, d.deliveries[i].id);
    return body;
}

bool shows_delivery(const store::dispatch_row& d, const std::optional<uuid>& delivery) {
    return !delivery ||
           std::any_of(d.deliveries.begin(), d.deliveries.end(), [&](const auto& v) { return v.id == *delivery; });
}

/// The how manieth attempt it was that this event states, as far as this node counts them: those to pass it on, and
/// those to hand it over here.
std::optional<std::uint32_t> attempt_of(const services& s, const store::dispatch_row& d, const ledger::event& e) {
    const auto v = std::find_if(d.deliveries.begin(), d.deliveries.end(),
                                [&](const auto& known) { return known.id == e.delivery_id; });
    if (v == d.deliveries.end()) return std::nullopt;
    const bool passed = e.name == event_name::relay_acceptance && e.log.node == v->passed_to;
    const bool handed_over = e.name == event_name::content_handover && e.log.node == s.node && v->passed_to.empty();
    if (!passed && !handed_over) return std::nullopt;
    return v->attempts + 1;
}

json::object trace_row(const ledger::event& e, std::optional<std::uint32_t> attempt) {
    json::object o{{"time", to_rfc3339(e.time)},
                   {"node", e.log.node},
                   {"event", to_string(e.name)},
                   {"attempt", attempt ? json::value(*attempt) : json::value(nullptr)},
                   {"reason", e.reason},
                   {"sha256", e.sha256 ? json::value(e.sha256->hex()) : json::value(nullptr)},
                   {"event_id", e.id()},
                   {"delivery_id", e.delivery_id ? json::value(e.delivery_id->str()) : json::value(nullptr)}};
    json::array to;
    for (const auto& code : e.to) to.emplace_back(code);
    o["to"] = std::move(to);
    if (!e.channel.empty()) o["channel"] = e.channel;
    return o;
}

result<http::response> trace(const services& s, const store::dispatch_row& d) {
    json::array rows;
    for (const auto& row : s.store.trace(d.id)) {
        auto e = ledger::parse_event(row.event_xml);
        if (!e) return fail(errc::corrupt, "event " + row.event_id);
        if (shows_delivery(d, e->delivery_id)) rows.push_back(trace_row(*e, attempt_of(s, d, *e)));
    }
    auto body = describe_with_statuses(s, d);
    const auto directory = s.intake.current_directory();
    for (auto& r : body["recipients"].get_array())
        if (const auto* known = directory->find_agency(std::string_view(r.at("code").get_string())))
            r.get_object()["name"] = known->name;
    body["node"] = s.node;
    body["items"] = std::move(rows);
    body["next"] = nullptr;
    return answer(200, body);
}

result<http::response> receipts(const services& s, const store::dispatch_row& d) {
    json::array items;
    for (const auto& row : s.store.receipts_of(d.id))
        if (shows_delivery(d, row.delivery_id)) items.push_back(describe_receipt(row.event_id, row.event, row.xml));
    return answer(200, list_of(std::move(items)));
}

result<http::response> one_document(const services& s, const viewer& who, const http::request_head& head,
                                    const std::vector<std::string>& path) {
    auto d = find_visible(s, who, path[1]);
    if (!d) return fail(d.error());
    if (path.size() == 2) return answer(200, describe_with_statuses(s, *d));
    if (path[2] == "trace") return trace(s, *d);
    if (path[2] == "receipts") return receipts(s, *d);
    if (path[2] != "content") return fail(errc::not_found, path[2]);
    auto bytes = s.store.open_content(d->sha256);
    if (!bytes) return fail(bytes.error());
    return content_answer(head, std::move(*bytes), d->sha256);
}

/// A page, and behind which dispatch the next one begins; nullopt at the end.
struct dispatch_page {
    std::vector<store::dispatch_row> shown;
    std::optional<std::int64_t> last;
};

/// What is behind a gateway is too much to be asked for by codes: for it one stretch of all there is is looked through.
/// A page may be short or empty and another one follows all the same: what a recipient must not see (yet) is left out.
dispatch_page visible_dispatches(const services& s, const viewer& who, store::store::dispatch_filter f) {
    constexpr std::size_t stretch = 1000;
    const bool looks_through = !who.speaks.gateway.empty();
    const auto most = f.max;
    if (looks_through) f.max = stretch;
    if (!who.administrator && !looks_through) f.visible_to = who.speaks.codes;
    dispatch_page page;
    auto rows = s.store.list_dispatches(f);
    if (rows.size() == f.max) page.last = rows.back().seq;
    for (auto& d : rows) {
        if (!who.sees(d)) continue;
        if (page.shown.size() == most) {
            page.last = page.shown.back().seq;
            break;
        }
        page.shown.push_back(std::move(d));
    }
    return page;
}

/// What only administrators look for: who else got a document is not an agency's business.
result<void> narrow(const services& s, const http::request_head& head, store::store::dispatch_filter& f) {
    if (const auto code = head.parameter("recipient").value_or(""); !code.empty()) {
        const auto* agency = s.intake.current_directory()->find_agency(code);
        f.recipient = agency ? agency->code.str() : std::string(code);
    }
    const auto until = head.parameter("until").value_or("");
    if (!until.empty()) f.until = from_rfc3339(until);
    if (!until.empty() && !f.until) return fail(errc::bad_request, "until=" + std::string(until));
    return {};
}

result<http::response> documents(const services& s, const viewer& who, const http::request_head& head) {
    store::store::dispatch_filter f;
    const auto max = max_of(head);
    const auto after = number_of(head, "after", 0);
    if (!max || !after) return fail(max ? after.error() : max.error());
    f.max = *max;
    f.after = static_cast<std::int64_t>(*after);
    f.document_id = head.parameter("document_id").value_or("");
    f.code = head.parameter("code").value_or("");
    if (const auto from = head.parameter("from"); from && !from->empty()) {
        const auto* agency = s.intake.current_directory()->find_agency(*from);
        f.from = agency ? agency->code.str() : std::string(*from);
    }
    if (const auto since = head.parameter("since"); since && !since->empty()) {
        f.since = from_rfc3339(*since);
        if (!f.since) return fail(errc::bad_request, "since=" + std::string(*since));
    }
    if (who.administrator)
        if (auto narrowed = narrow(s, head, f); !narrowed) return fail(narrowed.error());
    json::array items;
    json::value next = nullptr;
    auto rows = visible_dispatches(s, who, f);
    if (rows.last) next = std::to_string(*rows.last);
    for (auto& d : rows.shown) {
        hide_others(who, d);
        items.push_back(describe_dispatch(d));
    }
    return answer(200, list_of(std::move(items), std::move(next)));
}

result<http::response> one_receipt(const services& s, const viewer& who, const http::request_head& head,
                                   const std::string& event_id) {
    auto found = s.store.find_receipt(event_id);
    const bool mine = found && (who.administrator || std::any_of(found->parties.begin(), found->parties.end(),
                                                                 [&who](const auto& code) { return who.is(code); }));
    if (!mine) return fail(errc::not_found, event_id);
    return http::unless_known(head, event_id, http::response(200, "application/xml", std::move(found->receipt.xml)));
}

result<http::response> agencies(const services& s, const http::request_head& head,
                                const std::vector<std::string>& path) {
    const auto directory = s.intake.current_directory();
    if (path.size() == 2) {
        const auto* found = directory->find_agency(path[1]);
        if (!found) return fail(errc::not_found, path[1]);
        return answer(200, describe_agency(*found));
    }
    const auto max = max_of(head);
    if (!max) return fail(max.error());
    const auto found = directory->search(head.parameter("q").value_or(""), head.parameter("after").value_or(""), *max);
    json::array items;
    for (const auto* a : found) items.push_back(describe_agency(*a));
    json::value next = nullptr;
    if (found.size() == *max) next = found.back()->code.str();
    return answer(200, list_of(std::move(items), std::move(next)));
}

result<http::response> ledger_call(const services& s, const http::request_head& head, const std::string& call) {
    if (call == "head") {
        auto xml = s.store.head_xml();
        if (xml.empty()) return fail(errc::not_found, "the log is empty");
        return http::response(200, "application/xml", std::move(xml));
    }
    const bool proof = call == "proof";
    if (!proof && call != "consistency") return fail(errc::not_found, call);
    const auto first = number_of(head, proof ? "leaf" : "from", 0);
    const auto second = number_of(head, proof ? "size" : "to", s.store.ledger_size());
    if (!first || !second) return fail(first ? second.error() : first.error());
    const auto nodes = proof ? s.store.inclusion(*first, *second) : s.store.consistency(*first, *second);
    if (!nodes) return fail(errc::not_found, std::to_string(*first) + " of " + std::to_string(*second));
    if (proof) return answer(200, json::object{{"leaf", *first}, {"size", *second}, {"nodes", digests_hex(*nodes)}});
    return answer(200, json::object{{"from", *first}, {"to", *second}, {"nodes", digests_hex(*nodes)}});
}

} // namespace

std::optional<result<http::response>> view(const services& s, const viewer& who, const http::request_head& head,
                                           const std::vector<std::string>& path) {
    if (path.empty()) return std::nullopt;
    if (path[0] == "documents" && path.size() == 1) return documents(s, who, head);
    if (path[0] == "documents" && path.size() <= 3) return one_document(s, who, head, path);
    if (path[0] == "receipts" && path.size() == 2) return one_receipt(s, who, head, path[1]);
    if (path[0] == "agencies" && path.size() <= 2) return agencies(s, head, path);
    if (path[0] == "ledger" && path.size() == 2) return ledger_call(s, head, path[1]);
    return std::nullopt;
}

} // namespace truc::api
