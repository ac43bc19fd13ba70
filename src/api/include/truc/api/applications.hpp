#pragma once
/// The faces of a node over HTTP. Each translates requests to intake, deliver and store, and nothing else.

#include <truc/api/services.hpp>
#include <truc/api/upkeep.hpp>
#include <truc/http/server.hpp>

#include <atomic>
#include <memory>

namespace truc::api {

/// REST v1 for agencies' systems: the client certificate says who connects (schemas/openapi.yaml). What gateways change
/// in the directory runs on `changes`, the one of make_admin(), so that nobody changes the file at the same time.
std::unique_ptr<http::application> make_rest(const services& s, net::work_pool& changes);
/// For the server of REST: who has no certificate can only read the documentation, and is not waited for.
http::server_options rest_listening();

/// The same reading calls for everything the node keeps, and what only administrators may do, over the Unix socket. The
/// administrator's name is the user at the other end of the socket. What changes something runs on `changes`, of one
/// thread and outliving the application: a change waits for the one before it, for scrypt and for the disk, and
/// documents are examined meanwhile.
std::unique_ptr<http::application> make_admin(const services& s, net::work_pool& changes, const upkeep& u = {});

/// /healthz, /readyz and /metrics, plain HTTP. `draining` makes /readyz answer 503 before the node stops.
std::unique_ptr<http::application> make_observe(const services& s, const std::atomic<bool>& draining);

} // namespace truc::api
