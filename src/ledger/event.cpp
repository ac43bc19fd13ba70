#include "elements.hpp"
#include "text.hpp"

#include <truc/ledger/event.hpp>
#include <truc/xml/document.hpp>

#include <fmt/format.h>

namespace truc::ledger {

namespace {

constexpr std::size_t longest_node_name = 63;

bool is_node_name(std::string_view text) {
    const auto known = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= longest_node_name && std::all_of(text.begin(), text.end(), known);
}

std::optional<signature_outcome> signature_outcome_from(std::string_view text) {
    for (const auto s : {signature_outcome::valid, signature_outcome::absent, signature_outcome::not_verifiable})
        if (to_string(s) == text) return s;
    return std::nullopt;
}

void append_optional(std::string_view name, std::string_view text, std::string& out) {
    if (!text.empty()) append_element(name, text, out);
}

/// Puts what was read into `target`; false when there was nothing that could be understood.
template <class Target, class Value>
bool set(Target& target, Value&& read) {
    if (!read) return false;
    target = *std::forward<Value>(read);
    return true;
}

/// One child of <Event>. Unknown ones come from newer nodes and are passed over.
bool read_child(std::string_view name, const std::string& text, event& e) {
    if (name == "Name") return set(e.name, event_name_from(text));
    if (name == "Time") return set(e.time, from_rfc3339(text));
    if (name == "DispatchId") return set(e.dispatch_id, uuid::parse(text));
    if (name == "DeliveryId") return set(e.delivery_id, uuid::parse(text));
    if (name == "Sha256") return set(e.sha256, sha256_digest::from_hex(text));
    if (name == "Signature") return set(e.signature, signature_outcome_from(text));
    if (name == "Node") return text == e.log.node;
    if (name == "DocumentId") e.document_id = text;
    if (name == "From") e.from = text;
    if (name == "Channel") e.channel = text;
    if (name == "Reason") e.reason = text;
    if (name == "To") e.to.push_back(text);
    if (name == "Answers") e.answers.push_back(text);
    return true;
}

bool may_repeat(std::string_view name) { return name == "To" || name == "Answers"; }

/// Reads `<log id>.<leaf>`.
bool read_id(std::string_view id, event& e) {
    const auto dot = id.rfind('.');
    if (dot == std::string_view::npos) return false;
    return set(e.log, log_id::parse(id.substr(0, dot))) &&
           set(e.leaf, parse_decimal<std::uint64_t>(id.substr(dot + 1)));
}

result<event> read_event(const xmlNode* root) {
    if (!xml::is_element(root, receipt_namespace, "Event")) return fail(errc::schema, "expected Event");
    event e;
    if (!read_id(attribute(root, "Id").value_or(std::string()), e)) return fail(errc::schema, "Event/@Id");
    std::vector<std::string_view> seen;
    for (const xmlNode* child = first_element(root); child; child = next_element(child)) {
        if (namespace_of(child) != receipt_namespace) continue;
        const auto name = local_name(child);
        const auto text = plain_text(child);
        const bool repeated = !may_repeat(name) && std::find(seen.begin(), seen.end(), name) != seen.end();
        if (repeated || !text || !read_child(name, *text, e)) return fail(errc::schema, fmt::format("Event/{}", name));
        seen.push_back(name);
    }
    for (const std::string_view mandatory : {"Name", "Time", "Node"})
        if (std::find(seen.begin(), seen.end(), mandatory) == seen.end())
            return fail(errc::schema, fmt::format("Event without {}", mandatory));
    return e;
}

} // namespace

std::string log_id::str() const { return fmt::format("{}.{}", node, epoch); }

std::optional<log_id> log_id::parse(std::string_view text) {
    const auto dot = text.rfind('.');
    if (dot == std::string_view::npos || !is_node_name(text.substr(0, dot))) return std::nullopt;
    const auto epoch = parse_decimal<std::uint32_t>(text.substr(dot + 1));
    if (!epoch || *epoch == 0) return std::nullopt;
    return log_id{std::string(text.substr(0, dot)), *epoch};
}

std::string event::id() const { return fmt::format("{}.{}.{}", log.node, log.epoch, leaf); }

void append_text(const event& e, std::string& out) {
    out.append("<Event xmlns=\"").append(receipt_namespace).append("\" Id=\"");
    append_attribute_value(e.id(), out);
    out.append("\">");
    append_element("Name", to_string(e.name), out);
    append_element("Time", to_rfc3339(e.time), out);
    append_element("Node", e.log.node, out);
    if (e.dispatch_id) append_element("DispatchId", e.dispatch_id->str(), out);
    if (e.delivery_id) append_element("DeliveryId", e.delivery_id->str(), out);
    append_optional("DocumentId", e.document_id, out);
    append_optional("From", e.from, out);
    for (const auto& to : e.to) append_element("To", to, out);
    if (e.sha256) append_element("Sha256", e.sha256->hex(), out);
    if (e.signature) append_element("Signature", to_string(*e.signature), out);
    append_optional("Channel", e.channel, out);
    for (const auto& answered : e.answers) append_element("Answers", answered, out);
    append_optional("Reason", e.reason, out);
    out.append("</Event>");
}

result<event> parse_event(std::string_view xml) {
    const auto doc = parse_small(xml);
    if (!doc) return fail(doc.error());
    return read_event(doc->root());
}

} // namespace truc::ledger
