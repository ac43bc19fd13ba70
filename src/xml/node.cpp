#include "trimmed.hpp"

#include <truc/xml/document.hpp>

#include <algorithm>
#include <vector>

namespace truc::xml {
namespace {

std::string_view view(const xmlChar* text) { return text ? reinterpret_cast<const char*>(text) : std::string_view{}; }

bool is_text(const xmlNode& node) { return node.type == XML_TEXT_NODE || node.type == XML_CDATA_SECTION_NODE; }

xmlNode* search(xmlNode* node, std::string_view ns, std::string_view local) {
    while (node && !is_element(node, ns, local)) node = node->next;
    return node;
}

void append_text(const xmlNode& parent, std::string& out) {
    for (const auto* child = parent.children; child; child = child->next) {
        if (is_text(*child)) out.append(view(child->content));
        if (child->type == XML_ELEMENT_NODE) append_text(*child, out);
    }
}

} // namespace

bool is_element(const xmlNode* node, std::string_view ns, std::string_view local) {
    if (!node || node->type != XML_ELEMENT_NODE || view(node->name) != local) return false;
    return node->ns ? view(node->ns->href) == ns : ns.empty();
}

xmlNode* first_child(const xmlNode* parent, std::string_view ns, std::string_view local) {
    return parent ? search(parent->children, ns, local) : nullptr;
}

xmlNode* next_sibling(const xmlNode* node, std::string_view ns, std::string_view local) {
    return node ? search(node->next, ns, local) : nullptr;
}

std::string text_of(const xmlNode* node) {
    std::string text;
    if (node) append_text(*node, text);
    return std::string(without_outer_space(text));
}

std::size_t text_size(const xmlNode* node) {
    std::size_t size = 0;
    for (const auto* child = node ? node->children : nullptr; child; child = child->next) {
        if (is_text(*child)) size += view(child->content).size();
        if (child->type == XML_ELEMENT_NODE) size += text_size(child);
    }
    return size;
}

std::optional<std::string_view> single_text(const xmlNode* node) {
    if (!node || !node->children || node->children->next || !is_text(*node->children)) return std::nullopt;
    return view(node->children->content);
}

std::string path_of(const xmlNode* node) {
    std::vector<std::string_view> names;
    for (; node && node->type == XML_ELEMENT_NODE; node = node->parent) names.push_back(view(node->name));
    std::string path;
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
        if (!path.empty()) path += '/';
        path += *name;
    }
    return path;
}

location location_of(const xmlNode* node) {
    if (!node) return {};
    const long line = xmlGetLineNo(node);
    return {line > 0 ? static_cast<std::uint32_t>(line) : 0, 0, path_of(node)};
}

} // namespace truc::xml
