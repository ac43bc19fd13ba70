#pragma once
#include <openssl/x509.h>

#include <string>

namespace truc::trust {

/// A certificate as a log line names it: common names of subject and issuer, serial number, SHA-256. Strangers' names
/// are escaped and cut: no line breaks, nothing that hides or turns text.
std::string mention(X509* certificate);

} // namespace truc::trust
