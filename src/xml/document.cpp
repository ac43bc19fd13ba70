#include "trimmed.hpp"

#include <truc/xml/document.hpp>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <limits>
#include <optional>

namespace truc::xml {
namespace {

struct context_free {
    void operator()(xmlParserCtxt* c) const { xmlFreeParserCtxt(c); }
};
using context_ptr = std::unique_ptr<xmlParserCtxt, context_free>;

/// The first thing that is wrong; the parser's callbacks write it.
struct fault {
    std::optional<error> first;

    void note(errc code, std::string what, const xmlParserCtxt& context) {
        if (first) return;
        location where;
        if (context.input) {
            where.line = static_cast<std::uint32_t>(context.input->line);
            where.column = static_cast<std::uint32_t>(context.input->col);
        }
        first.emplace(code, std::move(what), std::move(where));
    }
};

fault& fault_of(xmlParserCtxt& context) { return *static_cast<fault*>(context._private); }

/// A relative or malformed namespace name is a warning to the parser, but canonicalisation fails or differs on it.
bool is_fault(const xmlError& e) {
    return e.level >= XML_ERR_ERROR || e.code == XML_WAR_NS_URI || e.code == XML_WAR_NS_URI_RELATIVE;
}

void on_error(void* user, xmlError* e) {
    auto& context = *static_cast<xmlParserCtxt*>(user);
    if (e == nullptr || !is_fault(*e)) return;
    fault_of(context).note(errc::not_xml, trimmed(e->message ? e->message : ""), context);
}

void on_doctype(void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
    auto& context = *static_cast<xmlParserCtxt*>(user);
    fault_of(context).note(errc::doctype_forbidden, "DOCTYPE", context);
    xmlStopParser(&context);
}

} // namespace

result<document> document::parse(std::string_view bytes) {
    if (bytes.size() > std::size_t{std::numeric_limits<int>::max()}) return fail(errc::too_large, "more than 2 GiB");
    const context_ptr context(xmlNewParserCtxt());
    if (!context) return fail(errc::internal, "out of memory");
    fault found;
    context->_private = &found;
    context->sax->serror = on_error;
    context->sax->internalSubset = on_doctype;

    // HUGE lifts the parser's own limits, because first_pass has enforced ours; PEDANTIC makes it speak of relative
    // namespace names behind prefixes, too. Never NOENT, DTDLOAD, RECOVER.
    constexpr int options =
        XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_BIG_LINES | XML_PARSE_COMPACT | XML_PARSE_PEDANTIC;
    document parsed(
        xmlCtxtReadMemory(context.get(), bytes.data(), static_cast<int>(bytes.size()), nullptr, nullptr, options));
    if (found.first) return fail(std::move(*found.first));
    const auto* doc = parsed.get();
    if (!doc || context->wellFormed == 0 || context->nsWellFormed == 0 || !parsed.root())
        return fail(errc::not_xml, "malformed document");
    if (doc->intSubset || doc->extSubset) return fail(errc::doctype_forbidden, "DOCTYPE");
    return parsed;
}

} // namespace truc::xml
