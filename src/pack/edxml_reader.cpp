#include "elements.hpp"
#include "enclosure.hpp"

#include <truc/pack/edxml_record.hpp>
#include <truc/xml/elements.hpp>

#include <fmt/format.h>

namespace truc::pack {
namespace {

/// Routing has read the document before, and refused what is ambiguous for it. Of what is left nothing is a reason to
/// refuse a document that the exchange took: absent is empty, and of several the first one counts.
const xmlNode* child(const xmlNode* parent, std::string_view name) {
    return xml::first_child(parent, edxml_namespace, name);
}

std::string text(const xmlNode* parent, std::string_view name) {
    const auto* node = child(parent, name);
    return node ? xml::text_of(node) : std::string();
}

std::vector<std::string> texts(const xmlNode* parent, std::string_view list, std::string_view each) {
    std::vector<std::string> found;
    const auto* node = xml::first_child(child(parent, list), edxml_namespace, each);
    for (; node; node = xml::next_sibling(node, edxml_namespace, each)) found.push_back(xml::text_of(node));
    return found;
}

edxml_party read_party(const xmlNode* node) {
    return {text(node, "OrganId"),  text(node, "OrganName"), text(node, "OrganizationInCharge"),
            text(node, "OrganAdd"), text(node, "Email"),     text(node, "Telephone"),
            text(node, "Fax"),      text(node, "Website")};
}

edxml_staff read_staff(const xmlNode* parent) {
    const auto* node = child(parent, "StaffInfo");
    return {text(node, "Department"), text(node, "Staff"), text(node, "Mobile"), text(node, "Email")};
}

edxml_signer read_signer(const xmlNode* header) {
    const auto* node = child(header, "SignerInfo");
    return {text(node, "Competence"), text(node, "Position"), text(node, "FullName")};
}

/// Others may have left a trace, too.
std::string sent_by(const xmlNode* list, std::string_view sender) {
    const auto* first = child(list, "TraceHeader");
    for (const auto* t = first; t; t = xml::next_sibling(t, edxml_namespace, "TraceHeader"))
        if (text(t, "OrganId") == sender) return text(t, "Timestamp");
    return text(first, "Timestamp");
}

void read_other_info(const xmlNode* header, edxml_document& d) {
    const auto* other = child(header, "OtherInfo");
    d.sphere = text(other, "SphereOfPromulgation");
    d.typer_notation = text(other, "TyperNotation");
    d.promulgation_amount = text(other, "PromulgationAmount");
    d.page_amount = text(other, "PageAmount");
    d.appendixes = texts(other, "Appendixes", "Appendix");
}

void read_trace(const xmlNode* edxml_header, edxml_document& d) {
    const auto* list = child(edxml_header, "TraceHeaderList");
    const auto* business = child(list, "Bussiness");
    d.business_reason = text(business, "BussinessDocReason");
    d.paper = text(business, "Paper");
    d.staff = read_staff(business);
    d.sent = sent_by(list, d.from.code);
}

/// What routing reads has been read.
edxml_document document_of(const xmlNode* edxml_header, message&& m) {
    const auto* header = child(edxml_header, "MessageHeader");
    edxml_document d;
    d.from = read_party(child(header, "From"));
    for (const auto* to = child(header, "To"); to; to = xml::next_sibling(to, edxml_namespace, "To"))
        d.to.push_back(read_party(to));
    d.document_id = std::move(m.document_id);
    d.number = std::move(m.code_number);
    d.notation = std::move(m.code_notation);
    d.place = text(child(header, "PromulgationInfo"), "Place");
    d.promulgated = std::move(m.promulgation_date);
    const auto* type = child(header, "DocumentType");
    d.type = text(type, "Type");
    d.type_detail = text(type, "TypeDetail");
    d.type_name = text(type, "TypeName");
    d.subject = std::move(m.subject);
    d.content = text(header, "Content");
    d.signer = read_signer(header);
    d.due_date = text(header, "DueDate");
    d.priority = m.priority;
    read_other_info(header, d);
    d.response_for = std::move(m.response_for);
    d.steering_type = text(header, "SteeringType");
    d.to_places = texts(header, "ToPlaces", "Place");
    d.business = m.business;
    d.acts_on = std::move(m.acts_on);
    d.removed = std::move(m.removed);
    d.added = std::move(m.added);
    d.replaces = std::move(m.replaces);
    read_trace(edxml_header, d);
    return d;
}

result<void> read_files(const xmlNode* root, std::vector<attachment_info>&& infos, edxml_document& d) {
    for (auto& info : infos) {
        const bool wrapped = is_wrapped(info.content_type, info.name);
        d.attachments.push_back(
            {std::move(info.name), std::move(info.content_type), {}, std::move(info.description), wrapped});
    }
    std::size_t decoded = 0;
    return decode_attachments(root, [&](std::size_t i, std::string_view piece) -> result<void> {
        decoded += piece.size();
        if (decoded > most_decoded)
            return fail(errc::attachment_mismatch,
                        fmt::format("the attachments together unpack to more than {} MiB", most_decoded >> 20));
        d.attachments[i].bytes += piece;
        return {};
    });
}

edxml_status status_of(const xmlNode* edxml_header, message&& m) {
    const auto* header = child(edxml_header, "MessageHeader");
    edxml_status s;
    s.from = read_party(child(header, "From"));
    s.about = std::move(m.response_for.front());
    s.staff = read_staff(header);
    s.status_code = std::move(m.status_code);
    s.description = std::move(m.status_description);
    s.time = text(header, "Timestamp");
    return s;
}

} // namespace

result<edxml_record> read_edxml(std::string_view bytes) {
    const auto tree = xml::parse_small(bytes, {});
    if (!tree) return fail(tree.error());
    auto m = read_tree(tree->root());
    if (!m) return fail(m.error());
    const auto* header = child(child(tree->root(), "edXMLEnvelope"), "edXMLHeader");
    if (m->kind == dispatch_kind::status) return status_of(header, *std::move(m));
    auto infos = std::move(m->attachments);
    auto d = document_of(header, *std::move(m));
    if (const auto read = read_files(tree->root(), std::move(infos), d); !read) return fail(read.error());
    return d;
}

} // namespace truc::pack
