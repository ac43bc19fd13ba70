#include "names.hpp"
#include "signature_form.hpp"
#include "signature_scan.hpp"
#include "xmlsec_check.hpp"

#include <truc/dsig/head_verifier.hpp>
#include <truc/dsig/verifier.hpp>

#include <libxml/valid.h>

namespace truc::dsig {

namespace {

tl::unexpected<error> invalid(const xmlNode* node, std::string what) {
    return fail(error(errc::signature_invalid, std::move(what), xml::location_of(node)));
}

/// Tells the document for a while that an attribute is an id: nothing but "#sth" can be looked up in it.
class registered_id {
  public:
    registered_id(xmlDoc* doc, xmlAttr* attribute)
        : doc_(doc),
          attribute_(attribute),
          registered_(xmlAddID(nullptr, doc, attribute->children ? attribute->children->content : nullptr, attribute)) {
    }
    ~registered_id() {
        if (registered_) xmlRemoveID(doc_, attribute_);
    }
    registered_id(const registered_id&) = delete;
    /// False when another element has the id already.
    explicit operator bool() const { return registered_ != nullptr; }

  private:
    xmlDoc* doc_;
    xmlAttr* attribute_;
    xmlID* registered_;
};

/// The Id of the head, nullptr unless it is "sth".
xmlAttr* id_of(const xmlNode* head) {
    xmlAttr* const id = xmlHasNsProp(head, reinterpret_cast<const xmlChar*>("Id"), nullptr);
    if (!id || !id->children || id->children->next ||
        !xmlStrEqual(id->children->content, reinterpret_cast<const xmlChar*>("sth")))
        return nullptr;
    return id;
}

result<xmlNode*> locate(const xml::document& doc, const xmlNode* head) {
    if (!xml::is_element(head, ns_receipt, "SignedTreeHead")) return invalid(head, "not a tree head");
    const auto all = find_signatures(doc, 2);
    if (all.empty()) return fail(errc::signature_missing);
    if (all.size() > 1 || all[0]->parent != head || !xml::is_element(all[0], ns_dsig, "Signature"))
        return invalid(all.back(), "a tree head carries one signature, and nothing else in its document does");
    if (has_duplicate_ids(doc)) return invalid(head, "two elements have the same id");
    return all[0];
}

} // namespace

result<std::shared_ptr<const trust::trusted_certificate>>
verify_head_signature(const xml::document& doc, const xmlNode* head, const trust::certificate_store& authorities,
                      timestamp at) {
    initialise();
    const auto signature = locate(doc, head);
    if (!signature) return fail(signature.error());
    const auto form = read_form(*signature, head_profile());
    if (!form) return fail(form.error());
    if (!form->weakness.empty()) return invalid(*signature, form->weakness);
    const auto der = from_base64(form->certificate_base64);
    if (!der) return invalid(*signature, "its certificate cannot be read");
    auto signer = authorities.check(*der, at);
    if (!signer) return signer;
    xmlAttr* const id = id_of(head);
    if (!id) return invalid(head, "the tree head has no Id \"sth\"");
    const registered_id registered(doc.get(), id);
    if (!registered) return invalid(head, "two elements have the same id");
    const signed_part part{head, head_profile().reference, true};
    if (auto good = compute(*signature, (*signer)->key.get(), part); !good) return fail(std::move(good.error()));
    return signer;
}

} // namespace truc::dsig
