#pragma once
#include <truc/model/agency_code.hpp>
#include <truc/model/vocabulary.hpp>

#include <optional>
#include <string>
#include <vector>

namespace truc::pack {

/// From, To (edXML 1.1, 1.2).
struct organization {
    agency_code id;
    std::string written_id; ///< as it stands in the document
    std::string name;
};

/// ResponseFor (1.12): the document that a status, or a reply, is about.
struct reference {
    std::string organ_id; ///< as written
    std::string code;     ///< number/notation
    std::string promulgation_date;
    std::string document_id;
};

/// One entry of ReplacementInfoList (2.2.8): an earlier document, and for whom it is replaced.
struct replaced_document {
    std::string document_id;
    std::vector<agency_code> organs; ///< empty: for everybody
};

/// One entry of the manifest, and the enclosed attachment that belongs to it. Where both say something, the attachment
/// counts.
struct attachment_info {
    std::string content_id; ///< without "cid:"
    std::string name;       ///< hostile: never a path
    std::string content_type;
    std::string description;
};

/// What Truc reads from an edXML document or status. Text is as written, white space at the ends removed; compare after
/// NFC.
struct message {
    dispatch_kind kind = dispatch_kind::edoc;
    std::optional<organization> from; ///< always set by read()
    /// Each agency once; of a status: the one agency of ResponseFor; of an update also those that its ReceiverList
    /// removes or adds, because they have to learn of it.
    std::vector<organization> to;
    std::string document_id; ///< of a status: ResponseFor/DocumentId, the document it is about
    std::string code_number;
    std::string code_notation;
    std::string promulgation_date;
    std::string subject;
    std::string sent; ///< when, by its sender's own TraceHeader
    truc::priority priority = truc::priority::normal;
    truc::business_type business = truc::business_type::new_document;
    /// The DocumentIds of the earlier documents that a recall, update or replacement acts on; never empty for those.
    /// Where the document names none it is its own DocumentId (the recall sample of the norm).
    std::vector<std::string> acts_on;
    std::vector<replaced_document> replaces; ///< of a replacement that lists what it acts on; may name one twice
    std::vector<agency_code> removed, added; ///< of an update: ReceiverType 0 and 1 (2.2.3)
    std::vector<reference> response_for;
    std::string status_code;        ///< two digits; empty for a document
    std::string status_description; ///< the reason
    std::vector<attachment_info> attachments;
};

} // namespace truc::pack
