#include <truc/base/decimal.hpp>
#include <truc/model/agency_code.hpp>
#include <truc/model/traceparent.hpp>
#include <truc/pack/envelope_text.hpp>
#include <truc/xml/elements.hpp>

#include <fmt/format.h>

#include <unordered_set>

namespace truc::pack {
namespace {

/// With everything else at its limit an envelope still fits, so that what was read can be passed on.
constexpr std::size_t longest_extra = std::size_t{48} << 10;
constexpr std::size_t most_unknown = 32; ///< elements; each is canonicalised apart from the others

constexpr xml::limits envelope_limits{
    .bytes = longest_envelope, .depth = 16, .attributes = 8, .attribute_value = 256, .nodes = 10'000};

bool read_dispatch_id(const xmlNode* node, envelope& e) {
    const auto text = xml::plain_text(node);
    const auto id = text ? uuid::parse(*text) : std::nullopt;
    if (!id || xml::attribute_count(node) != 0) return false;
    e.dispatch_id = *id;
    return true;
}

bool read_priority(const xmlNode* node, envelope& e) {
    const auto text = xml::plain_text(node);
    const auto known = text ? priority_from(*text) : std::nullopt;
    if (!known || xml::attribute_count(node) != 0) return false;
    e.priority = *known;
    return true;
}

bool read_hop(const xmlNode* node, envelope& e) {
    const auto text = xml::plain_text(node);
    if (!text || !is_node_name(*text) || xml::attribute_count(node) != 0) return false;
    e.hops.push_back(*text);
    return true;
}

bool read_section(const xmlNode* node, envelope& e) {
    const auto name = xml::attribute(node, "node");
    const auto version = parse_decimal<std::uint64_t>(xml::attribute(node, "version").value_or(std::string()));
    if (node->children || xml::attribute_count(node) != 2) return false;
    if (!name || !is_node_name(*name) || !version) return false;
    return e.sections.emplace(*name, *version).second;
}

bool read_delivery(const xmlNode* node, envelope& e) {
    const auto id = uuid::parse(xml::attribute(node, "id").value_or(std::string()));
    const auto to = xml::attribute(node, "to").value_or(std::string());
    const auto deadline = from_rfc3339(xml::attribute(node, "deadline").value_or(std::string()));
    const auto code = agency_code::parse(to);
    if (node->children || xml::attribute_count(node) != 3) return false;
    if (!id || !deadline || !code || code->str() != to) return false;
    e.deliveries.push_back({*id, to, *deadline});
    return true;
}

/// What an envelope consists of, in this order; unknown elements come last.
struct part {
    std::string_view name;
    bool (*read)(const xmlNode*, envelope&); ///< false: it does not fit
    std::size_t least;
    std::size_t most;
};
constexpr part parts[] = {{"DispatchId", read_dispatch_id, 1, 1},
                          {"Priority", read_priority, 1, 1},
                          {"Hop", read_hop, 1, most_hops},
                          {"Section", read_section, 0, most_sections},
                          {"Delivery", read_delivery, 1, most_deliveries}};

tl::unexpected<error> bad(const xmlNode* node, std::string what) {
    return fail(error(errc::envelope_invalid, std::move(what), xml::location_of(node)));
}

/// Takes the elements of one kind that stand next.
result<const xmlNode*> read_part(const part& p, const xmlNode* parent, const xmlNode* next, envelope& e) {
    std::size_t count = 0;
    for (; xml::is_element(next, envelope_namespace, p.name); next = xml::next_element(next)) {
        if (++count > p.most) return bad(next, fmt::format("more than {} {}", p.most, p.name));
        if (!p.read(next, e)) return bad(next, std::string(p.name));
    }
    if (count < p.least) return bad(parent, fmt::format("{} is missing", p.name));
    return next;
}

bool is_known(const xmlNode* node) {
    return std::any_of(std::begin(parts), std::end(parts),
                       [&](const part& p) { return xml::is_element(node, envelope_namespace, p.name); });
}

/// Written by an origin for the logs of all nodes; nothing is decided by it, so nothing is refused for it.
bool take_trace(const xmlNode* node, envelope& e) {
    if (!xml::is_element(node, trace_namespace, "TraceParent")) return false;
    const auto text = xml::plain_text(node);
    if (const auto read = text ? read_traceparent(*text) : std::nullopt; read && e.traceparent.empty())
        e.traceparent = *read;
    return true;
}

result<void> read_extra(const xmlNode* next, envelope& e) {
    for (std::size_t count = 0; next; next = xml::next_element(next)) {
        if (take_trace(next, e)) continue;
        if (is_known(next)) return bad(next, fmt::format("{} out of its place", xml::local_name(next)));
        auto text = xml::canonical(next);
        if (!text) return fail(std::move(text.error()));
        if (++count > most_unknown || e.extra.size() + text->size() > longest_extra)
            return bad(next, "more unknown elements than are carried");
        e.extra += *text;
    }
    return {};
}

/// Two deliveries with one id, or to one recipient, could not be told apart.
result<void> check_deliveries(const envelope& e) {
    std::unordered_set<uuid> ids;
    std::unordered_set<std::string_view> recipients;
    for (const auto& d : e.deliveries) {
        if (!ids.insert(d.id).second) return fail(errc::envelope_invalid, "two deliveries " + d.id.str());
        if (!recipients.insert(d.recipient).second)
            return fail(errc::envelope_invalid, "two deliveries to " + d.recipient);
    }
    return {};
}

} // namespace

std::string write_envelope(const envelope& e) {
    std::string text = fmt::format("<Envelope xmlns=\"{}\"><DispatchId>{}</DispatchId><Priority>{}</Priority>",
                                   envelope_namespace, e.dispatch_id.str(), to_string(e.priority));
    for (const auto& hop : e.hops) text += fmt::format("<Hop>{}</Hop>", hop);
    for (const auto& [node, version] : e.sections)
        text += fmt::format("<Section node=\"{}\" version=\"{}\"></Section>", node, version);
    for (const auto& d : e.deliveries)
        text += fmt::format("<Delivery deadline=\"{}\" id=\"{}\" to=\"{}\"></Delivery>", to_rfc3339(d.deadline),
                            d.id.str(), d.recipient);
    if (!e.traceparent.empty())
        text += fmt::format("<TraceParent xmlns=\"{}\">{}</TraceParent>", trace_namespace, e.traceparent);
    return text.append(e.extra).append("</Envelope>");
}

result<envelope> read_envelope(std::string_view text) {
    const auto doc = xml::parse_small(text, envelope_limits);
    if (!doc) return fail(doc.error());
    const xmlNode* const root = doc->root();
    if (!xml::is_element(root, envelope_namespace, "Envelope")) return bad(root, "not an Envelope of version 1");
    if (!xml::has_elements_only(root) || xml::attribute_count(root) != 0) return bad(root, "form of Envelope");
    envelope e;
    const xmlNode* next = xml::first_element(root);
    for (const auto& p : parts) {
        const auto rest = read_part(p, root, next, e);
        if (!rest) return fail(rest.error());
        next = *rest;
    }
    if (auto done = read_extra(next, e); !done) return fail(std::move(done.error()));
    if (auto done = check_deliveries(e); !done) return fail(std::move(done.error()));
    return e;
}

} // namespace truc::pack
