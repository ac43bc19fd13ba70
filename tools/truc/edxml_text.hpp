#pragma once
/// Writing edXML (QCVN 102:2016/BTTTT) as the Java SDK lays it out: what `truc status` reports and what the
/// demonstration sends. Not signed; dsig::sign puts the signature in.

#include <truc/base/clock.hpp>
#include <truc/model/vocabulary.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace truc::cli {

struct edxml_party {
    std::string code;
    std::string name;
};

struct edxml_attachment {
    std::string name;
    std::string content_type; ///< of `bytes` as they are enclosed
    std::string bytes;
};

struct edxml_document {
    edxml_party from;
    std::vector<edxml_party> to;
    std::string number;
    std::string notation;
    timestamp date;
    std::string subject;
    truc::priority priority = truc::priority::normal;
    std::vector<edxml_attachment> attachments;

    /// `{OrganId},{yyyy/MM/dd},{number}/{notation}`
    std::string document_id() const;
};

/// The document that a status is about, as its sender wrote it, and what is reported.
struct edxml_status {
    edxml_party from;
    std::string about_organ_id;
    std::string about_code;
    std::string about_date;
    std::string about_document_id;
    std::string status_code; ///< two digits
    std::string description;
    timestamp time;
};

std::string edxml_text(const edxml_document& d);
std::string edxml_text(const edxml_status& s);

/// What a status code means (edXML's list), in the person's language; empty for one that is not in the list.
std::string status_in_words(std::string_view code);

} // namespace truc::cli
