#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace truc {

/// How far a recipient's people have come with a document, as their statuses say. Never mixed up with the state of the
/// delivery: what its system has taken is `handed_over`, whatever becomes of it afterwards.
enum class business_state : std::uint8_t { unknown, arrived, registered, assigned, in_progress, refused, completed };

/// What became of the sender's wish to have the document back: a recall that came too late, or status 13.
enum class take_back : std::uint8_t { none, asked, agreed, declined };

struct business_view {
    business_state state = business_state::unknown;
    truc::take_back take_back = take_back::none;
};

/// Follows from all the statuses together. Their order does not matter, because it may have changed on the way, nor
/// does it that some are repeated or were left out (VIETTEL sends 03 and 05 at once). The one that says most counts:
/// 01, 03, 04, 05; a refusal (02) is for good; 06 says that in the end it was dealt with. A declined wish (16) may be
/// granted later (15). Codes that are no statuses say nothing.
business_view business_view_of(std::span<const std::string> codes);

std::string_view to_string(business_state s); ///< "" for unknown
std::string_view to_string(take_back t);      ///< "" for none

} // namespace truc
