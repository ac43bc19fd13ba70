#include "evidence_limits.hpp"
#include "text.hpp"

#include <truc/base/decimal.hpp>
#include <truc/ledger/event.hpp>
#include <truc/xml/elements.hpp>
#include <truc/xml/escape.hpp>

#include <fmt/format.h>

namespace truc::ledger {

namespace {

std::optional<signature_outcome> signature_outcome_from(std::string_view text) {
    for (const auto s : {signature_outcome::valid, signature_outcome::absent, signature_outcome::not_verifiable})
        if (to_string(s) == text) return s;
    return std::nullopt;
}

/// xs:boolean as it is written here.
std::optional<bool> truth_from(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
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

bool keep(std::string& target, const std::string& text) {
    target = text;
    return true;
}

bool add(std::vector<std::string>& target, const std::string& text) {
    target.push_back(text);
    return true;
}

/// A name that this version does not know is kept as it stands, if it has the form of one (receipt.xsd, event_name).
bool read_name(const std::string& text, event& e) {
    constexpr std::size_t longest_name = 64;
    const auto known = event_name_from(text);
    e.name = known.value_or(event_name::other);
    if (known) return true;
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    if (text.empty() || text.size() > longest_name || text.front() > 'Z' ||
        !std::all_of(text.begin(), text.end(), is_letter))
        return false;
    return keep(e.other_name, text);
}

/// What <Event> may hold and how it is read; false from `read` when the text cannot be understood.
struct known_child {
    std::string_view name;
    bool (*read)(const std::string& text, event& e);
    bool mandatory = false;
    bool repeats = false;
};

constexpr known_child known_children[] = {
    {"Name", read_name, true},
    {"Time", [](const std::string& text, event& e) { return set(e.time, from_rfc3339(text)); }, true},
    {"Node", [](const std::string& text, event& e) { return text == e.log.node; }, true},
    {"DispatchId", [](const std::string& text, event& e) { return set(e.dispatch_id, uuid::parse(text)); }},
    {"DeliveryId", [](const std::string& text, event& e) { return set(e.delivery_id, uuid::parse(text)); }},
    {"DocumentId", [](const std::string& text, event& e) { return keep(e.document_id, text); }},
    {"From", [](const std::string& text, event& e) { return keep(e.from, text); }},
    {"To", [](const std::string& text, event& e) { return add(e.to, text); }, false, true},
    {"Sha256", [](const std::string& text, event& e) { return set(e.sha256, sha256_digest::from_hex(text)); }},
    {"Signature", [](const std::string& text, event& e) { return set(e.signature, signature_outcome_from(text)); }},
    {"SignedOnBehalf", [](const std::string& text, event& e) { return set(e.signed_on_behalf, truth_from(text)); }},
    {"Channel", [](const std::string& text, event& e) { return keep(e.channel, text); }},
    {"Answers", [](const std::string& text, event& e) { return add(e.answers, text); }, false, true},
    {"Reason", [](const std::string& text, event& e) { return keep(e.reason, text); }},
};

/// Index in the table; nullopt for a child that this version does not know.
std::optional<std::size_t> known_index(const xmlNode* child) {
    if (xml::namespace_of(child) != receipt_namespace) return std::nullopt;
    for (std::size_t i = 0; i < std::size(known_children); ++i)
        if (known_children[i].name == xml::local_name(child)) return i;
    return std::nullopt;
}

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
    if (!read_id(xml::attribute(root, "Id").value_or(std::string()), e)) return fail(errc::schema, "Event/@Id");
    std::array<bool, std::size(known_children)> seen{};
    for (const xmlNode* child = xml::first_element(root); child; child = xml::next_element(child)) {
        const auto index = known_index(child);
        if (!index) continue; // from a newer node
        const auto& known = known_children[*index];
        const auto text = xml::plain_text(child);
        const bool repeated = seen[*index] && !known.repeats;
        if (repeated || !text || !known.read(*text, e)) return fail(errc::schema, fmt::format("Event/{}", known.name));
        seen[*index] = true;
    }
    for (std::size_t i = 0; i < seen.size(); ++i)
        if (known_children[i].mandatory && !seen[i])
            return fail(errc::schema, fmt::format("Event without {}", known_children[i].name));
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

std::string_view event::name_text() const { return name == event_name::other ? other_name : to_string(name); }

std::string event::id() const { return fmt::format("{}.{}.{}", log.node, log.epoch, leaf); }

void append_text(const event& e, std::string& out) {
    out.append("<Event xmlns=\"").append(receipt_namespace).append("\" Id=\"");
    xml::append_attribute_value(e.id(), out);
    out.append("\">");
    append_element("Name", e.name_text(), out);
    append_element("Time", to_rfc3339(e.time), out);
    append_element("Node", e.log.node, out);
    if (e.dispatch_id) append_element("DispatchId", e.dispatch_id->str(), out);
    if (e.delivery_id) append_element("DeliveryId", e.delivery_id->str(), out);
    append_optional("DocumentId", e.document_id, out);
    append_optional("From", e.from, out);
    for (const auto& to : e.to) append_element("To", to, out);
    if (e.sha256) append_element("Sha256", e.sha256->hex(), out);
    if (e.signature) append_element("Signature", to_string(*e.signature), out);
    if (e.signed_on_behalf) append_element("SignedOnBehalf", "true", out);
    append_optional("Channel", e.channel, out);
    for (const auto& answered : e.answers) append_element("Answers", answered, out);
    append_optional("Reason", e.reason, out);
    out.append("</Event>");
}

result<event> parse_event(std::string_view text) {
    const auto doc = xml::parse_small(text, evidence_limits);
    if (!doc) return fail(doc.error());
    return read_event(doc->root());
}

} // namespace truc::ledger
