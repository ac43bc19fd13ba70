#pragma once
#include <truc/pack/edxml.hpp>
#include <truc/xml/document.hpp>

#include <string>
#include <string_view>

namespace truc::pack {

/// Texts of more bytes are not read: in transit they are not even kept.
inline constexpr std::size_t longest_text = std::size_t{256} << 10;

/// What all readers of edXML begin with: the answer of pack::read(), whoever vouches for the tree.
result<message> read_tree(const xmlNode* root);

/// The child of that name in the edXML namespace: nullptr if there is none. Errors: schema if there are several.
result<const xmlNode*> at_most_one(const xmlNode* parent, std::string_view name);
/// Errors: schema if there is none, or several.
result<const xmlNode*> exactly_one(const xmlNode* parent, std::string_view name);
/// Its text, without outer white space. Errors: schema if the element is absent, several, blank or too long.
result<std::string> required_text(const xmlNode* parent, std::string_view name);
/// As above, but empty if the element is absent. Errors: schema if there are several, or it is too long.
result<std::string> optional_text(const xmlNode* parent, std::string_view name);
/// A schema error that names the element and its place.
tl::unexpected<error> schema_fault(const xmlNode* node, std::string what);

/// Calls `visit(child)` for each child of that name; stops at the first error.
template <class Visitor>
result<void> for_each(const xmlNode* parent, std::string_view name, Visitor&& visit) {
    for (const auto* n = xml::first_child(parent, edxml_namespace, name); n;
         n = xml::next_sibling(n, edxml_namespace, name))
        if (auto done = visit(n); !done) return done;
    return {};
}

} // namespace truc::pack
