#pragma once
#include <truc/base/clock.hpp>
#include <truc/base/uuid.hpp>
#include <truc/model/vocabulary.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace truc {

/// Between nodes: raised when an older node could no longer understand what is sent.
inline constexpr unsigned protocol_version = 1;
/// A delivery that has passed so many nodes runs in a circle and ends.
inline constexpr std::size_t hop_limit = 16;

/// Truc's routing header of a leg: the deliveries of one dispatch that go to one neighbour together. A value; written
/// and read by pack.
struct envelope {
    struct delivery {
        uuid id;
        std::string recipient; ///< canonical code
        timestamp deadline;
    };

    uuid dispatch_id;
    truc::priority priority = truc::priority::normal;
    /// The nodes that had custody before the receiver, origin first, the sender of the leg last. Its length is the
    /// custody number: it rises each time custody moves, so that a late copy of an earlier leg is known as such.
    std::vector<std::string> hops;
    /// Versions of the directory sections that the sender routed by: its own, the origin's, the recipients' homes'.
    std::map<std::string, std::uint64_t> sections;
    std::vector<delivery> deliveries;
    /// W3C trace context of the submission (truc/model/traceparent.hpp); empty where an older node left it out.
    std::string traceparent;
    /// Elements of newer nodes that this one does not know, in canonical form: carried on, not understood.
    std::string extra;
};

} // namespace truc
