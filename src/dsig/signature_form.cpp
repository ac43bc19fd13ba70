#include "signature_form.hpp"

#include "names.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>

namespace truc::dsig {

namespace {

constexpr std::size_t longest_certificate = 32 * 1024; // base64 of a 16 KiB certificate with line breaks
constexpr std::size_t longest_signature_value = 4 * 1024;
constexpr std::size_t longest_digest_value = 256;
constexpr std::size_t most_x509_entries = 16;

using names = std::initializer_list<std::string_view>;

/// Algorithms with SHA-1 or MD5 that old systems write.
constexpr std::string_view weak_algorithms[] = {
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
    "http://www.w3.org/2000/09/xmldsig#sha1",
    "http://www.w3.org/2001/04/xmldsig-more#md5",
};

std::string_view text(const xmlChar* s) { return s ? reinterpret_cast<const char*>(s) : std::string_view(); }

template <class Range>
bool contains(const Range& range, std::string_view value) {
    return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

bool is_white(std::string_view s) { return s.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// The one text node below; CDATA, comments and anything else between are not text here.
std::optional<std::string_view> plain_text(const xmlNode* node) {
    const xmlNode* const child = node->children;
    if (!child || child->next || child->type != XML_TEXT_NODE) return std::nullopt;
    return text(child->content);
}

std::string_view attribute(const xmlNode* node, std::string_view name) {
    for (const xmlAttr* a = node->properties; a; a = a->next)
        if (!a->ns && text(a->name) == name && a->children && !a->children->next) return text(a->children->content);
    return {};
}

/// Walks the fixed grammar of a Signature. The first thing out of place ends it.
class form_reader {
  public:
    explicit form_reader(const signature_profile& profile) : profile_(profile) {}

    result<signature_form> read(const xmlNode* signature) {
        if (!read_signature(signature)) return fail(std::move(*error_));
        return std::move(form_);
    }

  private:
    bool refuse(const xmlNode* node, std::string why) {
        error_ = error(errc::signature_invalid, std::move(why), xml::location_of(node));
        return false;
    }

    /// Exactly these children in this order, all of xmldsig, nothing but white space between them; no attributes but
    /// these.
    bool expect(const xmlNode* node, names attributes, names children, std::vector<const xmlNode*>& found);
    bool expect_attributes(const xmlNode* node, names allowed);
    bool collect(const xmlNode* node, std::vector<const xmlNode*>& found);
    bool expect_algorithm(const xmlNode* node, const std::vector<std::string_view>& allowed);
    bool expect_text(const xmlNode* node, names attributes, std::size_t longest);

    bool read_signature(const xmlNode* node);
    bool read_signed_info(const xmlNode* node);
    bool read_reference(const xmlNode* node);
    bool read_transforms(const xmlNode* node);
    bool read_key_info(const xmlNode* node);

    const signature_profile& profile_;
    signature_form form_;
    std::optional<error> error_;
};

bool form_reader::expect_attributes(const xmlNode* node, names allowed) {
    for (const xmlAttr* a = node->properties; a; a = a->next)
        if (a->ns || !contains(allowed, text(a->name)))
            return refuse(node, "attribute " + std::string(text(a->name)) + " is not allowed here");
    return true;
}

bool form_reader::collect(const xmlNode* node, std::vector<const xmlNode*>& found) {
    for (const xmlNode* child = node->children; child; child = child->next) {
        if (child->type == XML_TEXT_NODE && is_white(text(child->content))) continue;
        if (child->type != XML_ELEMENT_NODE)
            return refuse(node, "text, a comment or CDATA between the parts of a signature");
        if (!child->ns || text(child->ns->href) != ns_dsig)
            return refuse(child, "element " + std::string(text(child->name)) + " of a foreign namespace");
        found.push_back(child);
    }
    return true;
}

bool form_reader::expect(const xmlNode* node, names attributes, names children, std::vector<const xmlNode*>& found) {
    if (!expect_attributes(node, attributes) || !collect(node, found)) return false;
    auto expected = children.begin();
    for (const auto* child : found) {
        if (expected == children.end() || text(child->name) != *expected)
            return refuse(child, "element " + std::string(text(child->name)) + " is not allowed here");
        ++expected;
    }
    return expected == children.end() || refuse(node, "element " + std::string(*expected) + " is missing");
}

bool form_reader::expect_algorithm(const xmlNode* node, const std::vector<std::string_view>& allowed) {
    std::vector<const xmlNode*> none;
    if (!expect(node, {"Algorithm"}, {}, none)) return false;
    const auto algorithm = attribute(node, "Algorithm");
    if (contains(allowed, algorithm)) return true;
    if (!contains(weak_algorithms, algorithm))
        return refuse(node, "algorithm " + std::string(algorithm) + " is not allowed");
    form_.weakness = "algorithm " + std::string(algorithm) + " is not safe any more";
    return true;
}

bool form_reader::expect_text(const xmlNode* node, names attributes, std::size_t longest) {
    if (!expect_attributes(node, attributes)) return false;
    const auto value = plain_text(node);
    return (value && value->size() <= longest) || refuse(node, "not one plain text of reasonable length");
}

bool form_reader::read_signature(const xmlNode* node) {
    std::vector<const xmlNode*> parts;
    return expect(node, {"Id"}, {"SignedInfo", "SignatureValue", "KeyInfo"}, parts) && read_signed_info(parts[0]) &&
           expect_text(parts[1], {"Id"}, longest_signature_value) && read_key_info(parts[2]);
}

bool form_reader::read_signed_info(const xmlNode* node) {
    std::vector<const xmlNode*> parts;
    return expect(node, {"Id"}, {"CanonicalizationMethod", "SignatureMethod", "Reference"}, parts) &&
           expect_algorithm(parts[0], profile_.canonicalizations) &&
           expect_algorithm(parts[1], profile_.signature_methods) && read_reference(parts[2]);
}

bool form_reader::read_reference(const xmlNode* node) {
    std::vector<const xmlNode*> parts;
    if (!expect(node, {"Id", "URI"}, {"Transforms", "DigestMethod", "DigestValue"}, parts)) return false;
    // An absent URI means something else than an empty one.
    if (!xmlHasProp(node, reinterpret_cast<const xmlChar*>("URI")) || attribute(node, "URI") != profile_.reference)
        return refuse(node, "the reference does not name what has to be signed");
    return read_transforms(parts[0]) && expect_algorithm(parts[1], profile_.digest_methods) &&
           expect_text(parts[2], {}, longest_digest_value);
}

bool form_reader::read_transforms(const xmlNode* node) {
    std::vector<const xmlNode*> transforms;
    if (!expect_attributes(node, {}) || !collect(node, transforms)) return false;
    const std::size_t least = profile_.canonicalization_transform_optional ? 1 : 2;
    if (transforms.size() < least || transforms.size() > 2) return refuse(node, "too few or too many transforms");
    for (const auto* transform : transforms)
        if (text(transform->name) != "Transform") return refuse(transform, "not a Transform");
    return expect_algorithm(transforms[0], {enveloped}) &&
           (transforms.size() == 1 || expect_algorithm(transforms[1], profile_.canonicalizations));
}

bool form_reader::read_key_info(const xmlNode* node) {
    std::vector<const xmlNode*> data, entries;
    if (!expect(node, {"Id"}, {"X509Data"}, data) || !expect_attributes(data[0], {}) || !collect(data[0], entries))
        return false;
    if (entries.size() > most_x509_entries) return refuse(data[0], "too many entries");
    for (const auto* entry : entries) {
        if (!contains(names{"X509Certificate", "X509SubjectName", "X509IssuerSerial", "X509SKI"}, text(entry->name)))
            return refuse(entry, "element " + std::string(text(entry->name)) + " is not allowed here");
        if (text(entry->name) != "X509Certificate") continue;
        if (!expect_text(entry, {}, longest_certificate)) return false;
        if (form_.certificate_base64.empty()) form_.certificate_base64 = *plain_text(entry);
    }
    return !form_.certificate_base64.empty() || refuse(data[0], "the signer's certificate is missing");
}

} // namespace

const signature_profile& document_profile() {
    static const signature_profile profile = {
        "",
        {c14n_inclusive, c14n_exclusive},
        true,
        {rsa_sha256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
         "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", ecdsa_sha256,
         "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"},
        {sha256_method, "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512"}};
    return profile;
}

const signature_profile& head_profile() {
    static const signature_profile profile = {"#sth", {c14n_exclusive}, false, {ecdsa_sha256}, {sha256_method}};
    return profile;
}

result<signature_form> read_form(const xmlNode* signature, const signature_profile& profile) {
    return form_reader(profile).read(signature);
}

} // namespace truc::dsig
