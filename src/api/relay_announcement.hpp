#pragma once
/// The text that neighbours tell each other on the link `neighbour`: who they are, their clock, log and directory
/// sections. JSON. Pure functions.

#include <truc/api/relay.hpp>

namespace truc::api {

struct relay_announcement {
    /// A log as somebody knows it.
    struct log_state {
        std::string log;
        std::uint64_t size = 0;
    };
    /// That the log of `to` leaves extends the one of `from` leaves (RFC 6962, 2.1.2).
    struct extension {
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        std::vector<sha256_digest> nodes;
    };

    static constexpr std::size_t longest = std::size_t{1} << 20; ///< bytes

    std::string node;
    unsigned version = 0;
    std::vector<std::string> abilities;
    timestamp time;
    std::string log;
    std::string head;               ///< <SignedTreeHead>; empty: none was signed yet
    std::optional<log_state> known; ///< what the sender has seen of the receiver's log
    std::optional<extension> proof; ///< from what the receiver has seen to `head`
    section_keeper::versions_by_node sections;
    bool echo = false; ///< asks for an announcement in return
};

std::string write_announcement(const relay_announcement& a);
/// Hostile input. Unknown members are ignored. Error: bad_request.
result<relay_announcement> read_announcement(std::string_view text);

} // namespace truc::api
