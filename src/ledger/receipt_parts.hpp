#pragma once
#include <truc/ledger/receipt.hpp>

#include <libxml/tree.h>

namespace truc::ledger {

struct verified_head {
    tree_head head;
    sha256_digest signer;
};

/// A text that is one <SignedTreeHead>. Errors: as verify_head().
result<verified_head> verify_lone_head(std::string_view text, const trust::certificate_store& authorities);

/// Whether <Event> and <InclusionProof> fit a head that was verified. Errors: receipt_invalid, schema.
result<verified_receipt> verify_against(const xmlNode* event_node, const xmlNode* proof_node,
                                        const verified_head& head);

} // namespace truc::ledger
