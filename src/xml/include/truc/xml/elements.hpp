#pragma once
/// Strict reading of small texts that Truc itself writes in one form (evidence, envelopes): nothing else needs to be
/// understood.

#include <truc/xml/document.hpp>
#include <truc/xml/first_pass.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace truc::xml {

/// First pass and tree of a text that is in memory as a whole. Errors: those of first_pass and document.
result<document> parse_small(std::string_view text, const limits& l);

const xmlNode* first_element(const xmlNode* parent);
const xmlNode* next_element(const xmlNode* node);
std::string_view namespace_of(const xmlNode* element);
std::string_view local_name(const xmlNode* element);

/// Value of the attribute without namespace; nullopt if it is not there.
std::optional<std::string> attribute(const xmlNode* element, std::string_view name);
std::size_t attribute_count(const xmlNode* element);
/// Text of an element that holds nothing but text, as it stands; nullopt when there is markup in it.
std::optional<std::string> plain_text(const xmlNode* element);
/// True when nothing but elements, comments and white space stands directly below the node.
bool has_elements_only(const xmlNode* element);

} // namespace truc::xml
