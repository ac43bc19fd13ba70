#include "signature_scan.hpp"

#include "names.hpp"

#include <string>
#include <unordered_set>

namespace truc::dsig {

namespace {

/// Document order, without recursion: the depth is the sender's choice.
xmlNode* next_node(xmlNode* node, const xmlNode* root) {
    if (node->type == XML_ELEMENT_NODE && node->children) return node->children;
    while (node != root && !node->next) node = node->parent;
    return node == root ? nullptr : node->next;
}

bool is_empty(const xmlNode* node) {
    for (const xmlNode* child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE) return false;
    return xml::text_of(node).empty();
}

bool is_signature(const xmlNode* node) {
    return xml::is_element(node, ns_dsig, "Signature") || xml::is_element(node, ns_edxml, "Signature") ||
           (xml::is_element(node, ns_edxml, "DigitalSignature") && !is_empty(node));
}

bool is_id(const xmlAttr* attribute) {
    const std::string_view name(reinterpret_cast<const char*>(attribute->name));
    return name == "Id" || name == "ID" || name == "id";
}

std::string value_of(xmlAttr* attribute) {
    xmlChar* const value = xmlNodeListGetString(attribute->doc, attribute->children, 1);
    std::string text(value ? reinterpret_cast<const char*>(value) : "");
    xmlFree(value);
    return text;
}

} // namespace

std::vector<xmlNode*> find_signatures(const xml::document& doc, std::size_t limit) {
    std::vector<xmlNode*> found;
    for (xmlNode* node = doc.root(); node && found.size() < limit; node = next_node(node, doc.root()))
        if (is_signature(node)) found.push_back(node);
    return found;
}

bool has_duplicate_ids(const xml::document& doc) {
    std::unordered_set<std::string> seen;
    for (xmlNode* node = doc.root(); node; node = next_node(node, doc.root())) {
        if (node->type != XML_ELEMENT_NODE) continue;
        for (xmlAttr* attribute = node->properties; attribute; attribute = attribute->next)
            if (is_id(attribute) && !seen.insert(value_of(attribute)).second) return true;
    }
    return false;
}

} // namespace truc::dsig
