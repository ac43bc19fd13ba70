#pragma once
#include "session.hpp"
#include "verbs.hpp"

namespace truc::cli {

/// Truc's id (or the delivery id) of what a person means. Its name is one of these two, the id of one of its events, a
/// DocumentId, or number/notation; sender, recipient and time make that unambiguous, or stand for it. A DocumentId
/// means the document, not the statuses about it. Several matches are listed and end with 1: nothing is guessed. The
/// same for every verb that takes an ID.
outcome<std::string> find_id(const context& c, session& s, const find_options& o);
/// What an ID may be, for people.
std::string id_words();
/// Whether anything is said of what is looked for.
bool names_something(const find_options& o);

} // namespace truc::cli
