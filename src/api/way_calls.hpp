#pragma once
/// What administrators ask of the ways to other nodes: lanes, neighbours, alarms, and why a delivery is where it is.
/// All of it blocks on the store: run on the pool.

#include "answers.hpp"

#include <truc/http/request.hpp>

namespace truc::api {

/// Where something for this recipient goes, by the directory in force. Empty: not known, or no way.
struct route {
    std::string home;
    std::string next_hop; ///< this node itself when it has arrived
};
route route_to(const services& s, const directory::directory& d, std::string_view recipient);

result<http::response> show_queue(const services& s);
result<http::response> show_shape(const services& s);
result<http::response> show_neighbours(const services& s);
json::object describe_neighbour(const services& s, const neighbour_view& n);
result<http::response> show_alarms(const services& s);
/// By Truc id or delivery id: a sentence for each open delivery; when nothing is open, how it ended. Error: not_found.
result<http::response> explain_waiting(const services& s, const http::request_head& head, const std::string& id);

} // namespace truc::api
