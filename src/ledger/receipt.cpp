#include "evidence_limits.hpp"
#include "head.hpp"
#include "receipt_parts.hpp"
#include "text.hpp"

#include <truc/base/decimal.hpp>
#include <truc/dsig/head_verifier.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/trust/signing_key.hpp>
#include <truc/xml/elements.hpp>

#include <fmt/format.h>

namespace truc::ledger {

namespace {

constexpr std::size_t longest_path = 64;

tl::unexpected<error> bad(std::string what) { return fail(errc::receipt_invalid, std::move(what)); }

/// The three parts of a <Receipt>, found where they have to stand.
struct parts {
    const xmlNode* event;
    const xmlNode* proof;
    const xmlNode* head;
};

struct inclusion_proof {
    std::uint64_t leaf;
    std::uint64_t size;
    std::vector<sha256_digest> path;
};

/// Exactly one element of each kind, in order and nothing beside them: there is no room for a second one to be looked
/// at.
result<parts> parts_of(const xmlNode* root) {
    if (!xml::is_element(root, receipt_namespace, "Receipt")) return bad("expected Receipt");
    if (!xml::has_elements_only(root) || xml::attribute_count(root) != 0) return bad("form of Receipt");
    parts found{};
    found.event = xml::first_element(root);
    found.proof = found.event ? xml::next_element(found.event) : nullptr;
    found.head = found.proof ? xml::next_element(found.proof) : nullptr;
    if (!found.head || xml::next_element(found.head))
        return bad("Receipt must hold Event, InclusionProof, SignedTreeHead");
    if (!xml::is_element(found.event, receipt_namespace, "Event")) return bad("Receipt/Event");
    if (!xml::is_element(found.proof, receipt_namespace, "InclusionProof")) return bad("Receipt/InclusionProof");
    if (!xml::is_element(found.head, receipt_namespace, "SignedTreeHead")) return bad("Receipt/SignedTreeHead");
    return found;
}

result<inclusion_proof> read_proof(const xmlNode* node) {
    if (!xml::has_elements_only(node) || xml::attribute_count(node) != 2) return bad("form of InclusionProof");
    const auto leaf = parse_decimal<std::uint64_t>(xml::attribute(node, "leafIndex").value_or(std::string()));
    const auto size = parse_decimal<std::uint64_t>(xml::attribute(node, "treeSize").value_or(std::string()));
    if (!leaf) return bad("InclusionProof/@leafIndex");
    if (!size) return bad("InclusionProof/@treeSize");
    inclusion_proof proof{*leaf, *size, {}};
    for (const xmlNode* child = xml::first_element(node); child; child = xml::next_element(child)) {
        const bool expected = xml::is_element(child, receipt_namespace, "Node") && xml::attribute_count(child) == 0;
        const auto text = expected ? xml::plain_text(child) : std::nullopt;
        const auto hash = text ? sha256_digest::from_hex(*text) : std::nullopt;
        if (!hash || proof.path.size() == longest_path) return bad("InclusionProof/Node");
        proof.path.push_back(*hash);
    }
    return proof;
}

result<verified_head> verify_head_node(const xml::document& doc, const xmlNode* node,
                                       const trust::certificate_store& authorities) {
    const auto head = read_head(node);
    if (!head) return fail(head.error());
    const auto certificate = dsig::verify_head_signature(doc, node, authorities, head->time);
    if (!certificate) return fail(certificate.error());
    const std::string named = trust::node_name_of((*certificate)->certificate.get());
    if (named != head->log.node)
        return bad(fmt::format("the log of {} is signed with the certificate of {}", head->log.node,
                               named.empty() ? "no node" : named));
    return verified_head{*head, (*certificate)->digest};
}

/// Whether the pieces, each sound in itself, speak of the same leaf of the same tree.
result<void> verify_inclusion_of(const event& e, const sha256_digest& leaf, const inclusion_proof& proof,
                                 const tree_head& head) {
    if (e.log != head.log) return bad("Event/@Id names another log than SignedTreeHead/LogId");
    if (e.leaf != proof.leaf) return bad("Event/@Id names another leaf than InclusionProof/@leafIndex");
    if (proof.size != head.size) return bad("InclusionProof/@treeSize is not SignedTreeHead/TreeSize");
    if (!verify_inclusion(leaf, proof.leaf, proof.size, proof.path, head.root))
        return bad("the inclusion path does not lead from the event to SignedTreeHead/RootHash");
    return {};
}

} // namespace

std::string receipt_text(std::string_view event_xml, std::uint64_t leaf, std::uint64_t size,
                         const std::vector<sha256_digest>& path, std::string_view signed_head_xml) {
    constexpr std::size_t per_node = 64 + std::string_view("<Node></Node>").size();
    std::string text;
    text.reserve(event_xml.size() + signed_head_xml.size() + path.size() * per_node + 256);
    text.append("<Receipt xmlns=\"").append(receipt_namespace).append("\">").append(event_xml);
    text.append("<InclusionProof leafIndex=\"").append(std::to_string(leaf));
    text.append("\" treeSize=\"").append(std::to_string(size)).append("\">");
    for (const auto& hash : path) append_element("Node", hash.hex(), text);
    text.append("</InclusionProof>").append(signed_head_xml).append("</Receipt>");
    return text;
}

result<verified_receipt> verify_against(const xmlNode* event_node, const xmlNode* proof_node,
                                        const verified_head& head) {
    const auto proof = read_proof(proof_node);
    if (!proof) return fail(proof.error());
    const auto leaf = xml::canonical(event_node);
    if (!leaf) return fail(leaf.error());
    // The event is read from the very bytes that were hashed.
    auto e = parse_event(*leaf);
    if (!e) return fail(e.error());
    if (const auto held = verify_inclusion_of(*e, leaf_hash(*leaf), *proof, head.head); !held)
        return fail(held.error());
    return verified_receipt{std::move(*e), head.head, head.signer};
}

result<verified_head> verify_lone_head(std::string_view text, const trust::certificate_store& authorities) {
    const auto doc = xml::parse_small(text, evidence_limits);
    if (!doc) return fail(doc.error());
    if (!xml::is_element(doc->root(), receipt_namespace, "SignedTreeHead")) return bad("expected SignedTreeHead");
    return verify_head_node(*doc, doc->root(), authorities);
}

result<verified_receipt> verify_receipt(std::string_view text, const trust::certificate_store& authorities) {
    const auto doc = xml::parse_small(text, evidence_limits);
    if (!doc) return fail(doc.error());
    const auto found = parts_of(doc->root());
    if (!found) return fail(found.error());
    const auto head = verify_head_node(*doc, found->head, authorities);
    if (!head) return fail(head.error());
    return verify_against(found->event, found->proof, *head);
}

result<tree_head> verify_head(std::string_view text, const trust::certificate_store& authorities) {
    const auto head = verify_lone_head(text, authorities);
    if (!head) return fail(head.error());
    return head->head;
}

} // namespace truc::ledger
