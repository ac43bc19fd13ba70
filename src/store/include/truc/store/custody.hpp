#pragma once
/// Custody between nodes as the store keeps it: legs that come and go, evidence that comes back. Values.

#include <truc/base/durable.hpp>
#include <truc/model/envelope.hpp>
#include <truc/store/records.hpp>

namespace truc::store {

/// What becomes of a delivery at the node that takes it.
enum class fate : std::uint8_t {
    forward,       ///< its recipient's home is elsewhere: queued
    consign,       ///< home is here: into the recipient's inbox
    undeliverable, ///< custody is taken, and ends at once for a reason
};

/// One delivery of a leg that a neighbour offers.
struct incoming_delivery {
    uuid id;
    std::string recipient; ///< canonical code
    timestamp deadline;
    store::fate fate = store::fate::forward;
    errc reason{};              ///< of undeliverable
    std::string successor = {}; ///< of a recipient that is closed: in its inbox it is consigned. Else empty
    /// By the directory, the neighbour stands where this delivery comes from. Nothing else vouches for a delivery that
    /// is new here: hops are not signed.
    bool on_its_way = false;
};

/// A leg that passed every check of the transit. Only intake makes one.
struct incoming_leg {
    std::string neighbour; ///< who offers it
    uuid dispatch_id;
    dispatch_kind kind = dispatch_kind::edoc;
    std::string sender; ///< From, canonical
    std::string document_id;
    std::string code;
    std::string promulgated;
    std::string subject;
    std::string status_code;
    business_type business = business_type::new_document;
    truc::priority priority = truc::priority::normal;
    signature_outcome signature = signature_outcome::absent; ///< as the origin states it
    std::string origin;                                      ///< node
    bool by_gateway = false; ///< it came into the exchange there by a client that speaks for another exchange
    std::optional<sha256_digest> essence; ///< where it was looked for: at a recipient's home
    std::string receipt;                  ///< the origin's SubmissionAcceptance or Resend, verbatim
    bool resent = false;                  ///< it is a Resend, which vouches for the leg's only delivery
    std::string receipt_event;            ///< its event id
    timestamp accepted_at;                ///< at the origin
    std::vector<std::string> hops;
    std::string extra;
    std::vector<incoming_delivery> deliveries;
    business_action action;  ///< of a recall, update or replacement
    std::string traceparent; ///< as the envelope brought it
    spool content;           ///< finished; beyond the inline limit already linked into the content files
};

struct leg_taken {
    bool repeated = false; ///< every delivery of it was held already; nothing was changed
};

/// A delivery that waits to be passed on.
struct queued_delivery {
    std::int64_t seq = 0;
    std::int64_t dispatch = 0;
    truc::priority priority{};
    std::string recipient;
    std::vector<std::string> hops; ///< nodes that had custody before this one
    timestamp deadline;
    bool own = true;        ///< submitted here, so checked here in full
    std::string offered_to; ///< the neighbour that may have taken it, in this life of the node or an earlier one
    bool resent = false;    ///< a receipt of its own vouches for it, so that it makes a leg alone
    truc::lane_class lane_class{};
    std::string lane; ///< where it waits: a neighbour's, this node's own (its home is here), or nobody's (empty)
};

/// Where reading the queue goes on: the most urgent class first, then in the order of arrival.
struct queue_cursor {
    truc::lane_class lane_class = truc::lane_class::recall;
    std::int64_t seq = -1;
};

/// What is given to a neighbour. `header.hops` are those before this node: the sender adds itself.
struct outgoing_leg {
    envelope header;
    std::vector<std::int64_t> rows; ///< the deliveries in `header`, in the same order
    dispatch_kind kind{};
    std::string sender;
    std::string document_id;
    std::string receipt; ///< the origin's SubmissionAcceptance, or of a delivery that was sent again its Resend
    sha256_digest sha256;
    std::uint64_t size = 0;
};

/// Deliveries whose custody a neighbour has taken.
struct passing {
    std::vector<std::int64_t> rows;
    std::vector<std::string> hops; ///< of the leg as it was offered: this node last
    std::string neighbour;
};

/// An attempt to pass deliveries on that did not succeed.
struct failed_attempt {
    std::vector<std::int64_t> rows;
    std::string neighbour;
    std::string reason; ///< code of the catalogue, then what the neighbour said
    timestamp next_at;
};

/// An end that this node, which has custody, gives to deliveries that are queued or consigned.
struct ending {
    std::vector<std::int64_t> rows;
    delivery_state to = delivery_state::expired; ///< expired or undeliverable
    event_name event = event_name::expiry;
    std::string reason;
};

/// What its recipient's home finds when it checks a dispatch.
struct home_finding {
    store::fate fate = store::fate::consign; ///< or undeliverable
    errc reason{};                           ///< of undeliverable
    std::optional<sha256_digest> essence{};  ///< see new_dispatch; of one that was submitted here it is known
};

/// Queued deliveries of one dispatch whose recipient's home is this node by now.
struct arrival {
    std::vector<std::int64_t> rows;
    home_finding found;
    std::string successor = {}; ///< of their recipient, if that is closed
};

/// A delivery at one moment, for those who look after deadlines.
struct dated_delivery {
    std::int64_t seq = 0;
    std::int64_t dispatch = 0;
    uuid id;
    std::string recipient;
    delivery_state state{};
    timestamp deadline;
    std::string passed_to;
    std::string lane{};       ///< of a queued one
    std::string offered_to{}; ///< of a queued one: the neighbour that may have taken it
    held_kind held{};
};

/// One receipt of another node, verified by intake.
struct evidence {
    std::string event_id;
    event_name event{};
    std::string node; ///< that states it
    timestamp time;
    uuid dispatch_id;
    std::optional<uuid> delivery_id;
    std::string reason;
    std::string xml; ///< verbatim
};

/// What was read from a neighbour's feed, and where to go on.
struct evidence_batch {
    std::string neighbour;
    std::string log; ///< the neighbour's: positions in its feed belong to it
    std::vector<evidence> items;
    std::uint64_t next = 0;
};

/// What a receipt about a delivery has to agree with.
struct passed_delivery {
    uuid dispatch_id;
    std::string recipient;
    sha256_digest sha256;
    std::string passed_to; ///< empty: never passed on
    delivery_state state{};
    std::string offered_to;        ///< while it is queued: the neighbour that may have taken it
    std::vector<std::string> hops; ///< nodes that had custody before this one
};

/// One entry of a feed: an event of this node or a receipt of another.
struct feed_entry {
    std::uint64_t position = 0;
    std::string event_id;
    event_name event{};
    std::string xml;          ///< the receipt
    std::string submission{}; ///< what the sender called the message it is about; only in feeds of agencies
};

/// What a neighbour's log looked like when it was seen last, proven to extend what was seen before.
struct known_head {
    std::string log;
    std::uint64_t size = 0;
    sha256_digest root;
    timestamp time;
    std::string xml;
};

/// One version of a directory section, as its node signed it.
struct kept_section {
    std::string node;
    std::uint64_t version = 0;
    std::string text;
    bool counts = true; ///< false: its place in the chain does, but what it says is not in force (yet)
};

/// What is kept of one node's directory section.
struct section_version {
    std::string node;
    std::uint64_t version = 0;
    bool counts = true;
};

} // namespace truc::store
