#pragma once
#include "test_pki.hpp"

#include <truc/dsig/verifier.hpp>
#include <truc/pack/edxml.hpp>
#include <truc/xml/document.hpp>
#include <truc/xml/schema.hpp>

#include <fstream>
#include <iterator>
#include <string>

namespace truc::test {

inline std::string sample(const std::string& name) {
    std::ifstream in(std::string(TRUC_SOURCE_DIR "/tests/data/edxml/") + name, std::ios::binary);
    if (!in) throw std::runtime_error("no sample " + name);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The bytes as an entrance that lets unsigned messages in would see them.
inline result<dsig::verified_view> view_of(std::string_view bytes) {
    xml::initialise();
    static const test_pki pki; // trusts somebody whom no sample names
    static const dsig::verifier verifier(
        std::make_shared<trust::certificate_store>(pki.agency_ca(), std::filesystem::path()));
    auto doc = xml::document::parse(bytes);
    if (!doc) return fail(doc.error());
    return verifier.verify(*std::move(doc), bytes.size(), signature_policy::if_present, timestamp{});
}

inline const xml::schema_registry& edxml_schemas() {
    static const xml::schema_registry registry(TRUC_SOURCE_DIR "/schemas/edxml");
    return registry;
}

inline result<pack::message> read(std::string_view bytes) {
    const auto view = view_of(bytes);
    if (!view) return fail(view.error());
    return pack::read(*view);
}

/// Replaces every occurrence; the text must be there.
inline std::string with(std::string text, std::string_view old, std::string_view replacement) {
    std::size_t at = text.find(old);
    if (at == std::string::npos) throw std::logic_error("not in the sample: " + std::string(old));
    for (; at != std::string::npos; at = text.find(old, at + replacement.size()))
        text.replace(at, old.size(), replacement);
    return text;
}

} // namespace truc::test
