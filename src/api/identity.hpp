#pragma once
/// Who an authenticated client is and whom it may speak for: the same at every entrance.

#include <truc/api/services.hpp>

namespace truc::api {

/// Whether the client may come in by this entrance. Errors: credentials (it is disabled), not_permitted.
result<void> check_entrance(const directory::client& c, entrance e);

/// Agencies that a client speaks for, whose home is this node. `codes` holds each with its aliases, under which the
/// store may keep what was sent before a reorganisation.
struct spoken_for {
    std::vector<std::string> codes;
    std::size_t agencies = 0;
};

/// Those of the channel's client, or the one that is named. Errors: sender_not_yours (the one named), not_permitted (it
/// acts for none), wrong_node (their home is elsewhere: `what` says where).
result<spoken_for> agencies_of(const services& s, const intake::channel& c, std::optional<std::string_view> named);

/// The client's place among those who ask at once, within its limits where there are any.
tl::expected<client_limits::ticket, client_limits::refusal> take_place(const services& s, const directory::client& c);

/// Keys of the waiting room: "inbox:" or "feed:" with each of the codes.
std::vector<std::string> waiting_keys(std::string_view kind, const std::vector<std::string>& codes);

} // namespace truc::api
