#pragma once
#include <truc/base/bytes.hpp>
#include <truc/dsig/verified_view.hpp>
#include <truc/pack/message.hpp>

#include <optional>
#include <string>

namespace truc::intake {

/// What all copies of one document share, whatever way they went and whatever that way did to their form: SHA-256 over
/// its sender's code, DocumentId, number and notation, when its sender sent it, the date of promulgation, the subject
/// (NFC), BussinessDocType, and the name and the bytes of each attachment, in their order. Empty for a status: its
/// copies are known by their bytes. Decodes the attachments; `m` is the view's own message. Error: attachment_mismatch.
result<std::optional<sha256_digest>> essence_of(const pack::message& m, const std::string& sender,
                                                const dsig::verified_view& view);

} // namespace truc::intake
