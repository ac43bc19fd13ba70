#pragma once
#include <truc/intake/pipeline.hpp>
#include <truc/ledger/event.hpp>

namespace truc::intake {

/// A document as its recipient's home found it.
struct checked_document {
    pack::message message;
    std::optional<sha256_digest> essence; ///< also empty where the attachments cannot be decoded
};

/// The recipient's home node checks the signature again, as of the time of acceptance, and expects what the acceptance
/// states (custody rule 8). `bytes` is the document's size. Gives the message as the verified view says it. Errors:
/// signature_differs; certificate_unknown, certificate_of_other_agency (the directory here does not say that the
/// signer's certificate is the sender's: a difference, too, unless the directory is behind); what pack::read() refuses.
result<checked_document> check_at_home(xml::document document, std::size_t bytes, const ledger::event& acceptance,
                                       const surroundings& around);

} // namespace truc::intake
