#pragma once
/// What administrators do with deliveries, and how they look for them. All of it blocks on the store: run on a pool.

#include "answers.hpp"

#include <truc/http/request.hpp>

namespace truc::api {

/// The code as the directory has it, of any form; itself when no agency has it.
std::string canonical_code(const services& s, std::string_view code);
/// Deliveries by recipient, sender, state, hold and time of acceptance. Error: bad_request.
result<http::response> show_deliveries(const services& s, const http::request_head& head);

enum class delivery_action : std::uint8_t { hold, release, expire };
std::optional<delivery_action> delivery_action_of(std::string_view verb);
/// Of deliveries that are named (`ids`, `id`), that wait for a neighbour (`to`) or that are for an agency
/// (`recipient`). Answers how many were `changed`, and of how many of these it is `in_doubt` (doubt.hpp). Large
/// selections are changed in pages: what was changed stays changed when a later page fails. Errors: bad_request,
/// not_found, not_in_custody.
result<http::response> change_deliveries(const services& s, delivery_action action, const std::string& body,
                                         const std::string& administrator);
/// Errors: bad_request, and those of store::resend().
result<http::response> resend_delivery(const services& s, const std::string& body, const std::string& administrator);
/// Errors: bad_request, not_found.
result<http::response> change_legal_hold(const services& s, const std::string& body, const std::string& administrator);
/// Tries lanes at once, and leaves the event: of the deliveries that `id` names, or of all that was asked for. `{}`:
/// every lane, `{"to": NODE}`: that one, `{"id": ID}`: those that a dispatch or delivery waits in. Errors: bad_request,
/// not_found.
result<http::response> retry_lanes(const services& s, const std::string& body, const std::string& administrator);

} // namespace truc::api
