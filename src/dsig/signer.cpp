#include "names.hpp"
#include "signature_scan.hpp"

#include <truc/base/bytes.hpp>
#include <truc/dsig/signer.hpp>
#include <truc/xml/document.hpp>
#include <truc/xml/first_pass.hpp>

#include <fmt/format.h>
#include <libxml/parserInternals.h>

namespace truc::dsig {

namespace {

constexpr std::string_view header_path[] = {"edXML", "edXMLEnvelope", "edXMLHeader"};
constexpr int header_depth = 3;

std::string_view text(const xmlChar* s) { return s ? reinterpret_cast<const char*>(s) : std::string_view(); }

/// Follows the tags of a document down to the end of its edXMLHeader: a tree does not know where in the bytes it came
/// from.
struct header_finder {
    xmlParserCtxt* parser = nullptr;
    int depth = 0;
    int matched = 0; ///< elements of header_path that are open
    long end = -1;   ///< offset behind the header's end tag

    void opened(const xmlChar* name, const xmlChar* ns) {
        if (depth == matched && matched < header_depth && text(ns) == ns_edxml && text(name) == header_path[matched])
            ++matched;
        ++depth;
    }
    void closed() {
        if (depth == header_depth && matched == header_depth && end < 0) end = xmlByteConsumed(parser);
        --depth;
        if (matched > depth) matched = depth;
    }
};

void on_open(void* user, const xmlChar* name, const xmlChar*, const xmlChar* ns, int, const xmlChar**, int, int,
             const xmlChar**) {
    static_cast<header_finder*>(user)->opened(name, ns);
}

void on_close(void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
    static_cast<header_finder*>(user)->closed();
}

struct parser_free {
    void operator()(xmlParserCtxt* p) const { xmlFreeParserCtxt(p); }
};

/// Where edXMLHeader's end tag begins; npos when there is none.
std::size_t end_of_header(std::string_view edxml) {
    const std::unique_ptr<xmlParserCtxt, parser_free> parser(
        xmlCreateMemoryParserCtxt(edxml.data(), static_cast<int>(edxml.size())));
    if (!parser) throw std::bad_alloc();
    header_finder finder;
    finder.parser = parser.get();
    xmlSAXHandler handler{};
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = on_open;
    handler.endElementNs = on_close;
    *parser->sax = handler;
    parser->userData = &finder;
    xmlCtxtUseOptions(parser.get(), XML_PARSE_NONET | XML_PARSE_HUGE);
    xmlParseDocument(parser.get());
    // An end tag holds no "</" but its own; an element without content has no end tag.
    if (finder.end < 0 || edxml.substr(static_cast<std::size_t>(finder.end) - 2, 2) == "/>")
        return std::string_view::npos;
    return edxml.rfind("</", static_cast<std::size_t>(finder.end) - 1);
}

/// SignedInfo in its canonical form, so that the bytes that are signed stand in the document as they are.
std::string signed_info(std::string_view method, const sha256_digest& digest) {
    return fmt::format(
        R"(<SignedInfo xmlns="{0}"><CanonicalizationMethod Algorithm="{1}"></CanonicalizationMethod>)"
        R"(<SignatureMethod Algorithm="{2}"></SignatureMethod><Reference URI="">)"
        R"(<Transforms><Transform Algorithm="{3}"></Transform><Transform Algorithm="{1}"></Transform></Transforms>)"
        R"(<DigestMethod Algorithm="{4}"></DigestMethod><DigestValue>{5}</DigestValue></Reference></SignedInfo>)",
        ns_dsig, c14n_exclusive, method, enveloped, sha256_method, to_base64(digest.view()));
}

std::string signature(std::string_view info, std::string_view value, std::string_view der) {
    return fmt::format(R"(<Signature xmlns="{}">{}<SignatureValue>{}</SignatureValue><KeyInfo><X509Data>)"
                       R"(<X509Certificate>{}</X509Certificate></X509Data></KeyInfo></Signature>)",
                       ns_dsig, info, to_base64(value), to_base64(der));
}

result<xml::document> parse(std::string_view edxml) {
    xml::first_pass pass;
    if (auto fed = pass.feed(edxml); !fed) return fail(std::move(fed.error()));
    if (auto ended = pass.finish(); !ended) return fail(std::move(ended.error()));
    return xml::document::parse(edxml);
}

} // namespace

result<std::string> sign(std::string_view edxml, const trust::signing_key& key) {
    const auto doc = parse(edxml);
    if (!doc) return fail(doc.error());
    if (!find_signatures(*doc, 1).empty()) return fail(errc::signature_invalid, "the document is signed already");
    const auto at = end_of_header(edxml);
    if (at == std::string_view::npos) return fail(errc::schema, "edXML/edXMLEnvelope/edXMLHeader is missing");
    // What stays of the document without its Signature is the document as it is now.
    const auto canonical = xml::canonical(doc->root());
    if (!canonical) return fail(canonical.error());
    const auto info = signed_info(key.is_rsa() ? rsa_sha256 : ecdsa_sha256, sha256(*canonical));
    const auto value = key.is_rsa() ? key.sign_rsa_sha256(info) : key.sign_ecdsa_p256(info);
    if (!value) return fail(value.error());
    return fmt::format("{}{}{}", edxml.substr(0, at), signature(info, *value, key.certificate_der()), edxml.substr(at));
}

} // namespace truc::dsig
