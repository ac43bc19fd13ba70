#pragma once
/// Who an authenticated client is and whom it may speak for: the same at every entrance.

#include <truc/api/services.hpp>
#include <truc/api/waiting_keys.hpp>

namespace truc::api {

/// Whether the client may come in by this entrance. Errors: credentials (it is disabled), not_permitted.
result<void> check_entrance(const directory::client& c, entrance e);

/// Agencies that a client speaks for, whose home is this node. `codes` holds each with its aliases, under which the
/// store may keep what was sent before a reorganisation. What lies behind a gateway is too much for a list: it is asked
/// for by code, and of inboxes those count that hold something.
struct spoken_for {
    std::vector<std::string> codes;
    std::size_t agencies = 0;
    std::string gateway; ///< the client's id, if it speaks for what is behind it, too
    std::shared_ptr<const directory::directory> directory;

    bool covers(std::string_view code) const;
    /// Where something may lie for them. Reads the store if there is a gateway.
    std::vector<std::string> inboxes(const store::store& s) const;
    /// For whom an answer about this delivery may count: `codes`, or its recipient. Reads the store if there is a
    /// gateway.
    std::vector<std::string> answering(const store::store& s, const uuid& delivery) const;
    /// To wait under for what comes into their inboxes.
    std::vector<std::string> inbox_keys() const;
};

/// Those of the channel's client, or the one that is named. Errors: sender_not_yours (the one named), not_permitted (it
/// acts for none), wrong_node (their home is elsewhere: `what` says where).
result<spoken_for> agencies_of(const services& s, const intake::channel& c, std::optional<std::string_view> named);

/// The client's place among those who ask at once, within its limits where there are any.
tl::expected<client_limits::ticket, client_limits::refusal> take_place(const services& s, const directory::client& c);

} // namespace truc::api
