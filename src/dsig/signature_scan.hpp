#pragma once
#include <truc/xml/document.hpp>

#include <vector>

namespace truc::dsig {

/// Every signature of the document, wherever it stands, but no more than `limit`: Signature in the namespace of xmldsig
/// or of QCVN 102, and a DigitalSignature of QCVN 102 that is not empty.
std::vector<xmlNode*> find_signatures(const xml::document& doc, std::size_t limit);

/// Do two attributes named Id, ID or id (in any namespace) have the same value? A reader that looks things up by id
/// would see another element than the one that was signed.
bool has_duplicate_ids(const xml::document& doc);

} // namespace truc::dsig
