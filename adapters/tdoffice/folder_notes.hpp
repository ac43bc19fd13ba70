#pragma once
/// The texts of .done and .err files: Vietnamese, lines with CR LF for the editors of Windows. What the adapter has to
/// find again in them stands behind fixed words. Pure functions.

#include "runtime/legacy_system.hpp"

#include <string>
#include <string_view>

namespace truc::tdoffice {

/// What a person needs to recognise a document: the file's name, number and notation as far as they can be read.
struct document_name {
    std::string file;
    std::string number; ///< "315/UBND-VP"; empty when the content does not tell
};

/// Number and notation, of a status those of the document it is about, from the beginning of a text that may be
/// anything; empty when it does not tell.
std::string number_in(std::string_view edxml);

std::string done_text(const document_name& d, const adapter::outgoing_report& r);
/// What became of it on the way to one recipient; a line of .done.
std::string recipient_line(const adapter::outgoing_report& r);
std::string err_text(const document_name& d, const std::string& err_file, const adapter::outgoing_report& r);

std::string dispatch_in(std::string_view done_text); ///< Truc's id; empty when there is none
std::string key_in(std::string_view note);           ///< empty when there is none

} // namespace truc::tdoffice
