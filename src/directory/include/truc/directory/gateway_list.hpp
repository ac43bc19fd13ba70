#pragma once
/// The list by which a gateway says for which agencies outside the tree it speaks. Pure functions.

#include <truc/directory/directory.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace truc::directory {

/// One agency as the gateway declares it.
struct declared_agency {
    agency_code code;
    std::string name;
    std::string parent; ///< code, may be empty
    std::string mail;
};

/// A list as it came. Other people keep it, so an entry that cannot be understood costs that entry alone.
struct gateway_list {
    static constexpr std::size_t largest_text = std::size_t{64} << 20;
    static constexpr std::size_t most_agencies = 200'000; ///< a section holds no more than 250,000 records
    static constexpr std::size_t most_remarks = 20;

    std::vector<declared_agency> agencies; ///< each code once, as it stood there first
    std::size_t not_understood = 0;        ///< entries without a code or a name that can be used
    std::vector<std::string> remarks;      ///< the first of those: "entry 17: code: …"
};

/// Reads objects {code, name, parent?, mail?}, one after the other (JSON Lines) or in one array; unknown members are
/// ignored. Errors: bad_request (not JSON, or something else than objects), too_large.
result<gateway_list> read_gateway_list(std::string_view text);

/// What the directory's file has to say differently so that exactly the agencies of a list are behind a gateway.
struct gateway_change {
    std::vector<agency> to_write;
    std::vector<std::string> to_forget; ///< codes, closed long ago
    std::size_t known = 0;              ///< open behind the gateway until now
    // Of the list:
    std::size_t added = 0;
    std::size_t changed = 0; ///< in name, parent or mail
    std::size_t reopened = 0;
    std::size_t kept = 0;
    std::size_t left_out = 0; ///< the tree or another gateway has them, or they are closed and have successors
    // Not in the list:
    std::size_t closed = 0;  ///< from now on; not forgotten at once, for documents name them
    std::size_t records = 0; ///< in the section of the gateway's node, then

    std::size_t declared() const { return added + changed + reopened + kept; }
    /// The list looks like one that is empty or cut off: it closes a fifth of what is known, and more than a few.
    bool closes_too_many() const;
};

/// An agency that is closed behind a gateway is forgotten a year later, or when there are more of them, or more records
/// in the section, than is good for it: the oldest first.
inline constexpr std::chrono::hours remembered_closed{24 * 365};
inline constexpr std::size_t most_closed = 100'000;

/// `file` is what the node's own administrators say, `in_force` what everybody says. The new agencies are at home at
/// the gateway's node and need not sign. What is not behind this gateway is never touched. A parent that the file would
/// not know, or that would close a circle, is left away. What is `in_use` is not forgotten, nor what another record
/// names.
gateway_change plan_gateway_change(const directory& file, const directory& in_force, const client& gateway,
                                   const std::vector<declared_agency>& list, timestamp now,
                                   const std::unordered_set<std::string>& in_use = {});
/// The file's text after the change. Error: bad_directory, where the node could not sign it as its section, nor others
/// take it, or that of with_agencies().
result<std::string> with_change(std::string_view text, const gateway_change& change);

} // namespace truc::directory
