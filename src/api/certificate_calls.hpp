#pragma once
#include "answers.hpp"

#include <truc/api/certificate_watch.hpp>

namespace truc::api {

/// GET /admin/certs. Reads files and the store: on the pool.
result<http::response> show_certificates(const services& s, const certificate_watch& watch,
                                         const http::request_head& head);

} // namespace truc::api
