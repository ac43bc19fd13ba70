#pragma once
/// Deliveries as the writer moves them from state to state, each step with its event.

#include "transaction.hpp"

namespace truc::store {

/// A delivery's row, with what its events state about the dispatch.
struct held_delivery {
    std::int64_t seq = 0;
    std::int64_t dispatch = 0;
    uuid id;
    uuid dispatch_id;
    dispatch_kind kind{};
    business_type business{};
    std::string recipient;
    truc::priority priority{};
    truc::lane_class lane_class{};
    delivery_state state{};
    timestamp deadline;
    std::uint64_t last_leaf = 0; ///< the event that brought it into this state
    std::string passed_to;
    std::string offered_to; ///< while it is queued: who is asked first, or was asked and may have taken it
    std::string lane;       ///< while it is queued: where it waits
    timestamp accepted_at;  ///< by its origin, of a new one: added or sent again later than its dispatch perhaps
    std::vector<std::string> hops;
    std::vector<std::string> came_from; ///< neighbours that gave custody
    std::string document_id;
    std::string sender;
    sha256_digest sha256;
    bool own = true;          ///< submitted here
    std::int64_t copy_of = 0; ///< the row of the first copy, whose end it waits for; 0: none
    held_mark held;
    std::uint64_t held_leaf = 0;  ///< of its Hold
    unsigned resend = 0;          ///< 0: the first one for its recipient; else the how manieth repetition
    std::int64_t resent_from = 0; ///< the row of the ended delivery that it repeats; 0: none, or never here
    std::int64_t vouched_by = 0;  ///< the evidence that is its origin's Resend, where that is another node; 0: none
};

std::optional<held_delivery> find_held(connection& db, const uuid& id);
std::optional<held_delivery> find_held(connection& db, std::int64_t seq);
/// What lies or ended in the inbox of one of these agencies; nullopt for somebody else's. What another node has custody
/// of is in no inbox here, whatever became of it there.
std::optional<held_delivery> find_delivered(connection& db, const uuid& id, const std::vector<std::string>& recipients);

/// Whether this node, and no other as far as it knows, may end it.
inline bool is_in_custody(const held_delivery& v) {
    return v.state == delivery_state::queued || v.state == delivery_state::consigned;
}
/// Whether that node had custody earlier on the way, or gave it to this one.
bool was_held_by(const held_delivery& v, const std::string& node);
/// Whose feeds tell of this delivery: everybody who gave its custody to this node.
std::vector<std::string> readers_of(const held_delivery& v);
/// An event that states what it is about; id and time come when it is recorded.
ledger::event event_about(const held_delivery& v, event_name name);
std::uint64_t record(transaction& t, ledger::event e, const held_delivery& v);

/// A receipt of another node goes into the feeds of those who gave custody to this one, but for the neighbour that
/// brought it.
void pass_back(transaction& t, const held_delivery& v, std::int64_t receipt, const std::string& neighbour);
/// What is known of it already goes into the feed of a neighbour that reads about it from now on.
void append_known_evidence(transaction& t, const held_delivery& v, const std::string& neighbour);

/// Of a dispatch that was only passed through this node until now.
void keep_essence(connection& db, std::int64_t dispatch, const std::optional<sha256_digest>& essence);
/// The delivery by which this recipient has the same document already: in its inbox, or handed over, which counts more.
struct first_copy {
    std::int64_t seq = 0;
    uuid id;
    delivery_state state{};
};
/// One that came into the exchange at another node, or of which only one came by a gateway: whoever sends the same
/// document anew, corrected perhaps, means it.
std::optional<first_copy> find_first_copy(connection& db, const held_delivery& v);

/// A delivery of what was submitted here, in the event `last_leaf`: into its recipient's inbox, or on its way. False
/// when the dispatch has one for this recipient already.
bool deliver_submitted(transaction& t, held_delivery& v, bool elsewhere, const business_action& action);
/// Writes the row as it is, and gives it its number. False when the dispatch has a delivery for this recipient already.
bool insert_delivery(transaction& t, held_delivery& v);
/// The event of a delivery that lies in its recipient's inbox from now on; tells who waits for one.
std::uint64_t record_consignment(transaction& t, const held_delivery& v);
/// queued → consigned; for a recipient that is closed in its successor's inbox, under the successor's name. A successor
/// that the document was sent to itself gets it once: then the delivery ends undeliverable. A second copy yields.
void consign(transaction& t, held_delivery& v, const std::string& successor = {});
/// Stands in `held_by` where no person had it expire but its deadline.
inline constexpr std::string_view held_by_truc_itself = "Truc";
/// An end that this node gives, since custody is here.
struct end_cause {
    delivery_state to{};
    event_name event{};
    std::string reason;
    std::string channel;
    std::vector<std::string> also_answers = {}; ///< beside the event that brought it to where it ends
};
/// From now on nobody holds it.
void lift_hold(connection& db, held_delivery& v);
/// Copies that waited for this end are consigned, or end as well. What expires while it is held says why it was.
void end(transaction& t, held_delivery& v, end_cause cause);
/// A recipient to whom a document came in two ways has it once. Behind a first copy that was handed over the delivery
/// ends undeliverable. Behind one that may still end otherwise it is consigned, with no event yet, and in nobody's
/// inbox until then.
void yield_to(transaction& t, held_delivery& v, const first_copy& first);
/// The end that an event states, if it states one.
std::optional<delivery_state> end_stated_by(event_name name);
/// An end that the neighbour gave, or whoever had custody after it; by evidence.
struct stated_end {
    delivery_state to{};
    timestamp at; ///< by the clock of who states it
    std::string reason;
    std::int64_t evidence = 0; ///< its row
};
void end_elsewhere(transaction& t, const held_delivery& v, const std::string& neighbour, const stated_end& e);
/// The neighbour that will be asked first to take what goes to this recipient.
std::string first_asked(const transaction& t, const std::string& recipient);
/// Tells those who pass deliveries on; not of one that is held.
void announce_queued(transaction& t, const held_delivery& v);
/// Waits in that lane from now on, and those are told who pass deliveries on.
void wait_in(transaction& t, held_delivery& v, const std::string& lane);
/// The same of one that is queued by other hops than before, or again; whoever is asked first now goes on record.
void announce_again(transaction& t, held_delivery& v);

} // namespace truc::store
