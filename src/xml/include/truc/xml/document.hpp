#pragma once
#include <truc/base/result.hpp>

#include <libxml/tree.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace truc::xml {

struct doc_free {
    void operator()(xmlDoc* d) const { xmlFreeDoc(d); }
};

/// A parsed document. Built from one contiguous buffer that passed `first_pass`; network, entities, DTDs and recovery
/// are off, and a namespace error is an error. Move only; one thread at a time.
class document {
  public:
    /// Errors: not_xml, doctype_forbidden (with line and column).
    static result<document> parse(std::string_view bytes);

    xmlDoc* get() const { return doc_.get(); }
    xmlNode* root() const { return xmlDocGetRootElement(doc_.get()); }

  private:
    explicit document(xmlDoc* d) : doc_(d) {}
    std::unique_ptr<xmlDoc, doc_free> doc_;
};

/// libxml2 and xerces-c are initialised once per process, before threads start, and for its whole life.
void initialise();

/// Names by namespace URI and local name; prefixes mean nothing.
bool is_element(const xmlNode* node, std::string_view ns, std::string_view local);
/// The next (first) child element of that name, nullptr if none.
xmlNode* first_child(const xmlNode* parent, std::string_view ns, std::string_view local);
xmlNode* next_sibling(const xmlNode* node, std::string_view ns, std::string_view local);
/// All text below the node put together (comments left out), without white space at either end.
std::string text_of(const xmlNode* node);
/// The text of a node that has exactly one text child, without a copy; nullopt otherwise.
std::optional<std::string_view> single_text(const xmlNode* node);
/// Exclusive canonical form (xml-exc-c14n#, without comments) of the node as apex element.
result<std::string> canonical(const xmlNode* apex);
/// Element path from the root, for error messages: edXML/edXMLEnvelope/edXMLHeader.
std::string path_of(const xmlNode* node);
location location_of(const xmlNode* node);

} // namespace truc::xml
