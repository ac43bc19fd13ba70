#include "trimmed.hpp"

#include <truc/xml/document.hpp>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

namespace truc::xml {
namespace {

struct context_free {
    void operator()(xmlParserCtxt* c) const { xmlFreeParserCtxt(c); }
};
using context_ptr = std::unique_ptr<xmlParserCtxt, context_free>;
using doc_ptr = std::unique_ptr<xmlDoc, doc_free>;

/// What the parser's callbacks need: the bytes still to read, the first thing that is wrong, the text that is growing.
struct parsing {
    std::string_view unread;
    std::optional<error> fault;

    std::size_t longest_text = std::numeric_limits<std::size_t>::max();
    const xmlNode* text = nullptr;
    std::size_t text_size = 0;

    void note(errc code, std::string what, const xmlParserCtxt& context) {
        if (fault) return;
        location where;
        if (context.input) {
            where.line = static_cast<std::uint32_t>(context.input->line);
            where.column = static_cast<std::uint32_t>(context.input->col);
        }
        fault.emplace(code, std::move(what), std::move(where));
    }
};

parsing& parsing_of(xmlParserCtxt& context) { return *static_cast<parsing*>(context._private); }

/// A relative or malformed namespace name is a warning to the parser, but canonicalisation fails or differs on it.
bool is_fault(const xmlError& e) {
    return e.level >= XML_ERR_ERROR || e.code == XML_WAR_NS_URI || e.code == XML_WAR_NS_URI_RELATIVE;
}

void on_error(void* user, xmlError* e) {
    auto& context = *static_cast<xmlParserCtxt*>(user);
    if (e == nullptr || !is_fault(*e)) return;
    parsing_of(context).note(errc::not_xml, trimmed(e->message ? e->message : ""), context);
}

void on_doctype(void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
    auto& context = *static_cast<xmlParserCtxt*>(user);
    parsing_of(context).note(errc::doctype_forbidden, "DOCTYPE", context);
    xmlStopParser(&context);
}

/// Text comes in pieces of whole characters, no longer than what the parser buffers.
void on_text_of_abridged(void* user, const xmlChar* piece, int size) {
    auto& context = *static_cast<xmlParserCtxt*>(user);
    auto& p = parsing_of(context);
    if (!context.node) return;
    if (!context.node->last || context.node->last != p.text) p.text_size = 0;
    if (p.text_size > p.longest_text) return;
    xmlSAX2Characters(user, piece, size);
    p.text = context.node->last;
    p.text_size += static_cast<std::size_t>(size);
}

/// A CDATA section comes as a whole.
void on_cdata_of_abridged(void* user, const xmlChar* text, int size) {
    const auto longest = parsing_of(*static_cast<xmlParserCtxt*>(user)).longest_text;
    auto kept = static_cast<std::size_t>(size);
    if (kept > longest) {
        kept = longest + 1;
        while (kept < static_cast<std::size_t>(size) && (text[kept] & 0xC0) == 0x80) ++kept;
    }
    xmlSAX2CDataBlock(user, text, static_cast<int>(kept));
}

/// The parser reads as it goes: it would copy a buffer that it is given as a whole.
int read_piece(void* user, char* buffer, int room) {
    auto& unread = static_cast<parsing*>(user)->unread;
    const auto size = std::min(unread.size(), static_cast<std::size_t>(room));
    std::memcpy(buffer, unread.data(), size);
    unread.remove_prefix(size);
    return static_cast<int>(size);
}

result<doc_ptr> run(xmlParserCtxt& context, parsing& p) {
    context._private = &p;
    context.sax->serror = on_error;
    context.sax->internalSubset = on_doctype;

    // HUGE lifts the parser's own limits, because first_pass has enforced ours; PEDANTIC makes it speak of relative
    // namespace names behind prefixes, too. Never NOENT, DTDLOAD, RECOVER.
    constexpr int options =
        XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_BIG_LINES | XML_PARSE_COMPACT | XML_PARSE_PEDANTIC;
    doc_ptr doc(xmlCtxtReadIO(&context, read_piece, nullptr, &p, nullptr, nullptr, options));
    if (p.fault) return fail(std::move(*p.fault));
    if (!doc || context.wellFormed == 0 || context.nsWellFormed == 0 || !xmlDocGetRootElement(doc.get()))
        return fail(errc::not_xml, "malformed document");
    if (doc->intSubset || doc->extSubset) return fail(errc::doctype_forbidden, "DOCTYPE");
    return doc;
}

} // namespace

result<document> document::parse(std::string_view bytes) {
    const context_ptr context(xmlNewParserCtxt());
    if (!context) return fail(errc::internal, "out of memory");
    parsing p;
    p.unread = bytes;
    auto doc = run(*context, p);
    if (!doc) return fail(std::move(doc.error()));
    return document(doc->release());
}

result<abridged_document> abridged_document::parse(std::string_view bytes, std::size_t longest) {
    const context_ptr context(xmlNewParserCtxt());
    if (!context) return fail(errc::internal, "out of memory");
    parsing p;
    p.unread = bytes;
    p.longest_text = longest;
    context->sax->characters = on_text_of_abridged;
    context->sax->ignorableWhitespace = on_text_of_abridged;
    context->sax->cdataBlock = on_cdata_of_abridged;
    context->sax->comment = nullptr;
    auto doc = run(*context, p);
    if (!doc) return fail(std::move(doc.error()));
    return abridged_document(*std::move(doc));
}

} // namespace truc::xml
