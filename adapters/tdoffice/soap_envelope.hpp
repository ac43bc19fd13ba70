#pragma once
/// SOAP 1.1 (W3C Note of 8 May 2000) as .asmx services speak it: document/literal, each parameter an element of text,
/// the answer one element of text. Pure functions.

#include <truc/base/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc::tdoffice {

struct soap_parameter {
    std::string name;
    std::string value;
};

/// The request's XML. Characters that XML 1.0 cannot carry become U+FFFD.
std::string write_soap(std::string_view name_space, std::string_view method,
                       const std::vector<soap_parameter>& parameters);

struct soap_answer {
    std::optional<std::string> fault; ///< faultstring; then there is no text
    std::string text;                 ///< of <method>Result
};

/// `xml` is UTF-8 without a declaration, see to_utf8(). Errors: those of xml::first_pass and xml::document; bad_request
/// when it is XML but no answer to this method.
result<soap_answer> read_soap(std::string_view xml, std::string_view name_space, std::string_view method);

} // namespace truc::tdoffice
