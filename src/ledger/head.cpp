#include "head.hpp"

#include "text.hpp"

#include <truc/base/decimal.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/trust/signing_key.hpp>
#include <truc/xml/elements.hpp>

#include <fmt/format.h>

namespace truc::ledger {

namespace {

// Everything below is written in the form that xml-exc-c14n# gives it, so that digests are taken over the text itself
// and no XML library stands in the writer's way: one head is signed per group.

constexpr std::string_view head_end = "</SignedTreeHead>";

/// The head without its end tag: what is digested is this and the end tag, as the enveloped-signature transform leaves
/// them.
std::string head_beginning(const tree_head& head) {
    std::string text = fmt::format("<SignedTreeHead xmlns=\"{}\" Id=\"sth\">", receipt_namespace);
    append_element("LogId", head.log.str(), text);
    append_element("TreeSize", std::to_string(head.size), text);
    append_element("Timestamp", to_rfc3339(head.time), text);
    append_element("RootHash", head.root.hex(), text);
    return text;
}

constexpr std::string_view signed_info_before_digest =
    R"(<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>)"
    R"(<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></ds:SignatureMethod>)"
    R"(<ds:Reference URI="#sth"><ds:Transforms>)"
    R"(<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>)"
    R"(<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms>)"
    R"(<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>)";
constexpr std::string_view signed_info_after_digest = "</ds:DigestValue></ds:Reference></ds:SignedInfo>";

/// What follows the start tag of SignedInfo. As apex of its canonical form that tag declares the prefix; in its place
/// inside Signature, which declares it already, it does not.
std::string signed_info_content(const std::string& beginning) {
    sha256_hasher digest;
    digest.update(beginning);
    digest.update(head_end);
    std::string text(signed_info_before_digest);
    text.append(to_base64(digest.finish().view())).append(signed_info_after_digest);
    return text;
}

std::optional<sha256_digest> digest_from(std::string_view hex) {
    auto digest = sha256_digest::from_hex(hex);
    if (digest && digest->hex() != hex) return std::nullopt; // upper case is not how it is written
    return digest;
}

tl::unexpected<error> bad(std::string what) { return fail(errc::receipt_invalid, std::move(what)); }

} // namespace

head_signer::head_signer(std::shared_ptr<const trust::signing_key> key)
    : key_(std::move(key)),
      certificate_base64_(to_base64(key_->certificate_der())),
      node_(trust::node_name_of(key_->certificate())) {}

bool head_signer::is_valid(timestamp at) const { return key_->is_valid(at); }

result<std::string> head_signer::sign(const tree_head& head) const {
    if (node_ != head.log.node)
        return fail(errc::not_ready, fmt::format("the node's certificate does not name {}", head.log.node));
    std::string text = head_beginning(head);
    const std::string content = signed_info_content(text);
    const auto signature =
        key_->sign_ecdsa_p256(fmt::format("<ds:SignedInfo xmlns:ds=\"{}\">{}", signature_namespace, content));
    if (!signature) return fail(signature.error());
    text.reserve(text.size() + content.size() + certificate_base64_.size() + 512);
    text.append("<ds:Signature xmlns:ds=\"").append(signature_namespace).append("\"><ds:SignedInfo>").append(content);
    text.append("<ds:SignatureValue>").append(to_base64(*signature)).append("</ds:SignatureValue><ds:KeyInfo>");
    text.append("<ds:X509Data><ds:X509Certificate>").append(certificate_base64_).append("</ds:X509Certificate>");
    text.append("</ds:X509Data></ds:KeyInfo></ds:Signature>").append(head_end);
    return text;
}

result<tree_head> read_head(const xmlNode* node) {
    if (!xml::has_elements_only(node) || xml::attribute_count(node) != 1 || xml::attribute(node, "Id") != "sth")
        return bad("form of SignedTreeHead");
    std::array<std::string, 4> values;
    constexpr std::array<std::string_view, 4> names = {"LogId", "TreeSize", "Timestamp", "RootHash"};
    const xmlNode* child = xml::first_element(node);
    for (std::size_t i = 0; i < names.size(); ++i, child = xml::next_element(child)) {
        const bool expected = child && xml::is_element(child, receipt_namespace, names[i]);
        const auto text = expected ? xml::plain_text(child) : std::nullopt;
        if (!text) return bad(fmt::format("SignedTreeHead/{}", names[i]));
        values[i] = *text;
    }
    if (!child || !xml::is_element(child, signature_namespace, "Signature") || xml::next_element(child))
        return bad("SignedTreeHead/Signature");
    const auto log = log_id::parse(values[0]);
    const auto size = parse_decimal<std::uint64_t>(values[1]);
    const auto time = from_rfc3339(values[2]);
    const auto root = digest_from(values[3]);
    if (!log) return bad("SignedTreeHead/LogId");
    if (!size) return bad("SignedTreeHead/TreeSize");
    if (!time) return bad("SignedTreeHead/Timestamp");
    if (!root) return bad("SignedTreeHead/RootHash");
    return tree_head{*log, *size, *time, *root};
}

} // namespace truc::ledger
