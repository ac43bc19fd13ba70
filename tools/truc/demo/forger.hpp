#pragma once
#include <string>
#include <string_view>

namespace truc::cli::demo {

/// What an attacker would send: signed with a key nobody knows, which stands in the signature itself as a KeyValue. A
/// verifier that takes the key from there finds a perfect signature.
std::string sign_with_enclosed_key(std::string_view edxml);

} // namespace truc::cli::demo
