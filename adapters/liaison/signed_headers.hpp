#pragma once
#include <truc/client/http_client.hpp>

#include <string>
#include <utility>
#include <vector>

namespace truc::liaison {

/// Parameters of one operation by their names without "XroadVnpt-".
using axis_parameters = std::vector<std::pair<std::string, std::string>>;

/// The header fields that carry the parameters and sign them, as the Java SDK 2.0.0 writes them: in the order of its
/// hash table, then sign-header-key, sign-header and hash-header. Pure.
std::vector<client::http_field> signed_fields(axis_parameters parameters, std::string_view secret);

} // namespace truc::liaison
