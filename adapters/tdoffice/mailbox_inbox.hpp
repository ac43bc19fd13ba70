#pragma once
#include "mailbox.hpp"
#include "runtime/adapter_context.hpp"
#include "runtime/legacy_system.hpp"

#include <truc/pack/edxml_record.hpp>

namespace truc::tdoffice {

/// What arrives goes into the mailbox in one transaction, under its delivery id, which is unique there: again is the
/// same. Documents into inbox and attachments; statuses into statuses, and their effect where the legacy program looks
/// for it: the recipient's row of the document we sent, or, for "give it back" (13), the document we received.
class mailbox_inbox final : public adapter::legacy_inbox {
  public:
    mailbox_inbox(std::shared_ptr<const mailbox_options> o, const adapter::adapter_context& c)
        : options_(std::move(o)), context_(c), mailbox_(*options_) {}

    result<std::string> deliver(const adapter::incoming_item& item) override;

  private:
    using item_of = adapter::incoming_item;
    /// Which row of `table` holds this delivery; empty: none.
    result<std::string> row_of(std::string_view table, std::string_view where, const std::string& delivery);
    result<std::string> deliver_document(const item_of& item, const pack::edxml_document& d);
    result<void> insert_document(const item_of& item, const pack::edxml_document& d);
    result<void> insert_attachment(const std::string& row, const pack::edxml_attachment& a, const std::string& path);
    /// Outside of the transaction: a file that was written twice is the same file.
    result<std::vector<std::string>> write_files(const item_of& item, const pack::edxml_document& d);

    result<std::string> deliver_status(const item_of& item, const pack::edxml_status& s);
    result<void> insert_status(const item_of& item, const pack::edxml_status& s, const std::string& sent,
                               const std::string& received);
    struct recipient_row {
        std::string document; ///< empty: nobody here sent it
        std::string receiver;
    };
    result<recipient_row> recipient_of(const pack::edxml_status& s);
    result<void> note_status(const std::string& receiver, const pack::edxml_status& s);
    result<std::string> received_document(const item_of& item, const pack::edxml_status& s);
    result<void> ask_back(const std::string& row, const item_of& item, const pack::edxml_status& s);
    std::string code(std::string_view dotted) const { return options_->words.code_to_legacy(dotted); }

    std::shared_ptr<const mailbox_options> options_;
    const adapter::adapter_context& context_;
    mailbox mailbox_;
};

/// Whether a status may take the place of another one of the same recipient: 01 < 03 < 04 < 05 < 06, and 02 ends it.
/// They arrive in any order and more than once (QCVN 102 says nothing about it; in practice they do).
bool is_further(std::string_view status, std::string_view than);

} // namespace truc::tdoffice
