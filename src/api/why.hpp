#pragma once
/// Why a delivery is not at its end, or how it ended: one true sentence out of what this node knows, who must act, and
/// when something happens next. Pure functions; gathering the facts is others' business.

#include <truc/api/neighbours.hpp>
#include <truc/base/alarms.hpp>
#include <truc/deliver/forwarder.hpp>
#include <truc/store/records.hpp>

namespace truc::api {

/// What the evidence of other nodes says of a delivery that was passed on.
struct whereabouts {
    std::string node; ///< that took it last
    timestamp since;
    bool in_inbox = false; ///< of the recipient
};

/// What the recipient's system said of a delivery that lies in its inbox.
struct last_word {
    store::reported said{};
    timestamp at;
};

/// That another node, which has it, holds a delivery; by evidence.
struct hold_there {
    std::string node;
    std::string reason;
    timestamp since;
};

/// All that this node knows of one delivery at one moment.
struct delivery_facts {
    store::delivery_row delivery;
    std::string node;     ///< this one
    std::string home;     ///< the recipient's, by the directory in force; empty: it is not known here
    std::string next_hop; ///< towards it; empty: no way is known
    /// Of the next hop, or of the node that it was passed on to; empty: none such is configured.
    std::optional<neighbour_view> neighbour;
    std::optional<deliver::lane_view> lane;
    std::vector<alarm> alarms; ///< about that neighbour
    std::optional<whereabouts> evidence;
    std::optional<last_word> said; ///< last, if anything
    std::optional<hold_there> held_elsewhere{};
    bool takes_back = false;              ///< it is a recall, update or replacement
    bool is_mark = false;                 ///< and what it takes back has not come to its recipient's node, this one
    std::optional<timestamp> too_late{};  ///< and that was handed over before it came, then
    std::optional<timestamp> warned{};    ///< its sender, that it will expire
    std::string expired_by{};             ///< the administrator who had it expire; empty: nobody did
    std::optional<uuid> repeated_by{};    ///< the delivery that an administrator made for it again
    std::string legal_hold{};             ///< who asked that its content is kept, and why
    std::optional<timestamp> purged_at{}; ///< its content was removed
    timestamp now;
};

struct explanation {
    std::string text;
    std::optional<truc::who> must_act; ///< nobody: it has ended well, or goes on by itself
    std::optional<timestamp> next_at;
};

explanation explain_delivery(const delivery_facts& f, language lang);

/// For a dispatch with nothing open: how many deliveries there were, and how they ended.
std::string explain_ends(const std::vector<store::delivery_row>& deliveries, language lang);

} // namespace truc::api
