#pragma once
#include <truc/intake/pipeline.hpp>
#include <truc/ledger/event.hpp>

namespace truc::intake {

/// What vouches for a leg: the origin's acceptance, or its Resend.
struct origins_word {
    ledger::event event;
    /// By which certificates are judged, whatever was added or sent again later.
    timestamp first_accepted;
};

/// A document as its recipient's home found it.
struct checked_document {
    pack::message message;
    std::optional<sha256_digest> essence; ///< also empty where the attachments cannot be decoded
};

/// The recipient's home node checks the signature again, as of the first acceptance, and expects what the origin
/// states (custody rule 8). `bytes` is the document's size. Gives the message as the verified view says it. Errors:
/// signature_differs; certificate_unknown, certificate_of_other_agency (the directory here does not say that the
/// signer's certificate is the sender's: a difference, too, unless the directory is behind); what pack::read() refuses.
result<checked_document> check_at_home(xml::document document, std::size_t bytes, const origins_word& word,
                                       const surroundings& around);

} // namespace truc::intake
