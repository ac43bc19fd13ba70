#include "xmlsec_check.hpp"

#include <truc/dsig/verifier.hpp>

// Order matters: xmlsec.h declares what the others need.
#include <libxml/xmlerror.h>
#include <openssl/err.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include <mutex>
#include <stdexcept>

namespace truc::dsig {

namespace {

struct context_free {
    void operator()(xmlSecDSigCtx* c) const { xmlSecDSigCtxDestroy(c); }
};
using context_ptr = std::unique_ptr<xmlSecDSigCtx, context_free>;

void ignore_xmlsec_error(const char*, int, const char*, const char*, const char*, int, const char*) {}
void ignore_libxml_error(void*, xmlErrorPtr) {}

/// libxml2 writes what displeases canonicalization to standard error unless told otherwise, thread by thread.
class silenced {
  public:
    silenced() : function_(xmlStructuredError), context_(xmlStructuredErrorContext) {
        xmlSetStructuredErrorFunc(nullptr, ignore_libxml_error);
    }
    ~silenced() { xmlSetStructuredErrorFunc(context_, function_); }
    silenced(const silenced&) = delete;

  private:
    xmlStructuredErrorFunc function_;
    void* context_;
};

void start_xmlsec() {
    if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1) throw std::runtime_error("xmlsec cannot be used: wrong version");
    if (xmlSecCryptoAppInit(nullptr) < 0 || xmlSecCryptoInit() < 0)
        throw std::runtime_error("xmlsec cannot use OpenSSL");
    xmlSecErrorsSetCallback(ignore_xmlsec_error);
    // References to files and URLs are refused several times over; this way nothing is left that could open one.
    xmlSecIOCleanupCallbacks();
}

/// A key that holds nothing but the public key: with certificates in it, xmlsec would decode them anew for each
/// signature, which costs more than the verification.
xmlSecKeyPtr make_xmlsec_key(EVP_PKEY* key) {
    EVP_PKEY_up_ref(key);
    const xmlSecKeyDataPtr data = xmlSecOpenSSLEvpKeyAdopt(key);
    if (!data) {
        EVP_PKEY_free(key);
        return nullptr;
    }
    const xmlSecKeyPtr made = xmlSecKeyCreate();
    if (!made || xmlSecKeySetValue(made, data) < 0) {
        xmlSecKeyDataDestroy(data);
        xmlSecKeyDestroy(made);
        return nullptr;
    }
    made->usage = xmlSecKeyUsageVerify;
    return made;
}

bool allow_algorithms(xmlSecDSigCtx* ctx) {
    const xmlSecTransformId for_signature[] = {xmlSecTransformInclC14NId,    xmlSecTransformExclC14NId,
                                               xmlSecTransformRsaSha256Id,   xmlSecTransformRsaSha384Id,
                                               xmlSecTransformRsaSha512Id,   xmlSecTransformEcdsaSha256Id,
                                               xmlSecTransformEcdsaSha384Id, xmlSecTransformEcdsaSha512Id};
    const xmlSecTransformId for_reference[] = {xmlSecTransformInclC14NId,  xmlSecTransformExclC14NId,
                                               xmlSecTransformEnvelopedId, xmlSecTransformSha256Id,
                                               xmlSecTransformSha384Id,    xmlSecTransformSha512Id};
    for (const auto id : for_signature)
        if (xmlSecDSigCtxEnableSignatureTransform(ctx, id) < 0) return false;
    for (const auto id : for_reference)
        if (xmlSecDSigCtxEnableReferenceTransform(ctx, id) < 0) return false;
    return true;
}

/// Left to its defaults, xmlsec 1.2 takes the key that the sender encloses and opens the files that a reference names.
context_ptr make_context(EVP_PKEY* key, const signed_part& part) {
    context_ptr ctx(xmlSecDSigCtxCreate(nullptr)); // no keys manager: nothing but the key below
    if (!ctx || !allow_algorithms(ctx.get())) return nullptr;
    ctx->enabledReferenceUris =
        part.reference.empty() ? xmlSecTransformUriTypeEmpty : xmlSecTransformUriTypeSameDocument;
    ctx->transformCtx.enabledUris = xmlSecTransformUriTypeNone;
    ctx->keyInfoReadCtx.retrievalMethodCtx.enabledUris = xmlSecTransformUriTypeNone;
    ctx->keyInfoReadCtx.maxRetrievalMethodLevel = 0;
    ctx->keyInfoReadCtx.maxEncryptedKeyLevel = 0;
    ctx->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
    if (part.look_at_bytes) ctx->flags |= XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
    if (xmlSecPtrListAdd(&ctx->keyInfoReadCtx.enabledKeyData,
                         const_cast<void*>(static_cast<const void*>(xmlSecKeyDataX509Id))) < 0)
        return nullptr;
    ctx->signKey = make_xmlsec_key(key);
    return ctx->signKey ? std::move(ctx) : nullptr;
}

std::string_view text(const xmlChar* s) { return s ? reinterpret_cast<const char*>(s) : std::string_view(); }

std::string qualified_name(const xmlNode* node) {
    const auto prefix = node->ns ? text(node->ns->prefix) : std::string_view();
    return prefix.empty() ? std::string(text(node->name)) : std::string(prefix) + ":" + std::string(text(node->name));
}

/// Canonicalization that gives up half-way must not pass for an empty document.
bool is_whole(const xmlNode* apex, xmlSecBufferPtr digested) {
    if (!digested) return false;
    const std::string_view bytes(reinterpret_cast<const char*>(xmlSecBufferGetData(digested)),
                                 xmlSecBufferGetSize(digested));
    const auto name = qualified_name(apex);
    const auto begin = "<" + name, end = "</" + name + ">";
    return bytes.size() > begin.size() + end.size() && bytes.substr(0, begin.size()) == begin &&
           (bytes[begin.size()] == ' ' || bytes[begin.size()] == '>') && bytes.substr(bytes.size() - end.size()) == end;
}

/// Looks again at what xmlsec says it did; empty when that is what had to be done.
std::string_view objection(xmlSecDSigCtx* ctx, const signed_part& part) {
    if (xmlSecPtrListGetSize(&ctx->signedInfoReferences) != 1) return "not exactly one reference";
    if (xmlSecPtrListGetSize(&ctx->manifestReferences) != 0) return "a manifest";
    const auto* const reference =
        static_cast<xmlSecDSigReferenceCtx*>(xmlSecPtrListGetItem(&ctx->signedInfoReferences, 0));
    if (reference->status != xmlSecDSigStatusSucceeded) return "the document was changed after it was signed";
    if (text(reference->uri) != part.reference || reference->type) return "another reference";
    if (ctx->status != xmlSecDSigStatusSucceeded) return "the signature value was not made with the certificate's key";
    if (part.look_at_bytes &&
        !is_whole(part.apex, xmlSecDSigReferenceCtxGetPreDigestBuffer(const_cast<xmlSecDSigReferenceCtx*>(reference))))
        return "the signature does not cover the whole document";
    return {};
}

} // namespace

void initialise() {
    static std::once_flag once;
    std::call_once(once, start_xmlsec);
}

result<void> compute(xmlNode* signature, EVP_PKEY* key, const signed_part& part) {
    const silenced quiet;
    const auto ctx = make_context(key, part);
    if (!ctx) return fail(errc::internal, "xmlsec");
    const bool computed = xmlSecDSigCtxVerify(ctx.get(), signature) >= 0;
    ERR_clear_error(); // what is left in the thread's queue would be taken for an error of its next TLS call
    if (const auto why = computed ? objection(ctx.get(), part) : "it cannot be computed"; !why.empty())
        return fail(error(errc::signature_invalid, std::string(why), xml::location_of(signature)));
    return {};
}

} // namespace truc::dsig
