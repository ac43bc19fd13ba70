#include "enclosure.hpp"

#include <truc/base/bytes.hpp>
#include <truc/base/uuid.hpp>
#include <truc/pack/edxml_record.hpp>
#include <truc/pack/wrapping.hpp>
#include <truc/xml/escape.hpp>

#include <fmt/format.h>

#include <initializer_list>
#include <utility>

namespace truc::pack {
namespace {

constexpr std::string_view opening = R"(<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXML:edXMLHeader><edXML:MessageHeader>
)";

/// Appends elements of edXML's namespace. Names are ours; texts are escaped; what is empty is left out.
class writer {
  public:
    using field = std::pair<std::string_view, std::string_view>; ///< name and text

    explicit writer(std::string& out) : out_(out) {}

    void raw(std::string_view text) { out_ += text; }
    void open(std::string_view name) { out_.append("<edXML:").append(name).append(">"); }
    void close(std::string_view name) { out_.append("</edXML:").append(name).append(">\n"); }
    void element(std::string_view name, std::string_view text) {
        if (text.empty()) return;
        open(name);
        xml::append_text_content(text, out_);
        close(name);
    }
    void group(std::string_view name, std::initializer_list<field> fields) {
        bool opened = false;
        for (const auto& [child, text] : fields) {
            if (text.empty()) continue;
            if (!std::exchange(opened, true)) open(name);
            element(child, text);
        }
        if (opened) close(name);
    }
    void list(std::string_view name, std::string_view each, const std::vector<std::string>& texts) {
        if (texts.empty()) return;
        open(name);
        for (const auto& text : texts) element(each, text);
        close(name);
    }
    /// Without prefix, as children of AttachmentEncoded are.
    void plain(std::string_view name, std::string_view text) {
        if (text.empty()) return;
        out_.append("<").append(name).append(">");
        xml::append_text_content(text, out_);
        out_.append("</").append(name).append(">");
    }

  private:
    std::string& out_;
};

void write_party(writer& w, std::string_view name, const edxml_party& p) {
    w.group(name, {{"OrganId", p.code},
                   {"OrganizationInCharge", p.in_charge},
                   {"OrganName", p.name},
                   {"OrganAdd", p.address},
                   {"Email", p.email},
                   {"Telephone", p.telephone},
                   {"Fax", p.fax},
                   {"Website", p.website}});
}

void write_reference(writer& w, const reference& r) {
    w.group("ResponseFor", {{"OrganId", r.organ_id},
                            {"Code", r.code},
                            {"PromulgationDate", r.promulgation_date},
                            {"DocumentId", r.document_id}});
}

void write_other_info(writer& w, const edxml_document& d) {
    w.open("OtherInfo");
    w.element("Priority", std::to_string(static_cast<int>(d.priority)));
    w.element("SphereOfPromulgation", d.sphere);
    w.element("TyperNotation", d.typer_notation);
    w.element("PromulgationAmount", d.promulgation_amount);
    w.element("PageAmount", d.page_amount);
    w.list("Appendixes", "Appendix", d.appendixes);
    w.close("OtherInfo");
}

void write_header(writer& w, const edxml_document& d) {
    write_party(w, "From", d.from);
    for (const auto& to : d.to) write_party(w, "To", to);
    w.element("DocumentId", d.document_id.empty() ? d.usual_document_id() : d.document_id);
    w.group("Code", {{"CodeNumber", d.number}, {"CodeNotation", d.notation}});
    w.group("PromulgationInfo", {{"Place", d.place}, {"PromulgationDate", d.promulgated}});
    w.group("DocumentType", {{"Type", d.type}, {"TypeDetail", d.type_detail}, {"TypeName", d.type_name}});
    w.element("Subject", d.subject);
    w.element("Content", d.content);
    w.group("SignerInfo",
            {{"Competence", d.signer.competence}, {"Position", d.signer.position}, {"FullName", d.signer.full_name}});
    w.element("DueDate", d.due_date);
    write_other_info(w, d);
    for (const auto& r : d.response_for) write_reference(w, r);
    w.element("SteeringType", d.steering_type);
    w.list("ToPlaces", "Place", d.to_places);
}

void write_receivers(writer& w, const edxml_document& d) {
    if (d.removed.empty() && d.added.empty()) return;
    w.open("BussinessDocumentInfo");
    w.element("DocumentInfo", "0");
    w.element("DocumentReceiver", "1");
    w.open("ReceiverList");
    for (const auto& code : d.removed) w.group("Receiver", {{"OrganId", code.str()}, {"ReceiverType", "0"}});
    for (const auto& code : d.added) w.group("Receiver", {{"OrganId", code.str()}, {"ReceiverType", "1"}});
    w.close("ReceiverList");
    w.close("BussinessDocumentInfo");
}

void write_replaced(writer& w, const edxml_document& d) {
    if (d.replaces.empty()) return;
    w.open("ReplacementInfoList");
    for (const auto& r : d.replaces) {
        w.open("ReplacementInfo");
        w.element("DocumentId", r.document_id);
        std::vector<std::string> organs;
        for (const auto& code : r.organs) organs.push_back(code.str());
        w.list("OrganIdList", "OrganId", organs);
        w.close("ReplacementInfo");
    }
    w.close("ReplacementInfoList");
}

void write_trace_header(writer& w, const edxml_document& d) {
    w.open("TraceHeaderList");
    w.group("TraceHeader", {{"OrganId", d.from.code}, {"Timestamp", d.sent}});
    w.open("Bussiness");
    w.element("BussinessDocType", std::to_string(static_cast<int>(d.business)));
    w.element("BussinessDocReason", d.business_reason);
    write_receivers(w, d);
    if (!d.acts_on.empty()) w.element("DocumentId", d.acts_on.front());
    w.element("Paper", d.paper);
    w.group("StaffInfo", {{"Department", d.staff.department},
                          {"Staff", d.staff.staff},
                          {"Email", d.staff.email},
                          {"Mobile", d.staff.mobile}});
    write_replaced(w, d);
    w.close("Bussiness");
    w.close("TraceHeaderList");
}

/// How readers have to see it so that they get the file back: whatever is called a zip and has another name is
/// unwrapped.
std::string_view enclosed_type(const edxml_attachment& a) {
    constexpr std::string_view zip = "application/zip";
    if (a.wrapped && is_wrapped(zip, a.name)) return zip;
    return a.content_type.empty() ? "application/octet-stream" : std::string_view(a.content_type);
}

void write_manifest(writer& w, const std::vector<edxml_attachment>& attachments) {
    w.raw("<edXML:edXMLBody><edXML:edXMLManifest version=\"1.0\">\n");
    for (std::size_t i = 0; i < attachments.size(); ++i) {
        const auto& a = attachments[i];
        w.group("Reference", {{"ContentId", fmt::format("cid:{}", i + 1)},
                              {"ContentType", enclosed_type(a)},
                              {"Description", a.description},
                              {"AttachmentName", a.name}});
    }
    w.raw("</edXML:edXMLManifest></edXML:edXMLBody>\n");
}

/// The entry of the zip is called by a UUID, as the SDK does it; this one is made of the file, so that the same
/// document gives the same bytes.
result<std::string> enclosed_bytes(const edxml_attachment& a) {
    if (!is_wrapped(enclosed_type(a), a.name)) return to_base64(a.bytes);
    const auto digest = sha256(a.bytes);
    const auto zip = wrap_file(a.bytes, uuid::from_bytes(digest.view().substr(0, 16))->str());
    if (!zip) return fail(zip.error());
    return to_base64(*zip);
}

/// AttachmentEncoded is the envelope's sibling and carries no prefix, as the Java SDK writes it.
result<void> write_attachments(writer& w, const std::vector<edxml_attachment>& attachments) {
    w.raw("<AttachmentEncoded>\n");
    for (std::size_t i = 0; i < attachments.size(); ++i) {
        const auto& a = attachments[i];
        const auto encoded = enclosed_bytes(a);
        if (!encoded) return fail(encoded.error());
        w.raw("<Attachment>");
        w.plain("ContentId", fmt::format("cid:{}", i + 1));
        w.plain("AttachmentName", a.name);
        w.plain("Description", a.description);
        w.plain("ContentType", enclosed_type(a));
        w.raw("<edXML:ContentTransferEncoded xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">");
        w.raw(*encoded);
        w.raw("</edXML:ContentTransferEncoded></Attachment>\n");
    }
    w.raw("</AttachmentEncoded>\n");
    return {};
}

} // namespace

std::string edxml_time(timestamp t) {
    auto text = to_rfc3339(t).substr(0, 19);
    text[4] = text[7] = '/';
    text[10] = ' ';
    return text;
}

std::string edxml_date(timestamp t) { return edxml_time(t).substr(0, 10); }

std::string edxml_document::usual_document_id() const {
    return fmt::format("{},{},{}/{}", from.code, promulgated, number, notation);
}

result<std::string> write_edxml(const edxml_document& d) {
    std::string out(opening);
    writer w(out);
    write_header(w, d);
    w.close("MessageHeader");
    write_trace_header(w, d);
    w.close("edXMLHeader");
    if (!d.attachments.empty()) write_manifest(w, d.attachments);
    w.close("edXMLEnvelope");
    if (!d.attachments.empty())
        if (const auto written = write_attachments(w, d.attachments); !written) return fail(written.error());
    w.raw("</edXML>\n");
    return out;
}

std::string write_edxml(const edxml_status& s) {
    std::string out(opening);
    writer w(out);
    write_party(w, "From", s.from);
    write_reference(w, s.about);
    w.group("StaffInfo", {{"Department", s.staff.department},
                          {"Staff", s.staff.staff},
                          {"Mobile", s.staff.mobile},
                          {"Email", s.staff.email}});
    w.element("StatusCode", s.status_code);
    w.element("Description", s.description);
    w.element("Timestamp", s.time);
    w.close("MessageHeader");
    w.raw("</edXML:edXMLHeader></edXML:edXMLEnvelope></edXML>\n");
    return out;
}

} // namespace truc::pack
