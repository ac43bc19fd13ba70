#pragma once
#include "session.hpp"

namespace truc::cli {

/// Truc's id (or the delivery id) of what a person calls `text`: one of these two, a DocumentId, or number/notation,
/// which `from` makes unambiguous. A DocumentId means the document, not the statuses about it. Several matches are
/// listed and end with 1: nothing is guessed.
outcome<std::string> find_id(const context& c, session& s, const std::string& text, const std::string& from);

} // namespace truc::cli
