#pragma once
/// The files with what clients identify themselves by (password_book, secret_book) as text: JSON Lines, each with a
/// member "client", and "until" where something else has replaced what the line holds. Empty lines and lines that begin
/// with '#' are skipped. A client has one line without "until" at most, and one with it. Pure functions.

#include <truc/base/clock.hpp>
#include <truc/base/result.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace truc::directory {

/// Passwords or secrets of a client that are good at a time: its own, and the one that it replaced.
inline constexpr std::size_t most_of_a_client = 2;

/// That a client has something there, without saying what.
struct kept_for_client {
    bool current = false;
    std::optional<timestamp> old_until; ///< what was replaced is good until then
};

/// Error: bad_configuration ("file:line: …").
result<std::map<std::string, kept_for_client, std::less<>>> kept_for_clients(std::string_view text,
                                                                             std::string_view name_for_errors);

/// The text with `line` in place of what the client had, or at the end. What it had last stays good until `old_until`
/// where that is given, and goes otherwise; older things go. All other lines stay as they are. With an empty `line` the
/// client has nothing any more. Error: bad_configuration when a line cannot be read.
result<std::string> with_client_line(std::string_view text, std::string_view client, std::string_view line,
                                     std::optional<timestamp> old_until);

} // namespace truc::directory
