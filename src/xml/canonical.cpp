#include <truc/xml/document.hpp>

#include <libxml/c14n.h>
#include <libxml/xmlIO.h>

namespace truc::xml {
namespace {

/// Called for every node of the document: is it the apex or below it? Namespace nodes have no parent of their own.
int below_apex(void* apex, xmlNode* node, xmlNode* parent) {
    for (const xmlNode* n = node->type == XML_NAMESPACE_DECL ? parent : node; n; n = n->parent)
        if (n == apex) return 1;
    return 0;
}

struct buffer_close {
    void operator()(xmlOutputBuffer* b) const { xmlOutputBufferClose(b); }
};

int append(void* out, const char* bytes, int size) {
    static_cast<std::string*>(out)->append(bytes, static_cast<std::size_t>(size));
    return size;
}

} // namespace

result<std::string> canonical(const xmlNode* apex) {
    std::string text;
    std::unique_ptr<xmlOutputBuffer, buffer_close> out(xmlOutputBufferCreateIO(append, nullptr, &text, nullptr));
    if (!out) return fail(errc::internal, "out of memory");
    auto* user = const_cast<xmlNode*>(apex);
    constexpr int without_comments = 0;
    if (xmlC14NExecute(apex->doc, below_apex, user, XML_C14N_EXCLUSIVE_1_0, nullptr, without_comments, out.get()) < 0 ||
        xmlOutputBufferFlush(out.get()) < 0)
        return fail(errc::not_xml, "the element cannot be canonicalised");
    out.reset();
    return text;
}

} // namespace truc::xml
