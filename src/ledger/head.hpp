#pragma once
#include <truc/ledger/receipt.hpp>

#include <libxml/tree.h>

namespace truc::ledger {

inline constexpr std::string_view signature_namespace = "http://www.w3.org/2000/09/xmldsig#";

/// Reads a <SignedTreeHead> in exactly the form in which head_signer writes it, without judging its signature. Error:
/// receipt_invalid.
result<tree_head> read_head(const xmlNode* node);

} // namespace truc::ledger
