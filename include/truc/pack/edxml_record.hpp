#pragma once
/// A whole edXML document or status (QCVN 102:2016/BTTTT) as values, for those who make one or take one apart: adapters
/// of legacy systems, the command line. What routing reads is <truc/pack/edxml.hpp>.
///
/// Every text is as edXML has it: dates `yyyy/MM/dd`, moments `yyyy/MM/dd HH:mm:ss` in Vietnam's time (impossible dates
/// occur and are kept), codes and numbers as written. Empty text: the element was absent, or is left out.

#include <truc/base/clock.hpp>
#include <truc/base/result.hpp>
#include <truc/model/vocabulary.hpp>
#include <truc/pack/message.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace truc::pack {

/// From, To (1.1, 1.2).
struct edxml_party {
    std::string code;
    std::string name;
    std::string in_charge = {}; ///< OrganizationInCharge
    std::string address = {};
    std::string email = {};
    std::string telephone = {};
    std::string fax = {};
    std::string website = {};
};

/// SignerInfo (1.8).
struct edxml_signer {
    std::string competence;
    std::string position;
    std::string full_name;
};

/// StaffInfo (2.2.5; in a status, who reports it).
struct edxml_staff {
    std::string department;
    std::string staff;
    std::string mobile;
    std::string email;
};

struct edxml_attachment {
    std::string name; ///< hostile when read: never a path
    std::string content_type;
    std::string bytes; ///< the file itself, decoded and unwrapped
    std::string description = {};
    bool wrapped = false; ///< enclosed as the Java SDK does it: a one-entry zip (ContentType application/zip)
};

struct edxml_document {
    edxml_party from;
    std::vector<edxml_party> to;
    std::string document_id; ///< empty when written: usual_document_id()
    std::string number;      ///< CodeNumber
    std::string notation;    ///< CodeNotation
    std::string place;
    std::string promulgated; ///< PromulgationDate
    std::string type = "18"; ///< DocumentType/Type; in practice TypeName tells
    std::string type_detail = "0";
    std::string type_name = "Công văn";
    std::string subject;
    std::string content; ///< a short abstract
    edxml_signer signer;
    std::string due_date;
    truc::priority priority = truc::priority::normal;
    std::string sphere;         ///< SphereOfPromulgation
    std::string typer_notation; ///< TyperNotation (sic)
    std::string promulgation_amount;
    std::string page_amount;
    std::vector<std::string> appendixes;
    std::vector<reference> response_for;
    std::string steering_type; ///< opaque: sources disagree
    std::vector<std::string> to_places;
    truc::business_type business = truc::business_type::new_document;
    std::string business_reason;
    std::vector<std::string> acts_on;        ///< of a recall, update or replacement: the earlier documents (2.2.4)
    std::vector<agency_code> removed, added; ///< of an update: ReceiverType 0 and 1 (2.2.3)
    std::vector<replaced_document> replaces; ///< of a replacement that says for whom (2.2.8)
    std::string paper = "0";                 ///< "1": a paper copy follows
    edxml_staff staff;
    std::string sent; ///< the sender's TraceHeader/Timestamp
    std::vector<edxml_attachment> attachments;

    /// `{OrganId},{yyyy/MM/dd},{number}/{notation}`
    std::string usual_document_id() const;
};

/// What an agency reports about a document, to the agency in ResponseFor.
struct edxml_status {
    edxml_party from;
    reference about;
    edxml_staff staff;
    std::string status_code; ///< two digits
    std::string description; ///< the reason
    std::string time;
};

using edxml_record = std::variant<edxml_document, edxml_status>;

std::string edxml_date(timestamp t); ///< yyyy/MM/dd in Vietnam's time
std::string edxml_time(timestamp t); ///< yyyy/MM/dd HH:mm:ss in Vietnam's time

/// Laid out as the Java SDK does it, not signed; dsig::sign puts the signature in. Characters that XML 1.0 cannot carry
/// become U+FFFD. The same value gives the same bytes. Error: internal (wrapping an attachment failed).
result<std::string> write_edxml(const edxml_document& d);
std::string write_edxml(const edxml_status& s);

/// Takes apart what an exchange delivered or a legacy system wrote; checks no signature. Hostile input: attachments
/// together decode to `most_decoded` bytes at most. Errors: those of xml::first_pass, xml::document and pack::read().
inline constexpr std::size_t most_decoded = std::size_t{256} << 20;
result<edxml_record> read_edxml(std::string_view bytes);

/// The mark of secrecy at the head of a subject, "(MẬT) V/v …" or "Mật - V/v …": such a document must not travel (QĐ
/// 28/2018, Art. 1). However it is written: in any case, brackets, blanks and form of its letters. Gives "MẬT", "TỐI
/// MẬT" or "TUYỆT MẬT", empty when there is none. The word inside a sentence or another word (bảo mật, mật độ) is no
/// mark.
std::string_view secrecy_mark(std::string_view subject);

} // namespace truc::pack
