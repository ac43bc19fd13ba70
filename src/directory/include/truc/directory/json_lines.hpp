#pragma once
/// The text form of the directory: JSON Lines, one object a line, `{"agency": {…}}`, `{"client": {…}}` or `{"node":
/// {…}}`.
///
/// - agency: code, name, node; level, parent, mail, gateway, aliases, successors, certificates, valid_from, valid_to,
///   documents, statuses
/// - client: id; certificates, agencies, entrances, disabled, gateway
/// - node: name; level, parent, http, amqp, links
///
/// Those before the semicolon are mandatory. Digests are hex, times RFC 3339, `documents` and `statuses` are "required"
/// or "if_present", `entrances` are "http", "amqp", "axis", "adapter", `amqp` is host:port, `links` are names of nodes,
/// an agency's `gateway` is a client's id, a client's `gateway` true. Pure functions.

#include <truc/directory/directory.hpp>

#include <variant>

namespace truc::directory {

using record = std::variant<agency, client, node>;

/// Reads one line. Unknown members are ignored; a wrong type or value, a repeated or missing member is an error:
/// bad_directory, `what` says where and what was expected ("agency/valid_to: expected a time such as …").
result<record> from_json_line(std::string_view line);

/// One line without its end; empty members are left out. from_json_line() reads the same value back.
std::string to_json_line(const agency& a);
std::string to_json_line(const client& c);
std::string to_json_line(const node& n);

} // namespace truc::directory
