// Two parsers read each document: libxml2 for signature and routing, xerces-c for the schema. Here the bytes arrive in
// random pieces, and whatever the schema registry accepts must have become a tree that pack reads without surprise.
#include <truc/dsig/verifier.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/xml/first_pass.hpp>
#include <truc/xml/schema.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace {

using namespace truc;

[[noreturn]] void differ(const char* how, const error& e) {
    std::fprintf(stderr, "%s: %s\n", how, e.what.c_str());
    std::abort();
}

result<void> in_pieces(std::string_view bytes, std::uint32_t seed) {
    std::minstd_rand random(seed);
    xml::first_pass pass;
    while (!bytes.empty()) {
        const std::size_t size = std::min<std::size_t>(bytes.size(), 1 + random() % 97);
        if (auto fed = pass.feed(bytes.substr(0, size)); !fed) return fed;
        bytes.remove_prefix(size);
    }
    return pass.finish();
}

result<void> whole(std::string_view bytes) {
    xml::first_pass pass;
    if (auto fed = pass.feed(bytes); !fed) return fed;
    return pass.finish();
}

/// What document refuses on purpose although it is well-formed: namespace names that are no absolute URIs, and bad
/// xml:id.
bool is_stricter(const error& e) {
    return e.what.find("xmlns") != std::string::npos || e.what.find("xml:id") != std::string::npos;
}

void read(xml::document doc, std::size_t size) {
    static const dsig::verifier verifier(nullptr);
    const auto view = verifier.verify(std::move(doc), size, signature_policy::if_present, timestamp{});
    if (!view) return;
    const auto message = pack::read(*view);
    if (!message) return;
    if (!message->from || message->to.empty() || message->document_id.empty()) std::abort();
    const auto count = message->attachments.size();
    (void)pack::decode_attachments(*view, [&](std::size_t index, std::string_view) -> result<void> {
        if (index >= count) std::abort();
        return {};
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const xml::schema_registry schemas(TRUC_SOURCE_DIR "/schemas/edxml");
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto first = whole(bytes);
    const auto pieces = in_pieces(bytes, static_cast<std::uint32_t>(size) + 1);
    if (first.has_value() != pieces.has_value()) differ("the cut decides", first ? pieces.error() : first.error());
    if (!first) return 0;

    auto doc = xml::document::parse(bytes);
    const auto valid = schemas.validate(bytes);
    if (valid && !doc && !is_stricter(doc.error())) differ("the schema accepts what is no document", doc.error());
    // Signatures have a target of their own, with certificates.
    if (doc && bytes.find("Signature") == std::string_view::npos) read(*std::move(doc), size);
    return 0;
}
