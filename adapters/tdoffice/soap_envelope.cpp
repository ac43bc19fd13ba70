#include "soap_envelope.hpp"

#include <truc/base/utf8.hpp>
#include <truc/xml/elements.hpp>

#include <fmt/format.h>

namespace truc::tdoffice {

namespace {

constexpr std::string_view soap_namespace = "http://schemas.xmlsoap.org/soap/envelope/";

/// How many levels and elements an answer of text has, with room for the details of a fault.
xml::limits answer_limits(std::size_t size) {
    xml::limits l;
    l.bytes = size;
    l.depth = 16;
    l.nodes = 1000;
    return l;
}

bool is_xml_character(std::string_view one) {
    const auto first = static_cast<unsigned char>(one.front());
    if (first < 0x20) return first == '\t' || first == '\n' || first == '\r';
    return one != "\xEF\xBF\xBE" && one != "\xEF\xBF\xBF"; // U+FFFE, U+FFFF
}

std::string_view reference_of(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\r':
        return "&#13;"; // a bare one would arrive as a line feed
    default:
        return {};
    }
}

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto plain = std::min(text.find_first_of("&<>\r"), text.size());
        auto run = text.substr(0, plain);
        text.remove_prefix(plain);
        for (std::size_t length = 0; !run.empty(); run.remove_prefix(std::max<std::size_t>(length, 1))) {
            // Base64 and most of Vietnamese go in long stretches that need no look at each character.
            length =
                std::min(run.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= "),
                         run.size());
            if (length == 0) length = utf8_length(run);
            const auto one = run.substr(0, length);
            out += length > 0 && is_xml_character(one) ? one : replacement_character;
        }
        if (text.empty()) return;
        out += reference_of(text.front());
        text.remove_prefix(1);
    }
}

std::string fault_text(const xmlNode* fault) {
    for (const auto* child = xml::first_element(fault); child; child = xml::next_element(child))
        if (xml::local_name(child) == "faultstring") return xml::text_of(child);
    return "SOAP fault";
}

} // namespace

std::string write_soap(std::string_view name_space, std::string_view method,
                       const std::vector<soap_parameter>& parameters) {
    std::size_t size = 512;
    for (const auto& p : parameters) size += 2 * p.name.size() + p.value.size() + p.value.size() / 8 + 16;
    std::string out;
    out.reserve(size);
    out += R"(<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap=")";
    out += soap_namespace;
    out += R"("><soap:Body>)";
    out += fmt::format("<{} xmlns=\"", method);
    append_escaped(out, name_space);
    out += "\">";
    for (const auto& [name, value] : parameters) {
        out += fmt::format("<{}>", name);
        append_escaped(out, value);
        out += fmt::format("</{}>", name);
    }
    out += fmt::format("</{}></soap:Body></soap:Envelope>", method);
    return out;
}

result<soap_answer> read_soap(std::string_view text, std::string_view name_space, std::string_view method) {
    const auto doc = xml::parse_small(text, answer_limits(text.size()));
    if (!doc) return fail(doc.error());
    const auto no_answer = [&] { return fail(errc::bad_request, fmt::format("no SOAP answer to {}", method)); };
    if (!xml::is_element(doc->root(), soap_namespace, "Envelope")) return no_answer();
    const auto* body = xml::first_child(doc->root(), soap_namespace, "Body");
    const auto* content = body ? xml::first_element(body) : nullptr;
    if (!content) return no_answer();

    soap_answer answer;
    if (xml::is_element(content, soap_namespace, "Fault")) {
        answer.fault = fault_text(content);
        return answer;
    }
    if (!xml::is_element(content, name_space, fmt::format("{}Response", method))) return no_answer();
    const auto* value = xml::first_child(content, name_space, fmt::format("{}Result", method));
    if (!value || xml::first_element(value)) return no_answer();
    answer.text = xml::text_of(value);
    return answer;
}

} // namespace truc::tdoffice
