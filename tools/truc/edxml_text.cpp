#include "edxml_text.hpp"

#include "words.hpp"

#include <truc/base/bytes.hpp>

namespace truc::cli {

namespace {

constexpr std::string_view opening = R"(<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXML:edXMLHeader><edXML:MessageHeader>
)";

/// Appends elements of edXML's namespace. Names are ours; texts are escaped.
class writer {
  public:
    explicit writer(std::string& out) : out_(out) {}

    void open(std::string_view name) { out_.append("<edXML:").append(name).append(">"); }
    void close(std::string_view name) { out_.append("</edXML:").append(name).append(">\n"); }
    void element(std::string_view name, std::string_view text) {
        open(name);
        escape(text);
        close(name);
    }
    void party(std::string_view name, const edxml_party& p) {
        open(name);
        element("OrganId", p.code);
        element("OrganName", p.name);
        close(name);
    }
    void raw(std::string_view text) { out_.append(text); }
    void escape(std::string_view text) {
        for (const char c : text) {
            if (c == '&')
                out_ += "&amp;";
            else if (c == '<')
                out_ += "&lt;";
            else if (c == '>')
                out_ += "&gt;";
            else
                out_ += c;
        }
    }

  private:
    std::string& out_;
};

/// yyyy/MM/dd HH:mm:ss in Vietnam's time, as edXML writes moments.
std::string edxml_time(timestamp t) {
    auto text = to_rfc3339(t).substr(0, 19);
    text[4] = text[7] = '/';
    text[10] = ' ';
    return text;
}

std::string edxml_date(timestamp t) { return edxml_time(t).substr(0, 10); }

void write_description(writer& w, const edxml_document& d) {
    w.element("DocumentId", d.document_id());
    w.open("Code");
    w.element("CodeNumber", d.number);
    w.element("CodeNotation", d.notation);
    w.close("Code");
    w.open("PromulgationInfo");
    w.element("Place", "Hà Nội");
    w.element("PromulgationDate", edxml_date(d.date));
    w.close("PromulgationInfo");
    w.open("DocumentType");
    w.element("Type", "18");
    w.element("TypeDetail", "0");
    w.element("TypeName", "Công văn");
    w.close("DocumentType");
    w.element("Subject", d.subject);
    w.element("Content", d.subject);
    w.open("OtherInfo");
    w.element("Priority", std::to_string(static_cast<int>(d.priority)));
    w.close("OtherInfo");
}

void write_trace_header(writer& w, const edxml_document& d) {
    w.open("TraceHeaderList");
    w.open("TraceHeader");
    w.element("OrganId", d.from.code);
    w.element("Timestamp", edxml_time(d.date));
    w.close("TraceHeader");
    w.open("Bussiness");
    w.element("BussinessDocType", "0");
    w.element("BussinessDocReason", "Văn bản điện tử mới");
    w.element("Paper", "0");
    w.close("Bussiness");
    w.close("TraceHeaderList");
}

void write_manifest(writer& w, const edxml_document& d) {
    w.raw("<edXML:edXMLBody><edXML:edXMLManifest version=\"1.0\">\n");
    for (std::size_t i = 0; i < d.attachments.size(); ++i) {
        w.open("Reference");
        w.element("ContentId", "cid:" + std::to_string(i + 1));
        w.element("ContentType", d.attachments[i].content_type);
        w.element("Description", d.attachments[i].name);
        w.element("AttachmentName", d.attachments[i].name);
        w.close("Reference");
    }
    w.raw("</edXML:edXMLManifest></edXML:edXMLBody>\n");
}

/// AttachmentEncoded is the envelope's sibling and carries no prefix, as the Java SDK writes it.
void write_attachments(writer& w, const edxml_document& d) {
    w.raw("<AttachmentEncoded>\n");
    for (std::size_t i = 0; i < d.attachments.size(); ++i) {
        const auto& a = d.attachments[i];
        w.raw("<Attachment><ContentId>cid:" + std::to_string(i + 1) + "</ContentId><AttachmentName>");
        w.escape(a.name);
        w.raw("</AttachmentName><Description>");
        w.escape(a.name);
        w.raw("</Description><ContentType>" + a.content_type + "</ContentType>");
        w.raw("<edXML:ContentTransferEncoded xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">");
        w.raw(to_base64(a.bytes));
        w.raw("</edXML:ContentTransferEncoded></Attachment>\n");
    }
    w.raw("</AttachmentEncoded>\n");
}

} // namespace

std::string edxml_document::document_id() const {
    return fmt::format("{},{},{}/{}", from.code, edxml_date(date), number, notation);
}

std::string edxml_text(const edxml_document& d) {
    std::string out(opening);
    writer w(out);
    w.party("From", d.from);
    for (const auto& to : d.to) w.party("To", to);
    write_description(w, d);
    w.close("MessageHeader");
    write_trace_header(w, d);
    w.close("edXMLHeader");
    if (!d.attachments.empty()) write_manifest(w, d);
    w.close("edXMLEnvelope");
    if (!d.attachments.empty()) write_attachments(w, d);
    w.raw("</edXML>\n");
    return out;
}

std::string edxml_text(const edxml_status& s) {
    std::string out(opening);
    writer w(out);
    w.party("From", s.from);
    w.open("ResponseFor");
    w.element("OrganId", s.about_organ_id);
    w.element("Code", s.about_code);
    w.element("PromulgationDate", s.about_date);
    w.element("DocumentId", s.about_document_id);
    w.close("ResponseFor");
    w.element("StatusCode", s.status_code);
    w.element("Description", s.description);
    w.element("Timestamp", edxml_time(s.time));
    w.close("MessageHeader");
    w.raw("</edXML:edXMLHeader></edXML:edXMLEnvelope></edXML>\n");
    return out;
}

std::string status_in_words(std::string_view code) {
    if (code == "01") return words("arrived", "Đã đến");
    if (code == "02") return words("refused", "Từ chối tiếp nhận");
    if (code == "03") return words("received and registered", "Đã tiếp nhận, vào sổ");
    if (code == "04") return words("assigned", "Phân công xử lý");
    if (code == "05") return words("in progress", "Đang xử lý");
    if (code == "06") return words("completed", "Hoàn thành");
    if (code == "13") return words("taken back", "Lấy lại");
    if (code == "15") return words("agreed to update or take back", "Đồng ý cập nhật, lấy lại");
    if (code == "16") return words("refused to update or take back", "Từ chối cập nhật, lấy lại");
    return {};
}

} // namespace truc::cli
