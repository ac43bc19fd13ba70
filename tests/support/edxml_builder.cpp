#include "edxml_builder.hpp"

#include <truc/base/bytes.hpp>

#include <fmt/format.h>

#include <random>

namespace truc::test {
namespace {

constexpr std::string_view ns = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else
            out += c;
    }
    return out;
}

std::string element(std::string_view name, std::string_view text) {
    return fmt::format("<edXML:{0}>{1}</edXML:{0}>", name, escaped(text));
}

std::string organization(std::string_view tag, std::string_view code) {
    return fmt::format("<edXML:{0}>{1}{2}</edXML:{0}>\n", tag, element("OrganId", code),
                       element("OrganName", fmt::format("Cơ quan {}", code)));
}

/// `header` stands in MessageHeader; the others after it, after the header and after the envelope.
std::string message(std::string_view header, std::string_view trace, std::string_view body, std::string_view enclosed) {
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<edXML xmlns=\"{0}\">\n"
                       "<edXML:edXMLEnvelope xmlns:edXML=\"{0}\">\n<edXML:edXMLHeader>\n"
                       "<edXML:MessageHeader>\n{1}</edXML:MessageHeader>\n{2}</edXML:edXMLHeader>\n{3}"
                       "</edXML:edXMLEnvelope>\n{4}</edXML>\n",
                       ns, header, trace, body, enclosed);
}

std::string header_of(const edxml_document& d) {
    std::string out = organization("From", d.from);
    for (const auto& to : d.to) out += organization("To", to);
    const auto id =
        d.document_id.empty() ? fmt::format("{},{},{}/{}", d.from, d.date, d.number, d.notation) : d.document_id;
    out += element("DocumentId", id) + "\n";
    out += "<edXML:Code>" + element("CodeNumber", d.number) + element("CodeNotation", d.notation) + "</edXML:Code>\n";
    out += "<edXML:PromulgationInfo>" + element("Place", "Ninh Thuận") + element("PromulgationDate", d.date) +
           "</edXML:PromulgationInfo>\n";
    out += "<edXML:DocumentType>" + element("Type", "18") + element("TypeName", "Công văn") + "</edXML:DocumentType>\n";
    out += element("Subject", d.subject) + "\n";
    out += "<edXML:OtherInfo>" + element("Priority", std::to_string(d.priority)) + "</edXML:OtherInfo>\n";
    return out;
}

std::string nested(std::string_view name, std::string_view xml) {
    return fmt::format("<edXML:{0}>{1}</edXML:{0}>", name, xml);
}

std::string receivers_of(const edxml_document& d) {
    if (d.removed.empty() && d.added.empty()) return {};
    std::string list;
    for (const auto& code : d.removed)
        list += nested("Receiver", element("OrganId", code) + element("ReceiverType", "0"));
    for (const auto& code : d.added)
        list += nested("Receiver", element("OrganId", code) + element("ReceiverType", "1"));
    return nested("BussinessDocumentInfo", element("DocumentReceiver", "1") + nested("ReceiverList", list));
}

std::string replaced_by(const edxml_document& d) {
    std::string list;
    for (const auto& [id, organs] : d.replaces) {
        std::string codes;
        for (const auto& code : organs) codes += element("OrganId", code);
        list += nested("ReplacementInfo", element("DocumentId", id) + nested("OrganIdList", codes));
    }
    return list.empty() ? list : nested("ReplacementInfoList", list);
}

std::string trace_of(const edxml_document& d) {
    std::string business = element("BussinessDocType", std::to_string(d.business));
    if (d.acts_on) business += element("DocumentId", *d.acts_on);
    business += receivers_of(d) + replaced_by(d);
    return "<edXML:TraceHeaderList><edXML:TraceHeader>" + element("OrganId", d.from) +
           element("Timestamp", d.date + " 09:12:00") + "</edXML:TraceHeader><edXML:Bussiness>" + business +
           "</edXML:Bussiness></edXML:TraceHeaderList>\n";
}

std::string body_of(const edxml_document& d) {
    if (d.attachments.empty()) return {};
    std::string out = "<edXML:edXMLBody><edXML:edXMLManifest version=\"1.0\">\n";
    for (const auto& a : d.attachments)
        out += "<edXML:Reference>" + element("ContentId", "cid:" + a.content_id) +
               element("ContentType", a.content_type) + element("AttachmentName", a.name) + "</edXML:Reference>\n";
    return out + "</edXML:edXMLManifest></edXML:edXMLBody>\n";
}

std::string enclosed_of(const edxml_document& d) {
    if (d.attachments.empty()) return {};
    std::string out = "<AttachmentEncoded>\n";
    for (const auto& a : d.attachments)
        out += fmt::format(
            "<Attachment><ContentId>cid:{}</ContentId><AttachmentName>{}</AttachmentName>"
            "<ContentType>{}</ContentType><ContentTransferEncoded>{}</ContentTransferEncoded></Attachment>\n",
            escaped(a.content_id), escaped(a.name), escaped(a.content_type), to_base64(a.bytes));
    return out + "</AttachmentEncoded>\n";
}

} // namespace

std::string build(const edxml_document& d) { return message(header_of(d), trace_of(d), body_of(d), enclosed_of(d)); }

std::string build(const edxml_status& s) {
    const std::string header = organization("From", s.from) + "<edXML:ResponseFor>" + element("OrganId", s.to) +
                               element("Code", s.document_code) + element("PromulgationDate", "2024/03/05") +
                               element("DocumentId", s.document_id) + "</edXML:ResponseFor>\n" +
                               element("StatusCode", s.code) + element("Description", s.description) +
                               element("Timestamp", "2024/03/05 10:01:00") + "\n";
    return message(header, {}, {}, {});
}

std::string build_of_size(edxml_document d, std::size_t size, unsigned seed) {
    auto& file = d.attachments.emplace_back();
    file.content_id = "fill";
    const std::size_t bare = build(d).size();
    if (size > bare) {
        std::mt19937 random(seed);
        file.bytes.resize((size - bare + 3) / 4 * 3);
        for (char& c : file.bytes) c = static_cast<char>(random());
    }
    return build(d);
}

} // namespace truc::test
