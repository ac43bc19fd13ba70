#pragma once
/// Records of TD.Office, as JSON, and edXML documents and statuses: one into the other. Pure functions; every error is
/// record_invalid or secret_document and names the member.

#include "../runtime/adapter_context.hpp"
#include "../runtime/legacy_system.hpp"
#include "soap_envelope.hpp"
#include "soap_json.hpp"

#include <truc/pack/edxml_record.hpp>

namespace truc::tdoffice {

/// One of the attachments of a record. Its bytes, where they stand in the record itself, are base64.
struct attachment_record {
    std::string id;
    std::string name;
    std::string content_type;
    std::string description;
    std::optional<std::size_t> size;
    std::string content; ///< base64; empty: it has to be fetched
};

struct outgoing_record {
    pack::edxml_document document; ///< without attachments
    std::vector<attachment_record> attachments;
};

/// A document that TD.Office wants to send. Whether it may leave is asked before anything else of it is read.
result<outgoing_record> read_document(const boost::json::value& data, const soap_settings& s,
                                      const adapter::adapter_context& context);
/// A status that its clerks set.
result<pack::edxml_status> read_status(const boost::json::value& data, const soap_settings& s,
                                       const adapter::adapter_context& context);

/// The record, JSON in UTF-8, of a document that is delivered.
std::string write_document(const pack::edxml_document& d, const adapter::incoming_item& item, const soap_settings& s);
/// The parameters of a status that is delivered. Error: legacy_refused (this installation has no word for it).
result<std::vector<soap_parameter>> write_status(const pack::edxml_status& status, const adapter::incoming_item& item,
                                                 const soap_settings& s);

} // namespace truc::tdoffice
