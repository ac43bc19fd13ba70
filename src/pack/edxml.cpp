#include "elements.hpp"
#include "enclosure.hpp"

#include <truc/dsig/verified_view.hpp>
#include <truc/pack/edxml.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace truc::pack {
namespace {

/// Puts a value that may have failed into its place.
template <class T, class U>
result<void> assign(T& place, result<U> value) {
    if (!value) return fail(std::move(value.error()));
    place = *std::move(value);
    return {};
}

result<organization> read_organization(const xmlNode* node) {
    auto written = required_text(node, "OrganId");
    if (!written) return fail(written.error());
    const auto code = agency_code::parse(*written);
    if (!code)
        return schema_fault(xml::first_child(node, edxml_namespace, "OrganId"),
                            fmt::format("'{}' is no agency code", *written));
    auto name = optional_text(node, "OrganName");
    if (!name) return fail(name.error());
    return organization{*code, *std::move(written), *std::move(name)};
}

result<void> read_from(const xmlNode* header, message& m) {
    const auto from = exactly_one(header, "From");
    if (!from) return fail(from.error());
    return assign(m.from, read_organization(*from));
}

result<void> read_recipients(const xmlNode* header, message& m) {
    std::unordered_set<agency_code> seen;
    const auto done = for_each(header, "To", [&](const xmlNode* node) -> result<void> {
        auto to = read_organization(node);
        if (!to) return fail(to.error());
        if (seen.insert(to->id).second) m.to.push_back(*std::move(to));
        return {};
    });
    if (done && m.to.empty()) return schema_fault(header, "To is missing");
    return done;
}

result<void> read_code(const xmlNode* header, message& m) {
    const auto code = exactly_one(header, "Code");
    if (!code) return fail(code.error());
    if (auto done = assign(m.code_number, optional_text(*code, "CodeNumber")); !done) return done;
    if (auto done = assign(m.code_notation, optional_text(*code, "CodeNotation")); !done) return done;
    if (m.code_number.empty() && m.code_notation.empty()) return schema_fault(*code, "Code is empty");
    return {};
}

/// The text of `name` below the optional element `parent`.
result<std::string> nested_text(const xmlNode* node, std::string_view parent, std::string_view name) {
    const auto found = at_most_one(node, parent);
    if (!found) return fail(found.error());
    return optional_text(*found, name);
}

/// An unknown urgency is no reason to refuse a document: it goes as a normal one.
result<void> read_priority(const xmlNode* header, message& m) {
    const auto text = nested_text(header, "OtherInfo", "Priority");
    if (!text) return fail(text.error());
    if (text->size() == 1 && *text >= "0" && *text <= "4") m.priority = static_cast<priority>(text->front() - '0');
    return {};
}

result<void> read_references(const xmlNode* header, message& m) {
    return for_each(header, "ResponseFor", [&](const xmlNode* node) -> result<void> {
        reference r;
        for (const auto& [name, field] : {std::pair{"OrganId", &r.organ_id},
                                          {"Code", &r.code},
                                          {"PromulgationDate", &r.promulgation_date},
                                          {"DocumentId", &r.document_id}})
            if (auto done = assign(*field, optional_text(node, name)); !done) return done;
        const bool none = r.organ_id.empty() && r.code.empty() && r.promulgation_date.empty() && r.document_id.empty();
        if (!none) m.response_for.push_back(std::move(r));
        return {};
    });
}

result<void> read_replacement(const xmlNode* node, message& m) {
    auto id = optional_text(node, "DocumentId");
    if (!id) return fail(id.error());
    if (id->empty()) return {};
    // The list may name a document twice, as the norm's sample does.
    if (std::ranges::find(m.acts_on, *id) == m.acts_on.end()) m.acts_on.push_back(*id);
    replaced_document replaced{*std::move(id), {}};
    const auto organs = at_most_one(node, "OrganIdList");
    if (!organs) return fail(organs.error());
    auto done = for_each(*organs, "OrganId", [&](const xmlNode* organ) -> result<void> {
        const auto written = xml::text_of(organ);
        if (written.empty()) return {};
        const auto code = agency_code::parse(written);
        if (!code) return schema_fault(organ, fmt::format("'{}' is no agency code", written));
        replaced.organs.push_back(*code);
        return {};
    });
    if (done) m.replaces.push_back(std::move(replaced));
    return done;
}

result<void> read_replaced(const xmlNode* business, message& m) {
    const auto list = at_most_one(business, "ReplacementInfoList");
    if (!list) return fail(list.error());
    return for_each(*list, "ReplacementInfo", [&](const xmlNode* node) { return read_replacement(node, m); });
}

result<void> read_receiver(const xmlNode* node, message& m) {
    auto changed = read_organization(node);
    if (!changed) return fail(changed.error());
    const auto type = required_text(node, "ReceiverType");
    if (!type) return fail(type.error());
    if (*type != "0" && *type != "1") return schema_fault(node, fmt::format("ReceiverType '{}' is not 0 or 1", *type));
    auto& these = *type == "1" ? m.added : m.removed;
    const auto& others = *type == "1" ? m.removed : m.added;
    if (std::ranges::find(others, changed->id) != others.end())
        return schema_fault(node, fmt::format("'{}' is both removed and added", changed->written_id));
    if (std::ranges::find(these, changed->id) == these.end()) these.push_back(changed->id);
    if (std::ranges::find(m.to, changed->id, &organization::id) == m.to.end()) m.to.push_back(*std::move(changed));
    return {};
}

/// BussinessDocumentInfo (2.2.3): whom an update takes the document from, and who gets it besides.
result<void> read_receivers(const xmlNode* business, message& m) {
    const auto info = at_most_one(business, "BussinessDocumentInfo");
    if (!info) return fail(info.error());
    const auto list = at_most_one(*info, "ReceiverList");
    if (!list) return fail(list.error());
    return for_each(*list, "Receiver", [&](const xmlNode* node) { return read_receiver(node, m); });
}

/// Exchanges on the way leave traces, too. Nothing depends on them but telling copies apart, so none is a reason to
/// refuse.
std::string read_sent(const xmlNode* list, const agency_code& sender) {
    const auto* trace = xml::first_child(list, edxml_namespace, "TraceHeader");
    for (; trace; trace = xml::next_sibling(trace, edxml_namespace, "TraceHeader")) {
        const auto by = agency_code::parse(optional_text(trace, "OrganId").value_or(""));
        if (by == sender) return optional_text(trace, "Timestamp").value_or("");
    }
    return {};
}

result<void> read_business(const xmlNode* header, message& m) {
    const auto list = at_most_one(header, "TraceHeaderList");
    if (!list) return fail(list.error());
    m.sent = read_sent(*list, m.from->id);
    const auto business = at_most_one(*list, "Bussiness");
    if (!business) return fail(business.error());
    const auto type = optional_text(*business, "BussinessDocType");
    if (!type) return fail(type.error());
    if (type->empty() || *type == "0") return {};
    if (type->size() != 1 || *type < "1" || *type > "3")
        return schema_fault(*business, fmt::format("BussinessDocType '{}' is not 0, 1, 2 or 3", *type));
    m.business = static_cast<business_type>(type->front() - '0');

    if (m.business == business_type::replace)
        if (auto done = read_replaced(*business, m); !done) return done;
    if (m.business == business_type::update)
        if (auto done = read_receivers(*business, m); !done) return done;
    if (!m.acts_on.empty()) return {};
    const auto earlier = optional_text(*business, "DocumentId");
    if (!earlier) return fail(earlier.error());
    m.acts_on.push_back(earlier->empty() ? m.document_id : *earlier);
    return {};
}

result<void> read_attachments(const xmlNode* root, message& m) {
    auto found = enclosures(root);
    if (!found) return fail(found.error());
    for (auto& e : *found) m.attachments.push_back(std::move(e.info));
    return {};
}

result<void> read_document(const xmlNode* root, const xmlNode* edxml_header, const xmlNode* header, message& m) {
    if (auto done = read_recipients(header, m); !done) return done;
    if (auto done = assign(m.document_id, required_text(header, "DocumentId")); !done) return done;
    if (auto done = read_code(header, m); !done) return done;
    if (auto done = assign(m.subject, required_text(header, "Subject")); !done) return done;
    if (auto done = assign(m.promulgation_date, nested_text(header, "PromulgationInfo", "PromulgationDate")); !done)
        return done;
    if (auto done = read_priority(header, m); !done) return done;
    if (auto done = read_references(header, m); !done) return done;
    if (auto done = read_business(edxml_header, m); !done) return done;
    return read_attachments(root, m);
}

bool is_status_code(std::string_view code) {
    constexpr std::array<std::string_view, 9> known{"01", "02", "03", "04", "05", "06", "13", "15", "16"};
    return std::ranges::find(known, code) != known.end();
}

/// A status goes to the sender of the one document it is about.
result<void> read_status_target(const xmlNode* header, message& m) {
    const auto node = exactly_one(header, "ResponseFor");
    if (!node) return fail(node.error());
    if (auto done = read_references(header, m); !done) return done;
    auto to = read_organization(*node);
    if (!to) return fail(to.error());
    m.to.push_back(*std::move(to));
    return assign(m.document_id, required_text(*node, "DocumentId"));
}

result<void> read_status(const xmlNode* header, message& m) {
    m.kind = dispatch_kind::status;
    if (auto done = assign(m.status_code, required_text(header, "StatusCode")); !done) return done;
    if (!is_status_code(m.status_code))
        return schema_fault(xml::first_child(header, edxml_namespace, "StatusCode"),
                            fmt::format("StatusCode '{}' is not known", m.status_code));
    if (auto done = assign(m.status_description, optional_text(header, "Description")); !done) return done;
    if (auto done = read_status_target(header, m); !done) return done;
    const bool needs_reason = m.status_code == "02" || m.status_code == "13";
    if (needs_reason && m.status_description.empty())
        return fail(error(errc::reason_missing, "status " + m.status_code, xml::location_of(header)));
    return {};
}

} // namespace

result<message> read_tree(const xmlNode* root) {
    if (!xml::is_element(root, edxml_namespace, "edXML"))
        return fail(
            error(errc::layout_unknown, "the root element is not edXML of QCVN 102:2016", xml::location_of(root)));
    const auto envelope = exactly_one(root, "edXMLEnvelope");
    if (!envelope) return fail(envelope.error());
    const auto edxml_header = exactly_one(*envelope, "edXMLHeader");
    if (!edxml_header) return fail(edxml_header.error());
    const auto header = exactly_one(*edxml_header, "MessageHeader");
    if (!header) return fail(header.error());

    message m;
    if (auto done = read_from(*header, m); !done) return fail(done.error());
    const bool status = xml::first_child(*header, edxml_namespace, "StatusCode") != nullptr;
    auto done = status ? read_status(*header, m) : read_document(root, *edxml_header, *header, m);
    if (!done) return fail(done.error());
    return m;
}

result<message> read(const dsig::verified_view& view) { return read_tree(view.root()); }

result<message> read_in_transit(std::string_view bytes) {
    const auto doc = xml::abridged_document::parse(bytes, longest_text);
    if (!doc) return fail(doc.error());
    return read_tree(doc->root());
}

} // namespace truc::pack
