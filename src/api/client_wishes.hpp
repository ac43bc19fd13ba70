#pragma once
/// What administrators' calls about clients ask for. Errors: bad_request.

#include <truc/directory/directory.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace truc::api {

/// A client that is to be, and what is to be made for it.
struct wanted_client {
    directory::client client;
    bool password = false;
    bool secret = false;
};
/// Whether its agencies are there is not asked here.
result<wanted_client> read_wanted_client(const std::string& body);

/// What a client is to be known by instead of what it has; one of the three.
struct rotation {
    std::optional<sha256_digest> certificate;
    bool password = false;
    bool secret = false;
    std::chrono::hours overlap{24}; ///< for which the old one is still good
};
result<rotation> read_rotation(const std::string& body);

/// The entrances that a certificate, a password or a secret is for, where nobody has said which.
std::vector<entrance> usual_entrances(bool certificate, bool password, bool secret);

/// The certificate that is to be dropped.
result<sha256_digest> read_dropped(const std::string& body);

} // namespace truc::api
