#include "answers.hpp"

#include <truc/base/ascii.hpp>
#include <truc/base/utf8.hpp>

#include <charconv>

namespace truc::api {

namespace {

json::array texts(const std::vector<agency_code>& codes) {
    json::array a;
    for (const auto& c : codes) a.emplace_back(c.str());
    return a;
}

json::array words(const std::vector<std::string>& list) {
    json::array a;
    for (const auto& w : list) a.emplace_back(w);
    return a;
}

class stored_content final : public http::content {
  public:
    explicit stored_content(store::content bytes) : bytes_(std::move(bytes)) {}
    std::uint64_t size() const override { return bytes_.view().size(); }
    result<std::string_view> piece(std::uint64_t offset, std::size_t most) override {
        return bytes_.view().substr(offset, most);
    }

  private:
    store::content bytes_;
};

void add_place(json::object& o, const location& where) {
    if (where.line) o["line"] = where.line;
    if (where.column) o["column"] = where.column;
    if (!where.path.empty()) o["path"] = where.path;
}

/// One element of Accept-Language, e.g. `vi-VN;q=0.8`: the first part of the tag in lower case, and the weight.
std::pair<std::string, double> liking_of(std::string_view element) {
    const auto semicolon = element.find(';');
    const auto range = trim(element.substr(0, semicolon));
    auto tag = to_lower(range.substr(0, range.find('-')));
    const auto q = semicolon == std::string_view::npos ? semicolon : element.find("q=", semicolon);
    if (q == std::string_view::npos) return {tag, 1};
    double weight = 0;
    std::from_chars(element.data() + q + 2, element.data() + element.size(), weight);
    return {tag, weight};
}

} // namespace

language language_of(const http::request_head* head, language otherwise) {
    auto best = otherwise;
    double most = 0;
    std::string_view rest = head ? head->header("Accept-Language") : std::string_view();
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const auto [tag, weight] = liking_of(rest.substr(0, comma));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        if (weight <= most || (tag != "vi" && tag != "en" && tag != "*")) continue;
        most = weight;
        best = tag == "*" ? otherwise : tag == "vi" ? language::vietnamese : language::english;
    }
    return best;
}

http::response answer(unsigned status, const json::value& body) {
    return http::response(status, "application/json", json::serialize(body));
}

http::response problem(const error& e, const http::request_head* head, const truc::clock& clock,
                       const refusal_context& context, std::chrono::seconds retry_after) {
    const auto lang = language_of(head);
    const auto& entry = describe(e.code);
    json::object o;
    o["code"] = entry.name;
    o["title"] = entry.title[static_cast<unsigned>(lang)];
    o["status"] = entry.http;
    o["detail"] = to_valid_utf8(explain(e, lang)); // it may quote bytes of the request
    o["retryable"] = entry.retryable;
    o["who"] = to_string(entry.must_act);
    if (entry.retryable) o["next_at"] = to_rfc3339(clock.now() + retry_after);
    if (!context.document_id.empty()) o["document_id"] = context.document_id;
    if (e.where) add_place(o, *e.where);
    if (!e.causes.empty()) {
        json::array causes;
        for (const auto& cause : e.causes)
            causes.push_back(json::object{{"code", describe(cause.code).name},
                                          {"what", to_valid_utf8(cause.what)},
                                          {"detail", to_valid_utf8(explain(cause, lang))}});
        o["causes"] = std::move(causes);
    }
    if (!context.event_id.empty()) o["id"] = context.event_id;
    if (!context.receipt.empty()) o["receipt"] = context.receipt;
    http::response r(entry.http, "application/problem+json", json::serialize(o));
    r.add("Content-Language", lang == language::vietnamese ? "vi" : "en");
    if (entry.retryable) r.add("Retry-After", std::to_string(retry_after.count()));
    return r;
}

http::response wrong_method(const http::request_head& head, const truc::clock& clock, std::string_view allowed) {
    auto r = problem(error(errc::method_not_allowed, head.target), &head, clock);
    r.add("Allow", std::string(allowed));
    return r;
}

json::object describe_acceptance(const store::acceptance& a) {
    json::array recipients;
    for (const auto& r : a.recipients)
        recipients.push_back(json::object{{"code", r.code}, {"delivery_id", r.delivery_id.str()}});
    return {{"id", a.id.str()},
            {"document_id", a.document_id},
            {"sha256", a.sha256.hex()},
            {"signature", to_string(a.signature)},
            {"recipients", std::move(recipients)},
            {"warnings", words(a.warnings)},
            {"receipt", a.receipt}};
}

void describe_hold(const store::held_mark& held, json::object& o) {
    if (held.kind == store::held_kind::no) {
        o["held"] = nullptr;
        return;
    }
    o["held"] = to_string(held.kind);
    // What Truc holds it holds for what a neighbour said.
    if (!held.by.empty()) o[held.kind == store::held_kind::by_truc ? "held_for" : "held_by"] = held.by;
    o["held_reason"] = held.reason;
    if (held.since) o["held_at"] = to_rfc3339(*held.since);
}

json::object describe_dispatch(const store::dispatch_row& d) {
    json::array deliveries;
    for (const auto& v : d.deliveries) {
        json::object o{{"code", v.recipient},
                       {"delivery_id", v.id.str()},
                       {"state", to_string(v.state)},
                       {"deadline", to_rfc3339(v.deadline)}};
        if (v.consigned_at) o["consigned_at"] = to_rfc3339(*v.consigned_at);
        if (v.ended_at) o["ended_at"] = to_rfc3339(*v.ended_at);
        if (!v.reason.empty()) o["reason"] = v.reason;
        if (v.copy_of) o["copy_of"] = v.copy_of->str();
        if (v.held.kind != store::held_kind::no) describe_hold(v.held, o);
        if (v.resent_from) o["resent_from"] = v.resent_from->str();
        if (!v.passed_to.empty()) o["passed_to"] = v.passed_to;
        if (v.attempts) o["attempts"] = v.attempts;
        if (v.next_at) o["next_at"] = to_rfc3339(*v.next_at);
        deliveries.push_back(std::move(o));
    }
    json::object o{{"id", d.id.str()},
                   {"origin", d.origin},
                   {"kind", to_string(d.kind)},
                   {"from", d.sender},
                   {"document_id", d.document_id},
                   {"code", d.code},
                   {"promulgation_date", d.promulgated},
                   {"subject", d.subject},
                   {"priority", to_string(d.priority)},
                   {"sha256", d.sha256.hex()},
                   {"size", d.size},
                   {"signature", to_string(d.signature)},
                   {"client", d.client},
                   {"entrance", to_string(d.entrance)},
                   {"accepted_at", to_rfc3339(d.accepted_at)},
                   {"warnings", words(d.warnings)},
                   {"recipients", std::move(deliveries)}};
    if (!d.status_code.empty()) o["status_code"] = d.status_code;
    if (d.business != business_type::new_document) {
        o["business"] = to_string(d.business);
        o["acts_on"] = words(d.acts_on);
    }
    return o;
}

json::object describe_item(const store::inbox_item& i) {
    return {{"delivery_id", i.delivery_id.str()},
            {"id", i.id.str()},
            {"document_id", i.document_id},
            {"kind", to_string(i.kind)},
            {"from", i.from},
            {"to", i.to},
            {"priority", to_string(i.priority)},
            {"sha256", i.sha256.hex()},
            {"size", i.size},
            {"consigned_at", to_rfc3339(i.consigned_at)}};
}

json::object describe_receipt(const std::string& event_id, event_name event, const std::string& xml) {
    return {{"event_id", event_id}, {"event", to_string(event)}, {"xml", xml}};
}

json::object describe_agency(const directory::agency& a) {
    json::object o{{"code", a.code.str()},
                   {"name", a.name},
                   {"node", a.node},
                   {"level", a.level},
                   {"parent", a.parent},
                   {"mail", a.mail},
                   {"aliases", texts(a.aliases)},
                   {"successors", texts(a.successors)},
                   {"certificates", digests_hex(a.certificates)}};
    if (!a.gateway.empty()) o["gateway"] = a.gateway;
    if (a.valid_from) o["valid_from"] = to_rfc3339(*a.valid_from);
    if (a.valid_to) o["valid_to"] = to_rfc3339(*a.valid_to);
    return o;
}

json::object describe_client(const directory::client& c) {
    json::array entrances;
    for (const auto e : c.entrances) entrances.emplace_back(to_string(e));
    return {{"id", c.id},
            {"agencies", texts(c.agencies)},
            {"entrances", std::move(entrances)},
            {"certificates", digests_hex(c.certificates)},
            {"disabled", c.disabled},
            {"gateway", c.gateway}};
}

json::array digests_hex(const std::vector<sha256_digest>& nodes) {
    json::array a;
    for (const auto& n : nodes) a.emplace_back(n.hex());
    return a;
}

json::object list_of(json::array items, json::value next) {
    return {{"items", std::move(items)}, {"next", std::move(next)}};
}

http::response content_answer(const http::request_head& head, store::content bytes, const sha256_digest& digest) {
    return http::make_ranged(head, std::make_shared<stored_content>(std::move(bytes)), "application/xml", digest.hex());
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size() || value > INT64_MAX) return std::nullopt;
    return value;
}

result<std::uint64_t> number_of(const http::request_head& head, std::string_view name, std::uint64_t otherwise) {
    const auto text = head.parameter(name);
    if (!text) return otherwise;
    const auto value = parse_number(*text);
    if (!value) return fail(errc::bad_request, std::string(name) + "=" + std::string(*text));
    return *value;
}

result<std::size_t> max_of(const http::request_head& head, std::size_t otherwise) {
    constexpr std::uint64_t most = 1000;
    const auto value = number_of(head, "max", otherwise);
    if (!value) return fail(value.error());
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(*value, 1, most));
}

result<uuid> id_of(std::string_view text) {
    const auto id = uuid::parse(text);
    if (!id) return fail(errc::not_found, std::string(text));
    return *id;
}

} // namespace truc::api
