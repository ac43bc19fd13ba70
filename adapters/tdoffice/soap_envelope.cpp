#include "soap_envelope.hpp"

#include <truc/base/utf8.hpp>
#include <truc/xml/elements.hpp>
#include <truc/xml/escape.hpp>

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
    xml::append_text_content(name_space, out);
    out += "\">";
    for (const auto& [name, value] : parameters) {
        out += fmt::format("<{}>", name);
        xml::append_text_content(value, out);
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
