#pragma once
#include <string>
#include <string_view>

namespace truc::cli {

/// What a status code means (edXML's list), in the person's language; empty for one that is not in the list.
std::string status_in_words(std::string_view code);

} // namespace truc::cli
