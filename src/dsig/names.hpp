#pragma once
/// The names and algorithm identifiers that signatures here are made of (XML Signature 1.1, RFC 6931).

#include <string_view>

namespace truc::dsig {

constexpr std::string_view ns_dsig = "http://www.w3.org/2000/09/xmldsig#";
constexpr std::string_view ns_edxml = "http://www.mic.gov.vn/TBT/QCVN_102_2016";
constexpr std::string_view ns_receipt = "urn:truc:receipt:1";

constexpr std::string_view c14n_inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
constexpr std::string_view c14n_exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
constexpr std::string_view enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

constexpr std::string_view rsa_sha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
constexpr std::string_view ecdsa_sha256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
constexpr std::string_view sha256_method = "http://www.w3.org/2001/04/xmlenc#sha256";

} // namespace truc::dsig
