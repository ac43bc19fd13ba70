#pragma once
/// edXML (QCVN 102:2016/BTTTT): documents and statuses, read by name and not by position.

#include <truc/base/result.hpp>
#include <truc/pack/message.hpp>

#include <functional>
#include <string_view>

namespace truc::dsig {
class verified_view;
}

namespace truc::pack {

inline constexpr std::string_view edxml_namespace = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

/// Reads what routing needs. A status is told from a document by MessageHeader/StatusCode. An element that may occur
/// once and occurs twice is refused: two readers of one document must not see two different senders. Errors: schema (a
/// mandatory element is missing, its text is longer than 256 KiB, or a code cannot be one; line, path), layout_unknown,
/// reason_missing (status 02 or 13 without Description), attachment_mismatch (manifest and attachments do not fit
/// together).
result<message> read(const dsig::verified_view& view);

/// The same reader for a node that passes the document on: it checks no signature, because the origin's receipt vouches
/// for these bytes and the recipient's home node checks again. Attachments are not held in memory, and nothing of them
/// but their names is read. `bytes` passed xml::first_pass. Errors: as read(), and those of xml::document.
result<message> read_in_transit(std::string_view bytes);

/// Decodes the attachments of a document as a stream, raw or wrapped in a one-entry zip (ContentType application/zip
/// and a name that does not end in .zip). `sink` gets the index into message::attachments and a piece of the file; an
/// error it returns stops. Memory stays bounded by a few pieces of 64 KiB. A zip may unpack to 256 MiB, and above 1 MiB
/// to 200 times its size. Errors: attachment_mismatch (not base64, not a zip of one plain file, beyond those limits).
result<void> decode_attachments(const dsig::verified_view& view,
                                const std::function<result<void>(std::size_t, std::string_view)>& sink);

} // namespace truc::pack
