#pragma once
#include <string>
#include <string_view>

namespace truc::trust {

/// The two forms of an ECDSA signature on P-256: ASN.1 as OpenSSL has it, and r‖s, 32 bytes each (RFC 4051). (r, s) and
/// (r, n − s) are good for the same message; of the two only the one with the lower s counts here, so that nobody but
/// the signer can make a second signature. Empty when the input is no such signature.
std::string fixed_width_from_der(std::string_view der);
std::string der_from_fixed_width(std::string_view fixed_width);

} // namespace truc::trust
