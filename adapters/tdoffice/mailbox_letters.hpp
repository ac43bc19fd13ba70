#pragma once
/// Rows of the mailbox as edXML: documents, statuses that clerks set, requests to give a document back, answers to
/// those. Reads only; within mailbox::transact().

#include "mailbox.hpp"
#include "runtime/adapter_context.hpp"

#include <truc/pack/edxml_record.hpp>

namespace truc::tdoffice {

/// The texts of a row's column; days as dd/MM/yyyy whatever the type of the column.
std::string day_text(std::string_view column);

/// Reads what is to be sent. Errors: record_invalid (names table, column and row), secret_document, sender_not_yours,
/// attachment_mismatch, too_large, reason_missing; those of the database.
class mailbox_letters {
  public:
    mailbox_letters(mailbox& m, const adapter::adapter_context& c) : mailbox_(m), context_(c) {}

    /// Its level of secrecy is asked first: unless it is known to be none, nothing more of the row is read.
    result<pack::edxml_document> document(const std::string& id);
    result<pack::edxml_status> status(const std::string& id);        ///< row of statuses
    result<pack::edxml_status> recall(const std::string& receiver);  ///< row of receivers: 13 to that one
    result<pack::edxml_status> recall_answer(const std::string& id); ///< row of inbox: 15 or 16 to its sender

    /// The name under which a row of outbox travels as it stands now.
    result<std::string> document_id(const std::string& id);

  private:
    result<mailbox_row> row(std::string_view table, const words& columns, const std::string& id);
    /// By the column of secrecy alone.
    result<void> is_open(const mailbox_row& marked, const std::string& id) const;
    result<pack::edxml_party> sender(const mailbox_row& r, const std::string& id);
    result<pack::edxml_party> own_agency(const std::string& code, const std::string& written_as);
    result<void> head(const mailbox_row& r, const std::string& id, pack::edxml_document& d);
    result<void> days(const mailbox_row& r, const std::string& id, pack::edxml_document& d);
    result<std::vector<pack::edxml_party>> recipients(const std::string& id);
    result<std::vector<pack::edxml_attachment>> attached(const std::string& id);
    result<std::string> content(const mailbox_row& r, std::size_t limit);
    /// A status of ours about an incoming document, to its sender.
    result<pack::edxml_status> about_incoming(const std::string& id);
    /// "column document_senders.subject of row 17"
    std::string place(std::string_view word, const std::string& id) const;

    mailbox& mailbox_;
    const adapter::adapter_context& context_;
};

} // namespace truc::tdoffice
