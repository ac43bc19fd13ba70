#pragma once
#include "answers.hpp"

#include <truc/deliver/legal_clocks.hpp>

namespace truc::api {

/// GET /admin/report: what the law asks of agencies, for a day, and what is late now. Reads the deliveries of a whole
/// day: on the pool. Errors: bad_request (`day`), not_found (`agency`).
result<http::response> show_report(const services& s, const deliver::legal_clocks& clocks,
                                   const http::request_head& head);

} // namespace truc::api
