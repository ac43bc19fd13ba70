#include "elements.hpp"

#include <fmt/format.h>

namespace truc::pack {

tl::unexpected<error> schema_fault(const xmlNode* node, std::string what) {
    return fail(error(errc::schema, std::move(what), xml::location_of(node)));
}

result<const xmlNode*> at_most_one(const xmlNode* parent, std::string_view name) {
    const xmlNode* found = xml::first_child(parent, edxml_namespace, name);
    if (const auto* second = xml::next_sibling(found, edxml_namespace, name))
        return schema_fault(second, fmt::format("{} occurs more than once", name));
    return found;
}

result<const xmlNode*> exactly_one(const xmlNode* parent, std::string_view name) {
    auto found = at_most_one(parent, name);
    if (found && *found == nullptr) return schema_fault(parent, fmt::format("{} is missing", name));
    return found;
}

namespace {

/// The length is that of the text as it stands, so that a tree in which long texts were cut gives the same answer.
result<std::string> text_of(const xmlNode* node) {
    if (xml::text_size(node) > longest_text)
        return schema_fault(node, fmt::format("more than {} KiB of text", longest_text >> 10));
    return xml::text_of(node);
}

} // namespace

result<std::string> required_text(const xmlNode* parent, std::string_view name) {
    const auto node = exactly_one(parent, name);
    if (!node) return fail(node.error());
    auto text = text_of(*node);
    if (text && text->empty()) return schema_fault(*node, fmt::format("{} is empty", name));
    return text;
}

result<std::string> optional_text(const xmlNode* parent, std::string_view name) {
    const auto node = at_most_one(parent, name);
    if (!node) return fail(node.error());
    return text_of(*node);
}

} // namespace truc::pack
