#include "text.hpp"

#include <truc/xml/escape.hpp>

namespace truc::ledger {

void append_element(std::string_view name, std::string_view text, std::string& out) {
    out.append("<").append(name).append(">");
    xml::append_text_content(text, out);
    out.append("</").append(name).append(">");
}

} // namespace truc::ledger
