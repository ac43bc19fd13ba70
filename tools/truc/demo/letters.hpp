#pragma once
#include "stage.hpp"

#include <initializer_list>

namespace truc::cli::demo {

/// A document without attachments of this agency, with a number of its own; not signed yet.
pack::edxml_document letter(stage& s, const actor& from, std::initializer_list<std::string_view> to,
                            std::string subject);

/// `number` kilobytes with one digit, for people.
std::string in_kilobytes(std::size_t bytes);

} // namespace truc::cli::demo
