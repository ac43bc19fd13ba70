#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace truc::test {

/// A file enclosed in a document.
struct edxml_attachment {
    std::string content_id = "1"; ///< without "cid:"
    std::string name = "tep.pdf";
    std::string content_type = "application/pdf";
    std::string bytes; ///< as they are enclosed: a file, or the zip around it
};

/// An edXML document, unsigned; what is not set has a plausible value. Text is escaped.
struct edxml_document {
    std::string from = "000.00.00.H43";
    std::vector<std::string> to{"000.00.12.H43"};
    std::string document_id; ///< empty: made from sender, date and number
    std::string number = "315";
    std::string notation = "UBND-VP";
    std::string date = "2024/03/05";
    std::string subject = "V/v kết nối, liên thông phần mềm quản lý văn bản";
    int priority = 0;
    int business = 0;
    std::optional<std::string> acts_on;      ///< Bussiness/DocumentId
    std::vector<std::string> removed, added; ///< ReceiverList of an update
    /// ReplacementInfoList: DocumentId, and the organs for which it is replaced.
    std::vector<std::pair<std::string, std::vector<std::string>>> replaces;
    std::vector<edxml_attachment> attachments;
};

struct edxml_status {
    std::string from = "000.00.12.H43";
    std::string to = "000.00.00.H43"; ///< the sender of the document
    std::string document_id = "000.00.00.H43,2024/03/05,315/UBND-VP";
    std::string document_code = "315/UBND-VP";
    std::string code = "01";
    std::string description = "Văn bản đã đến";
};

std::string build(const edxml_document& d);
std::string build(const edxml_status& s);
/// The document with one more attachment that brings it to at least `size` bytes, by less than 4 too many. The
/// attachment's bytes depend on `seed`, so that documents can be made distinct.
std::string build_of_size(edxml_document d, std::size_t size, unsigned seed = 0);

} // namespace truc::test
