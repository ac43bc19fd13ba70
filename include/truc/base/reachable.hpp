#pragma once
#include <string>

namespace truc {

/// Whether a server or listener at this host can be reached only from this machine or from a private network: every
/// address that it stands for is loopback, private (RFC 1918, RFC 4193) or link-local (RFC 3927, RFC 4291 2.5.6). A
/// wildcard is not, nor is a name that cannot be resolved.
bool is_private(const std::string& host);

} // namespace truc
