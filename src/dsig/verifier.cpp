#include "names.hpp"
#include "signature_form.hpp"
#include "signature_scan.hpp"
#include "xmlsec_check.hpp"

#include <truc/dsig/verifier.hpp>

namespace truc::dsig {

namespace {

/// Beyond this the digested bytes are not kept: they would double the memory that a large document takes.
constexpr std::size_t largest_kept = std::size_t{1} << 20;

tl::unexpected<error> invalid(const xmlNode* node, std::string what) {
    return fail(error(errc::signature_invalid, std::move(what), xml::location_of(node)));
}

bool stands_at_its_place(const xmlNode* signature, const xmlNode* root) {
    const xmlNode* const parent = signature->parent;
    if (parent == root) return true;
    return xml::is_element(parent, ns_edxml, "edXMLHeader") &&
           xml::is_element(parent->parent, ns_edxml, "edXMLEnvelope") && parent->parent->parent == root;
}

/// The document's signature, nullptr when there is none.
result<xmlNode*> locate(const xml::document& doc) {
    if (!doc.root()) return fail(errc::signature_invalid, "an empty document");
    const auto all = find_signatures(doc, 2);
    if (all.empty()) return nullptr;
    if (all.size() > 1) return invalid(all[1], "more than one signature");
    if (!stands_at_its_place(all[0], doc.root()))
        return invalid(all[0], "a signature may stand in edXMLHeader or at the end of the root only");
    return all[0];
}

/// The outcome of a signature that is neither wrong nor good.
struct finding {
    signature_outcome outcome;
    std::string why;
    std::optional<sha256_digest> signer;
};

finding not_verifiable(std::string why) { return {signature_outcome::not_verifiable, std::move(why), std::nullopt}; }

result<finding> check(const xml::document& doc, xmlNode* signature, std::size_t bytes,
                      const trust::certificate_store& agencies, timestamp at) {
    if (!xml::is_element(signature, ns_dsig, "Signature"))
        return not_verifiable("it stands in the namespace of QCVN 102 instead of that of XML Signature");
    if (has_duplicate_ids(doc)) return invalid(signature, "two elements have the same id");
    const auto form = read_form(signature, document_profile());
    if (!form) return fail(form.error());
    if (!form->weakness.empty()) return not_verifiable(form->weakness);
    const auto der = from_base64(form->certificate_base64);
    if (!der) return not_verifiable("its certificate cannot be read");
    const auto signer = agencies.check(*der, at);
    if (!signer) {
        if (!trust::parse_certificate(*der)) return not_verifiable("its certificate cannot be read");
        return fail(signer.error());
    }
    const signed_part whole{doc.root(), "", bytes <= largest_kept};
    if (auto good = compute(signature, (*signer)->key.get(), whole); !good) return fail(std::move(good.error()));
    return finding{signature_outcome::valid, {}, (*signer)->digest};
}

} // namespace

verifier::verifier(std::shared_ptr<const trust::certificate_store> agencies) : agencies_(std::move(agencies)) {
    initialise();
}

result<verified_view> verifier::verify(xml::document doc, std::size_t bytes, signature_policy policy,
                                       timestamp at) const {
    const auto signature = locate(doc);
    if (!signature) return fail(signature.error());
    const bool required = policy == signature_policy::required;
    if (!*signature) {
        if (required) return fail(errc::signature_missing);
        return verified_view(std::move(doc), signature_outcome::absent, std::nullopt);
    }
    auto found = check(doc, *signature, bytes, *agencies_, at);
    if (!found) return fail(std::move(found.error()));
    if (required && found->outcome != signature_outcome::valid) return invalid(*signature, std::move(found->why));
    return verified_view(std::move(doc), found->outcome, found->signer, std::move(found->why));
}

} // namespace truc::dsig
