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

/// A document read for its short texts only: of a longer one more than `longest` bytes are kept, but not all, so that
/// the tree stays small however large the attachments are. A reader that refuses texts of more than `longest` bytes
/// finds in it exactly what it finds in the whole document, which is why the parser and what it accepts are the same.
/// Comments are left out. Not a document: no signature can be checked on it. Move only; one thread at a time.
class abridged_document {
  public:
    /// Errors: as document::parse().
    static result<abridged_document> parse(std::string_view bytes, std::size_t longest);

    const xmlNode* root() const { return xmlDocGetRootElement(doc_.get()); }

  private:
    explicit abridged_document(std::unique_ptr<xmlDoc, doc_free> d) : doc_(std::move(d)) {}
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
/// Bytes of all text below the node, white space included.
std::size_t text_size(const xmlNode* node);
/// The text of a node that has exactly one text child, without a copy; nullopt otherwise.
std::optional<std::string_view> single_text(const xmlNode* node);
/// Exclusive canonical form (xml-exc-c14n#, without comments) of the node as apex element.
result<std::string> canonical(const xmlNode* apex);
/// Element path from the root, for error messages: edXML/edXMLEnvelope/edXMLHeader.
std::string path_of(const xmlNode* node);
location location_of(const xmlNode* node);

} // namespace truc::xml
