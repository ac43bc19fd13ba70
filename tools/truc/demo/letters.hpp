#pragma once
#include "stage.hpp"

#include <initializer_list>

namespace truc::cli::demo {

/// A document without attachments of this agency, with a number of its own; not signed yet.
pack::edxml_document letter(stage& s, const actor& from, std::initializer_list<std::string_view> to,
                            std::string subject);

/// `number` kilobytes with one digit, for people.
std::string in_kilobytes(std::size_t bytes);

/// The delivery that an answer to a submission made for this agency.
std::string delivery_to(const json::object& answer, std::string_view code);

/// Fetches a delivery, compares it with what was sent and acknowledges it.
void take_home(stage& s, actor& who, const std::string& delivery, std::string_view kind, std::string_view sent);

/// Reports a status about a document that `by` has received; its sender receives it byte for byte.
void report(stage& s, std::string_view by, std::string_view sender, const json::object& answer, const std::string& code,
            const std::string& reason = {});

} // namespace truc::cli::demo
