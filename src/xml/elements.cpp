#include <truc/xml/elements.hpp>

namespace truc::xml {

namespace {

std::string_view view(const xmlChar* text) {
    return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

const xmlNode* element_from(const xmlNode* node) {
    while (node && node->type != XML_ELEMENT_NODE) node = node->next;
    return node;
}

} // namespace

result<document> parse_small(std::string_view text, const limits& l) {
    first_pass look(l);
    if (auto fed = look.feed(text); !fed) return fail(fed.error());
    if (auto finished = look.finish(); !finished) return fail(finished.error());
    return document::parse(text);
}

const xmlNode* first_element(const xmlNode* parent) { return element_from(parent->children); }
const xmlNode* next_element(const xmlNode* node) { return element_from(node->next); }
std::string_view namespace_of(const xmlNode* element) {
    return element->ns ? view(element->ns->href) : std::string_view();
}
std::string_view local_name(const xmlNode* element) { return view(element->name); }

std::optional<std::string> attribute(const xmlNode* element, std::string_view name) {
    for (const xmlAttr* a = element->properties; a; a = a->next) {
        if (a->ns || view(a->name) != name) continue;
        std::string value;
        for (const xmlNode* part = a->children; part; part = part->next) value += view(part->content);
        return value;
    }
    return std::nullopt;
}

std::size_t attribute_count(const xmlNode* element) {
    std::size_t count = 0;
    for (const xmlAttr* a = element->properties; a; a = a->next) ++count;
    return count;
}

std::optional<std::string> plain_text(const xmlNode* element) {
    if (!element->children) return std::string();
    const auto text = single_text(element);
    if (!text) return std::nullopt;
    return std::string(*text);
}

bool has_elements_only(const xmlNode* element) {
    for (const xmlNode* child = element->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE || child->type == XML_COMMENT_NODE) continue;
        if (child->type != XML_TEXT_NODE || view(child->content).find_first_not_of(" \t\r\n") != std::string_view::npos)
            return false;
    }
    return true;
}

} // namespace truc::xml
